"""The facts of an advice from what was measured: counts of the data, and the prompted base's scores.

The base's level is taken from validation, where the prompt was chosen (so it is, if anything, a little high); the test
split is not looked at for it. Of the test split only the number of documents and families counts, for the power.
"""

from typing import Literal

from tunegate.core.settings import Adapter
from tunegate.judge.floors import judge_floor
from tunegate.judge.pairing import scored
from tunegate.judge.power import Plan, needed_for, plan, smallest_gain
from tunegate.judge.rows import rounded, rounded_pair
from tunegate.records.advice import Facts, Level, Power
from tunegate.records.advice_inputs import Inputs
from tunegate.records.scores import ScoreFile, TaskScores
from tunegate.records.verdict import Outcome

SPLITS: tuple[Literal["validation", "test"], ...] = ("validation", "test")
LEVELS: dict[Outcome, Literal["PASS", "FAIL", "INCONCLUSIVE"]] = {
    Outcome.PASS: "PASS",
    Outcome.FAIL: "FAIL",
    Outcome.INCONCLUSIVE: "INCONCLUSIVE",
}


def facts_of(key: str, inputs: Inputs, settings: Adapter) -> Facts:
    """All facts about adapter `key`; what was not measured stays None."""
    facts = Facts(key=key, max_reject_rate=settings.prepare.max_reject_rate)
    if inputs.counts:
        facts = facts.model_copy(update=inputs.counts.model_dump())
    if inputs.baseline:
        base = _level(key, inputs.baseline, settings)
        facts = facts.model_copy(update={"base": base, "power": _power(key, inputs.baseline, settings)})
    return facts


def _level(key: str, baseline: ScoreFile, settings: Adapter) -> Level | None:
    metric = settings.baseline.metric
    task = _first(baseline, key, metric)
    if task is None:
        return None
    values = scored(task, metric)
    finding = judge_floor(values, settings.advise.bar, settings.gate.alpha)
    return Level(
        metric=metric,
        split=task.split,
        documents=len(values.values),
        score=rounded(finding.effect),
        interval=rounded_pair(finding.interval),
        against_bar=LEVELS[finding.outcome],
    )


def _power(key: str, baseline: ScoreFile, settings: Adapter) -> Power | None:
    """For the gain of the metric that the prompt was chosen by, or else the first that the gate asks for."""
    gains = {gain.metric: gain.min_gain for gain in settings.gate.gains}
    metric = settings.baseline.metric if settings.baseline.metric in gains else next(iter(gains))
    base, test = _first(baseline, key, metric), _task(baseline, key, metric, "test")
    if base is None or test is None:
        return None
    planned = plan(scored(base, metric), scored(test, metric), settings.gate.alpha)
    gain = smallest_gain(planned, gains[metric])
    wanted = settings.advise.bar - planned.base if metric == settings.baseline.metric else None
    return Power(
        metric=metric,
        rows=len(test.samples),
        documents=planned.documents,
        families=planned.families,
        base=rounded(planned.base),
        min_gain=gains[metric],
        alpha=settings.gate.alpha,
        gain=None if gain is None else rounded(gain),
        **_wanted(planned, gains[metric], wanted),
    )


def _wanted(planned: Plan, min_gain: float, wanted: float | None) -> dict[str, float | int | None]:
    """A gain that the gate would not ask for, or that one family cannot show, is not planned for."""
    if wanted is None or wanted <= min_gain or planned.families < 2:
        return {}
    return {"wanted": rounded(wanted), "needed": needed_for(planned, min_gain, wanted)}


def _first(baseline: ScoreFile, key: str, metric: str) -> TaskScores | None:
    found = (_task(baseline, key, metric, split) for split in SPLITS)
    return next((task for task in found if task is not None), None)


def _task(baseline: ScoreFile, key: str, metric: str, split: str) -> TaskScores | None:
    """The measurement of the task on one split, if it has documents and the metric."""
    found = (t for t in baseline.tasks if (t.task, t.suite, t.split) == (key, "task", split))
    return next((task for task in found if task.samples and metric in task.metrics), None)
