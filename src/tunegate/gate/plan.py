"""`tunegate gate plan`: what the gates could prove with the documents as they are, before GPU time is spent.

From the scores of the base alone (`dvc repro baseline general`), so it can be asked before the first training.
"""

from pathlib import Path
from typing import NamedTuple

from tunegate.core.errors import EvidenceError, SettingsError
from tunegate.core.settings import Adapter, Forgetting
from tunegate.judge.comparability import sample_faults
from tunegate.judge.finding import cluster_error, constant
from tunegate.judge.pairing import Scored, scored
from tunegate.judge.power import needed_for, plan, smallest_gain
from tunegate.judge.sample_size import CHURN, Level, documents_for
from tunegate.records.evidence import evidence_paths
from tunegate.records.scores import ScoreFile, TaskScores

SURE = 0.10  # the churn that a task is held to be short of documents by
USUAL = 0.10  # the gain beyond `min_gain` that is planned for


class Need(NamedTuple):
    """One gate: documents it has, documents it needs in each case, and whether it is short."""

    gate: str
    documents: int
    cases: tuple[tuple[str, int | None], ...]
    note: str

    @property
    def short(self) -> bool:
        """Whether the middle case needs more than there is."""
        wanted = self.cases[len(self.cases) // 2][1]
        return wanted is None or wanted > self.documents


def plan_gates(key: str, scores: Path, settings: Adapter) -> list[Need]:
    """The needs of each gate of `key`.

    Raises:
        EvidenceError: the base was not measured yet.
    """
    policy = settings.gate
    paths = evidence_paths(scores, key, policy.task)
    baseline, general = ScoreFile.load(paths["baseline"]), ScoreFile.load(paths["general"])
    task = next((t for t in baseline.tasks if t.task == (policy.task or key) and t.split == "test"), None)
    faults = (
        [fault for gain in policy.gains for fault in sample_faults(task, gain.metric)] if task else ["no test split"]
    )
    if task is None or faults:
        raise EvidenceError(f"{paths['baseline']}: {'; '.join(faults)}", next_step=f"run `dvc repro baseline@{key}`")
    gains = [_gain(task, gain.metric, gain.min_gain, policy.alpha) for gain in policy.gains]
    return [*gains, *_forgetting(general, policy.forgetting, policy.alpha)]


def _gain(task: TaskScores, metric: str, min_gain: float, alpha: float) -> Need:
    if metric in task.corpus:
        return Need(f"gain/{metric}", len(task.samples), (("-", 0),), "a metric of the whole test set: not planned")
    base = scored(task, metric)
    planned = plan(base, base, alpha)
    gains = [gain for gain in (0.05, USUAL, 0.20) if planned.base + min_gain + gain < 1] or [(1 - planned.base) / 2]
    cases = tuple((f"gain {min_gain + gain:.2f}", needed_for(planned, min_gain, min_gain + gain)) for gain in gains)
    least = smallest_gain(planned, min_gain)
    note = f"the smallest gain that is likely to be proven is {least:.3f}" if least else "no gain can be proven"
    return Need(f"gain/{metric}", planned.documents, cases, f"base {planned.base:.3f}; {note}")


def _forgetting(general: ScoreFile, policy: Forgetting, alpha: float) -> list[Need]:
    tasks = {task.task: scored(task, task.metrics[0]) for task in general.tasks if task.suite == "general"}
    known = {name: _level(found) for name, found in tasks.items() if found.values.mean() > 0}
    if not known:
        raise SettingsError("the base scores 0 on every general task", next_step="choose tasks that the base can do")
    alpha /= max(1, len(policy.sizes))
    fewest = min(len(tasks[name].values) for name in known)
    macro = Need("forgetting/macro", fewest, _cases(list(known.values()), policy, alpha), "all tasks together")
    single = [
        Need(f"forgetting/{name}", len(tasks[name].values), _cases([level], policy, alpha), f"base {level.mean:.3f}")
        for name, level in known.items()
        if policy.policy == "strict"
    ]
    return [macro, *single]


def _cases(levels: list[Level], policy: Forgetting, alpha: float) -> tuple[tuple[str, int], ...]:
    return tuple((f"{churn:.0%} flip", documents_for(levels, churn, policy.max_drop, alpha)) for churn in CHURN)


def _level(found: Scored) -> Level:
    values = found.values
    if constant(values):
        return Level(float(values.mean()), 0.0)
    variance = float(values.var(ddof=1))
    design = cluster_error(values, found.clusters) ** 2 * len(values) / variance if found.clustered else 1.0
    return Level(float(values.mean()), variance, max(1.0, design))


def render_plan(key: str, needs: list[Need]) -> str:
    """The plan as lines for a terminal."""
    lines = [f"{key}: documents for 80 % power, and what there is"]
    for need in needs:
        cases = ", ".join(f"{words}: {'more than 10 million' if n is None else n or '-'}" for words, n in need.cases)
        lines.append(f"  {need.gate:28} has {need.documents:>5}  needs {cases}{'  SHORT' if need.short else ''}")
        lines.append(f"  {'':28} {need.note}")
    return "\n".join(lines)
