"""What the general tasks ask, so that no training row repeats it: else the forgetting suite measures memory."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tunegate.core.errors import DataError
from tunegate.core.files import parse_json
from tunegate.prepare.clean import Split
from tunegate.prepare.normalise import ngrams, normal
from tunegate.records.example import Example


class Documents:
    """The documents of all local lm-eval tasks, for exact and 13-gram look-up."""

    def __init__(self, folder: Path) -> None:
        """Read every `*.jsonl` below `folder`: each text field, and a document's texts together.

        Raises:
            DataError: the folder is missing, or a file in it cannot be read.
        """
        self.count = 0
        self.texts: set[str] = set()
        self.grams: set[str] = set()
        if not folder.is_dir():
            raise DataError(f"{folder}: no such folder", next_step="it holds the general lm-eval tasks, *.yaml")
        for row in _rows(folder):
            self.count += 1
            said = list(_texts(row))
            self.texts.update(normal(text) for text in said)
            self.grams |= ngrams(" ".join(said))

    def hit(self, example: Example) -> str:
        """Say how an example meets a document, or nothing."""
        asked = [message.content for message in example.messages if message.role == "user"]
        if any(normal(text) in self.texts for text in asked):
            return "the prompt is a document of a general task"
        if shared := ngrams(" ".join([*asked, example.answer])) & self.grams:
            return f"shares 13 words with a document of a general task: {min(shared)}"
        return ""


def drop_contaminated(split: Split, documents: Documents) -> None:
    """Keep out of `split` what the general tasks ask."""
    keep, dropped = [], []
    for example in split.kept:
        if reason := documents.hit(example):
            dropped.append((example, "contaminated_general", reason))
        else:
            keep.append(example)
    split.drop(keep, dropped)


def _rows(folder: Path) -> Iterator[Any]:
    for path in sorted(folder.rglob("*.jsonl")):
        number = 0
        try:
            for number, line in enumerate(path.read_bytes().split(b"\n"), 1):  # noqa: B007 - named in the error
                if line.strip():
                    yield parse_json(line.decode("utf-8-sig"))
        except ValueError as fault:
            raise DataError(f"{path}:{number}: not valid JSON: {fault}", next_step="mend the task's file") from None


def _texts(value: Any) -> Iterator[str]:
    """All texts in a document, also those in lists and inner objects (choices)."""
    if isinstance(value, str):
        yield value
    inner: Iterable[Any] = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for part in inner:
        yield from _texts(part)
