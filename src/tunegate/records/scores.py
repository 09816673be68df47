"""Per-sample scores: the only evidence of the gate. Small, without text, and therefore kept in Git.

A score file is JSONL: a `measured` line (which model, on what), then for each task a `task` line and its
samples, one a line. Base and candidate are paired by (task, split, doc, repeat).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, JsonValue, ValidationError

from tunegate.core.errors import EvidenceError
from tunegate.core.files import dump_json, parse_json, write_text
from tunegate.records.base import Record, explain
from tunegate.records.corpus import Form, check_parts
from tunegate.records.signature import checked, sign

NEXT_STEP = "measure again: `dvc repro` writes the score files; do not edit them"
SCHEMA_VERSION = 1


class Sample(Record):
    """One document's scores. `doc` and `prompt` are the first 16 hex digits of a SHA-256 (of the document; of the
    prompt as the model saw it); `cluster` groups documents that are not independent; `scores` maps metric to value;
    `parts` maps a corpus metric to the counts that it is computed from (records.corpus).
    """

    doc: str
    prompt: str
    cluster: str
    repeat: int = 0
    scores: dict[str, Annotated[float, Field(strict=True)]]
    parts: dict[str, tuple[Annotated[int, Field(strict=True)], ...]] = Field(default_factory=dict)

    def to_line(self) -> str:
        """One JSON line, newline included; without `parts` where there are none."""
        return dump_json(self.model_dump(mode="json", exclude=None if self.parts else {"parts"})) + "\n"


class TaskScores(Record):
    """One task on one split. `must_match` holds the conditions that must be equal for two measurements to be compared
    (version, decoding, few-shot count, library versions...); `declared` those that may differ on purpose (the
    baseline's own prompt). `same_prompt`: each pair must also have the same prompt hash. `metrics` have a value a
    document, `corpus` (name to form, see records.corpus) only one for all; `labels` are the classes that confusion
    counts refer to; `chance` is the share that guessing gets right in multiple choice.
    """

    task: str
    suite: Literal["task", "general"]
    split: Literal["validation", "test"]
    version: str
    metrics: tuple[str, ...]
    same_prompt: bool
    must_match: dict[str, JsonValue] = Field(default_factory=dict)
    declared: dict[str, JsonValue] = Field(default_factory=dict)
    corpus: dict[str, Form] = Field(default_factory=dict)
    labels: tuple[str, ...] = ()
    chance: float | None = Field(default=None, ge=0, lt=1)
    samples: tuple[Sample, ...]


class Measured(Record):
    """Which model was measured. Digests are SHA-256 of the bytes that decide its outputs; `adapter` is the digest of
    the adapter's (or the full fine-tune's) folder, None for the base. `environment` maps package to version.
    """

    base: str
    base_digest: str
    adapter: str | None = None
    environment: dict[str, str] = Field(default_factory=dict)


class ScoreFile(Record):
    """All scores of one model. `signed_by`: the public key whose signature the file carries (records.signature)."""

    measured: Measured
    tasks: tuple[TaskScores, ...]
    signed_by: str | None = Field(default=None, exclude=True)

    def save(self, path: Path, key: bytes | None = None) -> None:
        """Write the file, whole or not at all; with a private key, signed."""
        text = "".join(self._lines())
        write_text(path, sign(text, key) if key else text)

    def _lines(self) -> Iterator[str]:
        head = {"kind": "measured", "schema_version": SCHEMA_VERSION, **self.measured.model_dump(mode="json")}
        yield dump_json(head) + "\n"
        for task in self.tasks:
            empty = {name for name in ("corpus", "labels", "chance") if not getattr(task, name)}
            fields = task.model_dump(mode="json", exclude={"samples", *empty})
            yield dump_json({"kind": "task", "n": len(task.samples), **fields}) + "\n"
            for sample in task.samples:
                yield sample.to_line()

    @classmethod
    def load(cls, path: Path) -> "ScoreFile":
        """Read and check a score file.

        Raises:
            EvidenceError: missing, empty, cut short, not JSON, NaN, a metric missing in a sample, a signature that does
                not fit: named by line.
        """
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise EvidenceError(f"{path}: no such file", next_step=NEXT_STEP) from None
        except UnicodeDecodeError as fault:
            raise EvidenceError(f"{path}: not UTF-8: {fault}", next_step=NEXT_STEP) from None
        number = 0
        rows: list[dict[str, JsonValue]] = []
        try:
            signed = checked(text)
            for number, line in enumerate(signed.text.removesuffix("\n").split("\n"), 1):  # noqa: B007 - named in the error
                rows.append(_object(line))
            return _assemble(rows).model_copy(update={"signed_by": signed.key})
        except ValidationError as fault:
            raise EvidenceError(f"{path}: not a score file: {explain(fault)}", next_step=NEXT_STEP) from None
        except ValueError as fault:
            raise EvidenceError(f"{path}: not a score file (line {number}): {fault}", next_step=NEXT_STEP) from None


def _object(line: str) -> dict[str, JsonValue]:
    row = parse_json(line)
    if "\\ud" in line.lower():  # half a character, escaped: it could not be written into any report
        dump_json(row).encode("utf-8")
    if not isinstance(row, dict):
        message = "expected a JSON object"
        raise ValueError(message)  # noqa: TRY004 - a fault of the file, handled with the others
    return row


def _assemble(rows: list[dict[str, JsonValue]]) -> ScoreFile:
    if not rows or rows[0].pop("kind", None) != "measured":
        message = "the first line must be the `measured` line"
        raise ValueError(message)
    if (version := rows[0].pop("schema_version", None)) != SCHEMA_VERSION:
        message = f"schema_version {version}, expected {SCHEMA_VERSION}"
        raise ValueError(message)
    measured = Measured.model_validate(rows[0])
    tasks: list[TaskScores] = []
    at = 1
    while at < len(rows):
        head = rows[at]
        kind, count = head.pop("kind", None), head.pop("n", None)
        if kind != "task" or not isinstance(count, int) or count < 0:
            message = f"expected a `task` line after {at} lines"
            raise ValueError(message)
        samples = rows[at + 1 : at + 1 + count]
        if len(samples) < count:
            message = f"cut short: task {head.get('task')} should have {count} samples, has {len(samples)}"
            raise ValueError(message)
        task = TaskScores.model_validate({**head, "samples": samples})
        _complete(task)
        tasks.append(task)
        at += 1 + count
    return ScoreFile(measured=measured, tasks=tuple(tasks))


def _complete(task: TaskScores) -> None:
    for sample in task.samples:
        for word, found, wanted in (("scores", sample.scores, task.metrics), ("parts of", sample.parts, task.corpus)):
            if set(found) != set(wanted):
                message = f"task {task.task}, document {sample.doc}: has {word} {sorted(found)}, "
                raise ValueError(message + f"expected {sorted(wanted)}")
        for name, form in task.corpus.items():
            check_parts(form, sample.parts[name], task.labels)
