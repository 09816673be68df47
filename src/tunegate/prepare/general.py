"""What the general tasks ask, so that no training row repeats it: else the forgetting suite measures memory."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tunegate.core.errors import DataError
from tunegate.core.files import parse_json
from tunegate.prepare.normalise import ngrams, normal


class Documents:
    """The documents of all local lm-eval tasks, for exact and 13-gram look-up."""

    def __init__(self, folder: Path) -> None:
        """Read every `*.jsonl` below `folder`: each string field, and a document's strings together."""
        self.texts: set[str] = set()
        self.grams: set[str] = set()
        for row in _rows(folder):
            said = [value for value in row.values() if isinstance(value, str)]
            self.texts.update(normal(text) for text in said)
            self.grams |= ngrams(" ".join(said))

    def hit(self, prompt: str, answer: str) -> str:
        """Say how a row meets a document, or nothing."""
        if normal(prompt) in self.texts:
            return "the prompt is a document of a general task"
        if shared := ngrams(f"{prompt} {answer}") & self.grams:
            return f"shares 13 words with a document of a general task: {min(shared)}"
        return ""


def _rows(folder: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(folder.rglob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
            if not line.strip():
                continue
            try:
                row = parse_json(line)
            except ValueError as fault:
                raise DataError(f"{path}:{number}: not valid JSON: {fault}", next_step="mend the task's file") from None
            if isinstance(row, dict):
                yield row
