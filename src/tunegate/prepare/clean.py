"""From raw rows to clean examples: validate, drop duplicates, keep splits apart. What is rejected is kept as a row."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tunegate.core.errors import DataError
from tunegate.core.files import dump_json
from tunegate.core.settings import Prepare
from tunegate.prepare.formats import Parsed, parse
from tunegate.prepare.normalise import digest, normal
from tunegate.prepare.readers import RawRow, data_files, read_rows
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
        content = _writable(row.content)
        self.rejects.append({"file": row.file, "line": row.line, "code": code, "reason": reason, "row": content})
        self.files[row.file]["rejected"][code] += 1

    def drop(self, keep: list[Example], dropped: Iterable[tuple[Example, str, str]]) -> None:
        """Replace the kept examples; the dropped ones become rejects."""
        self.kept = keep
        for example, code, reason in dropped:
            content = example.model_dump(mode="json", exclude={"source"})
            self.reject(RawRow(example.source.file, example.source.line, content), code, reason)


def _writable(content: Any) -> Any:
    """The content as it is, or as text where JSON cannot hold it (1e999, nested too deep)."""
    try:
        dump_json(content)
    except RecursionError:
        return "(nested too deep to write)"
    except ValueError:
        return ascii(content)[:1000]
    return content


def read_split(root: Path, name: str, settings: Prepare, schema: "jsonschema.protocols.Validator | None") -> Split:
    """Read and validate one split of a dataset.

    Raises:
        DataError: no files, or files that cannot be read as a whole (all of them named).
    """
    split, faults = Split(name), []
    for path in data_files(root / name):
        try:
            _read_file(split, path, path.relative_to(root).as_posix(), settings, schema)
        except DataError as fault:
            faults.append(fault)
    if faults:
        raise DataError("\n".join(fault.message for fault in faults), next_step=faults[0].next_step)
    _duplicates(split)
    return split


def _read_file(
    split: Split, path: Path, name: str, settings: Prepare, schema: "jsonschema.protocols.Validator | None"
) -> None:
    split.files[name] = {"split": split.name, "rows": 0, "formats": Counter(), "rejected": Counter()}
    for row in read_rows(path, name):
        split.files[name]["rows"] += 1
        _take(split, row, settings, schema)


def _take(split: Split, row: RawRow, settings: Prepare, schema: "jsonschema.protocols.Validator | None") -> None:
    if row.code:
        return split.reject(row, row.code, row.reason)
    try:
        parsed = parse(row.content, settings.columns)
    except ValueError as fault:
        return split.reject(row, "format_unknown", str(fault))
    split.files[row.file]["formats"][parsed.form] += 1
    if settings.system and all(role != "system" for role, _ in parsed.turns):
        parsed = parsed._replace(turns=[("system", settings.system), *parsed.turns])
    if found := fault_of(parsed.turns, schema):
        return split.reject(row, found.code, found.reason)
    split.kept.append(_example(parsed, row))
    return None


def _example(parsed: Parsed, row: RawRow) -> Example:
    messages = tuple(Message.model_validate({"role": role, "content": text}) for role, text in parsed.turns)
    asked = prompt_key(messages[:-1])
    return Example(
        id=parsed.id or digest(asked, messages[-1].content),
        messages=messages,
        family=parsed.family or digest(asked),
        source=Source(file=row.file, line=row.line),
    )


def prompt_key(prompt: Iterable[Message]) -> str:
    """What two prompts must share to be the same: the normalised texts of all turns."""
    return "\n".join(normal(message.content) for message in prompt)


def key_of(example: Example) -> str:
    """The prompt's key of an example."""
    return prompt_key(example.prompt)


def asked_of(example: Example) -> str:
    """The prompt's key without the system turn: what is asked, whoever the model is told to be."""
    return prompt_key(message for message in example.prompt if message.role != "system")


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
    asked = {asked_of(example): example for example in held_out.kept}
    keep, dropped = [], []
    for example in split.kept:
        if other := asked.get(asked_of(example)):
            where = f"{other.source.file}:{other.source.line}"
            dropped.append((example, f"leaked_{held_out.name}", f"the same prompt as {where}"))
        else:
            keep.append(example)
    split.drop(keep, dropped)
