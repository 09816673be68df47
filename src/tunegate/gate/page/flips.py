"""Documents on which base and candidate differ: right to wrong, wrong to right, metric by metric."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tunegate.records.evidence import Evidence
from tunegate.records.scores import Sample, ScoreFile, TaskScores


class Flip(NamedTuple):
    """One document: its hash, and the scores of base and candidate (means over repeats)."""

    doc: str
    before: float
    after: float


class Flips(NamedTuple):
    """One metric of one task on `n` documents: those that got worse and better, the largest change first."""

    task: str
    metric: str
    own: bool  # the adapter's own task, not a general one
    n: int
    worse: tuple[Flip, ...]
    better: tuple[Flip, ...]
    binary: bool

    @property
    def words(self) -> tuple[str, str]:
        """What the two directions are called."""
        return ("right to wrong", "wrong to right") if self.binary else ("worse", "better")


def all_flips(key: str, evidence: Evidence) -> list[Flips]:
    """Of every metric of the task, then of the first metric of each general task."""
    own = _flips(key, evidence.baseline, evidence.candidate, metrics=None)
    names = [task.task for task in evidence.candidate.tasks if task.suite == "general"]
    general = (flips for name in names for flips in _flips(name, evidence.general, evidence.candidate, metrics=1))
    return [*own, *general]


def _flips(name: str, base: ScoreFile, candidate: ScoreFile, *, metrics: int | None) -> Iterator[Flips]:
    before, after = _test(base, name), _test(candidate, name)
    if before is None or after is None:
        return
    for metric in [metric for metric in after.metrics if metric in before.metrics][:metrics]:
        yield _compared(after, metric, _means(before.samples, metric), _means(after.samples, metric))


def _compared(task: TaskScores, metric: str, before: dict[str, float], after: dict[str, float]) -> Flips:
    pairs = [Flip(doc, before[doc], after[doc]) for doc in sorted(after) if doc in before]
    worse = sorted((flip for flip in pairs if flip.after < flip.before), key=lambda flip: flip.after - flip.before)
    better = sorted((flip for flip in pairs if flip.after > flip.before), key=lambda flip: flip.before - flip.after)
    binary = all(value in (0.0, 1.0) for flip in pairs for value in flip[1:])
    own = task.suite == "task"
    return Flips(task.task, metric, own, len(pairs), tuple(worse), tuple(better), binary)


def _test(file: ScoreFile, name: str) -> TaskScores | None:
    return next((task for task in file.tasks if task.task == name and task.split == "test"), None)


def _means(samples: Sequence[Sample], metric: str) -> dict[str, float]:
    found: dict[str, list[float]] = defaultdict(list)
    for sample in samples:
        found[sample.doc].append(sample.scores[metric])
    return {doc: sum(scores) / len(scores) for doc, scores in found.items()}
