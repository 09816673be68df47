"""From raw rows to clean examples: validate, drop duplicates, keep splits apart. What is rejected is kept as a row."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tunegate.core.errors import DataError
from tunegate.core.settings import Prepare
from tunegate.prepare.normalise import digest, normal
from tunegate.prepare.readers import SUFFIXES, Parsed, RawRow, parse, read_rows
from tunegate.prepare.validate import fault_of
from tunegate.records.example import Example, Message, Source

if TYPE_CHECKING:
    import jsonschema

Reject = dict[str, Any]


@dataclass
class Split:
    """The rows of one split on their way: kept examples, rejects, and counts for the report."""

    name: str
    kept: list[Example] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    files: dict[str, dict[str, Any]] = field(default_factory=dict)

    def reject(self, row: RawRow, code: str, reason: str) -> None:
        """Keep a rejected row with its reason, and count it."""
        self.rejects.append({"file": row.file, "line": row.line, "code": code, "reason": reason, "row": row.content})
        self.files[row.file]["rejected"][code] += 1

    def drop(self, keep: list[Example], dropped: Iterable[tuple[Example, str, str]]) -> None:
        """Replace the kept examples; the dropped ones become rejects."""
        self.kept = keep
        for example, code, reason in dropped:
            content = example.model_dump(mode="json", exclude={"source"})
            self.reject(RawRow(example.source.file, example.source.line, content), code, reason)


def data_files(folder: Path) -> list[Path]:
    """The data files of a split, in a fixed order.

    Raises:
        DataError: the folder is missing or has no data files.
    """
    found = sorted(path for path in folder.glob("*") if path.suffix in SUFFIXES) if folder.is_dir() else []
    if not found:
        what = "has no data files" if folder.is_dir() else "no such folder"
        raise DataError(f"{folder}: {what}", next_step=f"put {', '.join(SUFFIXES)} files there (docs/data.md)")
    return found


def read_split(root: Path, name: str, settings: Prepare, schema: "jsonschema.protocols.Validator | None") -> Split:
    """Read and validate one split of a dataset.

    Raises:
        DataError: no files, or a file that cannot be read as a whole.
    """
    split = Split(name)
    for path in data_files(root / name):
        relative = path.relative_to(root).as_posix()
        split.files[relative] = {"split": name, "rows": 0, "formats": Counter(), "rejected": Counter()}
        for row in read_rows(path, relative):
            split.files[relative]["rows"] += 1
            _take(split, row, settings, schema)
    _duplicates(split)
    return split


def _take(split: Split, row: RawRow, settings: Prepare, schema: "jsonschema.protocols.Validator | None") -> None:
    if row.code:
        return split.reject(row, row.code, row.reason)
    try:
        parsed = parse(row.content, settings.columns)
    except ValueError as fault:
        return split.reject(row, "format_unknown", str(fault))
    split.files[row.file]["formats"][parsed.form] += 1
    if found := fault_of(parsed.turns, schema):
        return split.reject(row, found.code, found.reason)
    split.kept.append(_example(parsed, row))
    return None


def _example(parsed: Parsed, row: RawRow) -> Example:
    asked = prompt_key(text for _, text in parsed.turns[:-1])
    return Example(
        id=parsed.id or digest(asked, parsed.turns[-1][1]),
        messages=tuple(Message(role=role, content=text) for role, text in parsed.turns),
        family=parsed.family or digest(asked),
        source=Source(file=row.file, line=row.line),
    )


def prompt_key(texts: Iterable[str]) -> str:
    """What two prompts must share to be the same: the normalised texts of all turns."""
    return "\n".join(normal(text) for text in texts)


def key_of(example: Example) -> str:
    """The prompt's key of an example."""
    return prompt_key(message.content for message in example.prompt)


def _duplicates(split: Split) -> None:
    first: dict[tuple[str, str], Example] = {}
    dropped = []
    for example in split.kept:
        known = first.setdefault((key_of(example), normal(example.answer)), example)
        if known is not example:
            where = f"{known.source.file}:{known.source.line}"
            dropped.append((example, "duplicate", f"the same prompt and answer as {where}"))
    split.drop(list(first.values()), dropped)


def drop_leaks(split: Split, held_out: Split) -> None:
    """Keep out of `split` what `held_out` asks."""
    asked = {key_of(example): example for example in held_out.kept}
    dropped = []
    for example in split.kept:
        if other := asked.get(key_of(example)):
            where = f"{other.source.file}:{other.source.line}"
            dropped.append((example, f"leaked_{held_out.name}", f"the same prompt as {where}"))
    split.drop([example for example in split.kept if key_of(example) not in asked], dropped)
