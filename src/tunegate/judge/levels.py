"""At which significance level each test is done: `alpha`, less for many candidates on one test split.

Ten candidates that all sit at the limit, judged on one test set, let one pass four times in ten (1 - 0.95^10). From
`free_looks` + 1 candidates on, alpha is divided by their number, for the candidate at hand: over ten such candidates
judged one after the other one passes about 0.13 of the time. Declared sizes of an extended run share the level of
forgetting in the same way. The veto keeps the whole alpha: a stricter level would make it more lenient.
"""

from typing import NamedTuple

from tunegate.core.settings import Gate
from tunegate.records.evidence import Evidence
from tunegate.records.looks import look_at, same_test_set, test_set
from tunegate.records.scores import TaskScores


class Levels(NamedTuple):
    """One-sided levels: of gains, floors and regression; of what forgetting must prove; of its veto."""

    task: float
    forgetting: float
    veto: float
    looks: int


def levels(evidence: Evidence, policy: Gate) -> Levels:
    """The levels for this candidate, from the looks that its test split has had."""
    looks = count_looks(evidence)
    task = policy.alpha / looks if looks > policy.free_looks else policy.alpha
    return Levels(task, task / max(1, len(policy.forgetting.sizes)), policy.alpha, looks)


def count_looks(evidence: Evidence) -> int:
    """How many candidates were measured on the test documents of this one, or on a set that shares half of them, itself
    included; for a variant also those of the adapter that it was made of.
    """
    current = [look_at(task, evidence.candidate.measured.adapter or "") for task in _own(evidence)]
    counted = (*evidence.looks, *evidence.parent_looks)
    return len({look.candidate for look in counted if any(same_test_set(look, own) for own in current)})


def looks_faults(evidence: Evidence) -> list[str]:
    """Whether the present look was counted: a ledger without it was cut."""
    seen = {look.test for look in evidence.looks if look.candidate == evidence.candidate.measured.adapter}
    return [
        f"looks.jsonl does not hold the look of this candidate at the test split of {task.task}"
        for task in _own(evidence)
        if test_set(task) not in seen
    ]


def looks_words(found: Levels, policy: Gate) -> list[str]:
    """What a reader should know of the looks; nothing at the first."""
    if found.looks < 2:
        return []
    said = f"{found.looks} candidates were judged on this test split"
    if found.looks <= policy.free_looks:
        return [f"{said}; from {policy.free_looks + 1} on the level is divided by their number"]
    level = f"the level is {found.task:.2g} instead of {policy.alpha:g}"
    return [f"{said}: {level}; a test set with more new rows than old starts a new count"]


def _own(evidence: Evidence) -> list[TaskScores]:
    return [task for task in evidence.candidate.tasks if task.suite == "task" and task.split == "test"]
