"""How each class fared: precision, recall and F1 of base and candidate, from the counts in the score files."""

from typing import NamedTuple

from tunegate.records.corpus import CLASSES
from tunegate.records.evidence import Evidence
from tunegate.records.scores import ScoreFile, TaskScores


class Level(NamedTuple):
    """One model on one class: shares from 0 to 1; None where nothing is divided by."""

    precision: float | None
    recall: float | None
    f1: float


class ClassRow(NamedTuple):
    """One class: how many documents have it as their true class, and both models."""

    label: str
    n: int
    base: Level | None
    candidate: Level


def class_rows(key: str, evidence: Evidence) -> list[ClassRow]:
    """A row a class, the classes with most documents first; none where the task has no labels."""
    after, before = _task(evidence.candidate, key), _task(evidence.baseline, key)
    if after is None:
        return []
    pairs = _pairs(after)
    base = _pairs(before) if before is not None and before.labels == after.labels else None
    rows = [
        ClassRow(
            label,
            sum(true == at for true, _ in pairs),
            None if base is None else _level(base, at),
            _level(pairs, at),
        )
        for at, label in enumerate(after.labels)
    ]
    return sorted(rows, key=lambda row: (-row.n, row.label))


def unknown(key: str, evidence: Evidence) -> int:
    """How many of the candidate's answers are no class at all."""
    task = _task(evidence.candidate, key)
    return sum(answered < 0 for _, answered in _pairs(task)) if task else 0


def _task(file: ScoreFile, name: str) -> TaskScores | None:
    wanted = (task for task in file.tasks if task.task == name and task.split == "test" and task.labels)
    return next((task for task in wanted if any(form in CLASSES for form in task.corpus.values())), None)


def _pairs(task: TaskScores) -> list[tuple[int, int]]:
    """True class and answered class of each sample."""
    metric = next(name for name, form in task.corpus.items() if form in CLASSES)
    return [(sample.parts[metric][0], sample.parts[metric][1]) for sample in task.samples]


def _level(pairs: list[tuple[int, int]], at: int) -> Level:
    hits = sum(true == at == answered for true, answered in pairs)
    wanted, given = sum(true == at for true, _ in pairs), sum(answered == at for _, answered in pairs)
    f1 = 2 * hits / (wanted + given) if wanted + given else 0.0
    return Level(hits / given if given else None, hits / wanted if wanted else None, f1)
