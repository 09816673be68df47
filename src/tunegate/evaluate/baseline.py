"""Choose how to prompt the base, honestly: on validation, among the tries that params.yaml names."""

import random
from collections.abc import Sequence
from typing import Any, NamedTuple

from tunegate.core.errors import DataError
from tunegate.core.settings import Baseline
from tunegate.evaluate.backends import Backend
from tunegate.evaluate.metrics import Metrics
from tunegate.evaluate.task import Scored, Way, measure
from tunegate.records.example import Example


class Try(NamedTuple):
    """One way of prompting, and what it is worth on validation."""

    way: Way
    scored: Scored
    value: float


def ways(settings: Baseline, train: Sequence[Example]) -> list[Way]:
    """Every system text with every number of shots; shots are drawn from train, the same for all documents.

    Raises:
        DataError: there are fewer training rows than shots.
    """
    most = max(settings.shots)
    if most > len(train):
        raise DataError(
            f"baseline.shots asks for {most} examples, train has {len(train)} rows", next_step="lower baseline.shots"
        )
    drawn = tuple(random.Random(settings.seed).sample(list(train), most))  # noqa: S311 - a draw, no secret
    return [Way(system, drawn[:shots]) for system in settings.system for shots in settings.shots]


def choose(tries: Sequence[Try]) -> Try:
    """The best on validation; of equals the one with fewer shots, then the one named first."""
    return max(sorted(tries, key=lambda one: len(one.way.shots)), key=lambda one: one.value)


def run_tries(
    backend: Backend, validation: Sequence[Example], ways: Sequence[Way], metrics: Metrics, metric: str
) -> list[Try]:
    """Score every way on validation, by one metric."""
    wanted = metrics.only(metric)
    scored = [measure(backend, validation, way, wanted) for way in ways]
    return [Try(way, one, one.values.means[metric]) for way, one in zip(ways, scored, strict=True)]


def declare(tries: Sequence[Try], chosen: Try, metric: str) -> dict[str, Any]:
    """What the score file says of the choice: the prompt taken, and all that were tried."""
    return {
        "prompt": _said(chosen.way),
        "chosen_by": f"{metric} on validation",
        "tries": [{**_said(one.way), metric: round(one.value, 6)} for one in tries],
    }


def _said(way: Way) -> dict[str, Any]:
    return {"system": way.system, "shots": [shot.id for shot in way.shots]}
