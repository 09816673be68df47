"""A variant has another number format than the base it is held against, and that is what it is."""

from tunegate.records.evidence import Evidence
from tunegate.records.scores import ScoreFile, TaskScores

FORMAT = "dtype"  # the one condition in which a variant may differ


def of_any_format(evidence: Evidence) -> Evidence:
    """The evidence with the number format declared, no more a condition; all other conditions stay."""
    return evidence._replace(
        baseline=_declared(evidence.baseline),
        general=_declared(evidence.general),
        candidate=_declared(evidence.candidate),
        parent=_declared(evidence.parent) if evidence.parent else None,
    )


def _declared(file: ScoreFile) -> ScoreFile:
    return file.model_copy(update={"tasks": tuple(_task(task) for task in file.tasks)})


def _task(task: TaskScores) -> TaskScores:
    kept = {name: value for name, value in task.must_match.items() if name != FORMAT}
    moved = {name: value for name, value in task.must_match.items() if name == FORMAT}
    return task.model_copy(update={"must_match": kept, "declared": {**task.declared, **moved}})
