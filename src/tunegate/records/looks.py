"""The looks at a test split: which candidates were measured on which test documents. A line a look, in Git.

Whoever judges ten candidates that sit at the limit on one test set sees one pass four times in ten. The judge counts
the looks and divides the significance level by them (judge.levels).
"""

from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from tunegate.core.errors import EvidenceError
from tunegate.core.files import digest_bytes, parse_json, write_text
from tunegate.records.base import Record, explain
from tunegate.records.scores import TaskScores

NEXT_STEP = "take the file from Git (`git checkout -- FILE`); `dvc repro` adds to it"


class Look(Record):
    """One candidate (the digest of its adapter) on one test set (the digest of its documents)."""

    test: str
    candidate: str


def test_set(task: TaskScores) -> str:
    """The first 16 hex digits of the SHA-256 over the documents' hashes, sorted: new documents, new count."""
    return digest_bytes("\n".join(sorted({sample.doc for sample in task.samples})).encode())[:16]


def load_looks(path: Path) -> tuple[Look, ...]:
    """Read the looks.

    Raises:
        EvidenceError: missing, or a line that is no look.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        raise EvidenceError(f"{path}: no such file", next_step=NEXT_STEP) from None
    except UnicodeDecodeError as fault:
        raise EvidenceError(f"{path}: not UTF-8: {fault}", next_step=NEXT_STEP) from None
    number = 0
    found = []
    try:
        for number, line in enumerate(lines, 1):  # noqa: B007 - named in the error
            found.append(Look.model_validate(parse_json(line)))
    except ValidationError as fault:
        raise EvidenceError(f"{path}: line {number}: {explain(fault)}", next_step=NEXT_STEP) from None
    except ValueError as fault:
        raise EvidenceError(f"{path}: line {number}: {fault}", next_step=NEXT_STEP) from None
    return tuple(found)


def add_look(path: Path, look: Look) -> None:
    """Add a look, once: to measure the same candidate again is no new look."""
    known = load_looks(path) if path.exists() else ()
    write_text(path, "".join(each.to_line() for each in _distinct([*known, look])))


def _distinct(looks: Iterable[Look]) -> list[Look]:
    return list(dict.fromkeys(looks))
