"""The looks at a test split: which candidates were measured on which test documents. A line a look, in Git.

Whoever judges ten candidates that sit at the limit on one test set sees one pass four times in ten. The judge counts
the looks and divides the significance level by them (judge.levels).
"""

from pathlib import Path

from pydantic import ValidationError

from tunegate.core.errors import EvidenceError
from tunegate.core.files import digest_bytes, parse_json, write_text
from tunegate.records.base import Record, explain
from tunegate.records.scores import TaskScores

SKETCH = 32  # document hashes in a sketch; their share is known to a tenth
SAME = 0.5  # share of documents from which on two test sets count as one
NEXT_STEP = "take the file from Git (`git checkout -- FILE`); `dvc repro` adds to it"


class Look(Record):
    """One candidate (the digest of its adapter) on one test set (the digest of its documents).

    `sketch`: the smallest hashes of its documents, at most SKETCH, 8 hex digits each; by it a test set is known again
    from which rows were taken, or to which some were added. Looks from before it was recorded have none.
    """

    test: str
    candidate: str
    sketch: tuple[str, ...] = ()


def look_at(task: TaskScores, candidate: str) -> Look:
    """The look of a candidate at the documents of a task."""
    sketch = sorted({sample.doc[:8] for sample in task.samples})[:SKETCH]
    return Look(test=test_set(task), candidate=candidate, sketch=tuple(sketch))


def test_set(task: TaskScores) -> str:
    """The first 16 hex digits of the SHA-256 over the documents' hashes, sorted."""
    return digest_bytes("\n".join(sorted({sample.doc for sample in task.samples})).encode())[:16]


def same_test_set(one: Look, other: Look) -> bool:
    """Whether two looks were at the same documents, or at sets that share half of all that are in either.

    The share (Jaccard's index) is estimated from the sketches: of the smallest hashes in either, those that are in both
    (bottom-k sketches; Cohen and Kaplan, "Summarizing data using bottom-k sketches", PODC 2007, section 4).
    """
    if one.test == other.test or not (one.sketch and other.sketch):
        return one.test == other.test
    either = sorted({*one.sketch, *other.sketch})[: max(len(one.sketch), len(other.sketch))]
    both = set(one.sketch) & set(other.sketch)
    return sum(doc in both for doc in either) >= SAME * len(either)


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
    """Add a look, once: to measure the same candidate again is no new look. Lines that are there stay as they are."""
    known = load_looks(path) if path.exists() else ()
    if any((one.test, one.candidate) == (look.test, look.candidate) for one in known):
        return
    before = path.read_text(encoding="utf-8").rstrip("\n") + "\n" if known else ""
    write_text(path, before + look.to_line())
