"""The forgetting guard over several general tasks: macro non-inferiority and a veto, or every task (strict).

macro+veto: PASS if the sum over tasks proves that at most `max_drop` is lost and no task is significantly (Holm) below
its own margin. strict: every task proves it (an intersection-union test: no correction needed).
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from tunegate.core.settings import Forgetting
from tunegate.judge.finding import documents_needed, quantile, tail
from tunegate.judge.retention import Contrast, Retention, combined
from tunegate.records.verdict import Outcome

LARGEST_RATIO = 4.0  # an interval's end beyond this is cut: the base scored next to nothing
STEPS = 40


class Ruling(NamedTuple):
    """The decision without words: the macro, each task's outcome, its p (see `rule`), and Holm's p."""

    macro: Outcome
    macro_p: float
    tasks: tuple[Outcome, ...]
    p: tuple[float, ...]
    p_adjusted: tuple[float, ...]


def rule(tasks: Sequence[Retention], policy: Forgetting, alpha: float, veto: float | None = None) -> Ruling:
    """Decide; `p` is that of being below the margin (the veto's), under strict that of non-inferiority. `alpha` is the
    level of the proof, `veto` that of the veto (None: the same).
    """
    phi = 1.0 - policy.max_drop
    contrasts = [task.at(phi) for task in tasks]
    macro = combined(contrasts)
    below = [tail(-contrast.statistic, contrast.freedom) for contrast in contrasts]
    adjusted = holm(below)
    vetoed = [value <= (veto or alpha) for value in adjusted]
    if policy.policy == "strict":
        proven = [tail(contrast.statistic, contrast.freedom) for contrast in contrasts]
        outcomes = [_strict(p <= alpha, veto) for p, veto in zip(proven, vetoed, strict=True)]
        return Ruling(_outcome(macro, alpha), _p(macro), tuple(outcomes), tuple(proven), tuple(adjusted))
    outcomes = [Outcome.FAIL if veto else Outcome.PASS for veto in vetoed]
    return Ruling(_outcome(macro, alpha), _p(macro), tuple(outcomes), tuple(below), tuple(adjusted))


def holm(values: Sequence[float]) -> list[float]:
    """Holm's adjusted p-values, in the order given."""
    order = sorted(range(len(values)), key=values.__getitem__)
    adjusted, largest = [0.0] * len(values), 0.0
    for rank, index in enumerate(order):
        largest = max(largest, min(1.0, (len(values) - rank) * values[index]))
        adjusted[index] = largest
    return adjusted


def ratio_interval(tasks: Sequence[Retention], alpha: float) -> tuple[float, float] | None:
    """The retained shares that the test at one-sided `alpha` does not reject; None where nothing is known."""

    def excess(phi: float) -> float:
        contrast = combined([task.at(phi) for task in tasks])
        return contrast.statistic / quantile(alpha, contrast.freedom)

    if combined([task.at(1.0) for task in tasks]).error == float("inf"):
        return None
    return _crossing(excess, 1.0), _crossing(excess, -1.0)


def needed(tasks: Sequence[Retention], max_drop: float, alpha: float) -> int | None:
    """Documents a task for 80 % power if nothing changed: the candidate scores what the base scores."""
    contrast = combined([task.at(1.0 - max_drop) for task in tasks])
    documents = sum(task.pairs.n for task in tasks) / len(tasks)
    return documents_needed(documents, contrast.error, max_drop * sum(task.base for task in tasks), alpha=alpha)


def _strict(proven: bool, vetoed: bool) -> Outcome:  # noqa: FBT001 - two facts of one task
    if proven:
        return Outcome.PASS
    return Outcome.FAIL if vetoed else Outcome.INCONCLUSIVE


def _outcome(macro: Contrast, alpha: float) -> Outcome:
    if _p(macro) <= alpha:
        return Outcome.PASS
    return Outcome.FAIL if tail(-macro.statistic, macro.freedom) <= alpha else Outcome.INCONCLUSIVE


def _p(macro: Contrast) -> float:
    return tail(macro.statistic, macro.freedom)


def _crossing(excess: Callable[[float], float], level: float) -> float:
    """Where the falling function `excess` crosses `level`, by bisection on (0, LARGEST_RATIO]."""
    low, high = 1e-9, LARGEST_RATIO
    if excess(low) <= level:
        return 0.0
    if excess(high) > level:
        return high
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle) > level else (low, middle)
    return (low + high) / 2
