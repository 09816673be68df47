"""The rows of forgetting: each general task paired, ruled together, and said in words.

A general task with a handful of families is a fixed suite, no sample of families: two families leave one degree of
freedom, with which nothing could be proven or vetoed. There documents count as independent, and the verdict says so.
"""

from collections.abc import Sequence
from typing import NamedTuple

from tunegate.core.settings import Gate
from tunegate.judge.comparability import find, general_tasks, pair_faults
from tunegate.judge.forgetting import Ruling, needed, ratio_interval, rule
from tunegate.judge.levels import Levels
from tunegate.judge.pairing import Pairs, pair
from tunegate.judge.retention import Retention
from tunegate.judge.rows import failed, macro_row, rounded, rounded_pair, task_row
from tunegate.judge.sizes import next_size, size_faults
from tunegate.records.evidence import Evidence
from tunegate.records.verdict import GateResult, Outcome

FEW_FAMILIES = 10
LITTLE = 0.1  # of what guessing leaves


class Rows(NamedTuple):
    """Rows of the verdict, and what a reader should know beside them."""

    rows: list[GateResult]
    warnings: list[str]


class Task(NamedTuple):
    """One general task: its row, and the pairs if the two measurements can be compared."""

    row: GateResult
    pairs: Pairs | None
    few: bool = False
    chance: float | None = None


def forgetting_rows(evidence: Evidence, policy: Gate, level: Levels, declared: Sequence[str] = ()) -> Rows:
    """The macro row, then a row a task; `declared` tasks must be among those measured."""
    names = dict.fromkeys([*general_tasks(evidence.general), *general_tasks(evidence.candidate)])
    tasks = [_paired(evidence, name) for name in names]
    if faults := [*_unmeasured(list(names), declared), *_faults(tasks, evidence, policy)]:
        return Rows([failed(macro_row(), faults), *(task.row for task in tasks)], [])
    kept = [task for task in tasks if task.pairs is not None and task.pairs.base.mean() > 0]
    empty = [_empty(task, policy, level) for task in tasks if task not in kept]
    warnings = [f"the base scores 0 on {row.task}: nothing to forget, the task proves nothing" for row in empty]
    if few := [task.row.task for task in tasks if task.few]:
        warnings.append(f"fewer than {FEW_FAMILIES} families, so documents count as independent: {', '.join(few)}")
    if not kept:
        fault = "the base scores 0 on every general task: there is nothing to retain"
        return Rows([failed(macro_row(), [fault]), *empty], [])
    retained = [Retention(task.pairs) for task in kept if task.pairs is not None]
    ruling = rule(retained, policy.forgetting, level.forgetting, level.veto)
    single = [_task(kept[i], retained[i], ruling, i, (policy, level)) for i in range(len(kept))]
    further = next_size(evidence.general, policy.forgetting)
    return Rows(
        [_macro(retained, ruling, policy, level.forgetting, further), *single, *empty], warnings + _guessed(single)
    )


def _unmeasured(measured: Sequence[str], declared: Sequence[str]) -> list[str]:
    """A task that both files lack is one that nobody can fail. A group of lm-eval's counts by its tasks' names."""
    missing = [name for name in declared if not any(f"{task}_".startswith(f"{name}_") for task in measured)]
    return [f"general.tasks names {', '.join(missing)}, not measured"] if missing else []


def _faults(tasks: list[Task], evidence: Evidence, policy: Gate) -> list[str]:
    broken = [task.row.task for task in tasks if task.pairs is None]
    return [
        *size_faults(evidence.general, policy.forgetting),
        *([f"not comparable: {', '.join(broken)}"] if broken else []),
    ]


def _guessed(rows: list[GateResult]) -> list[str]:
    """Tasks on which the base does hardly better than guessing: a relative margin is wide there."""
    low = [row.task for row in rows if row.above_chance and row.above_chance[0] < LITTLE]
    return [f"the base is little above chance: what it knows there is hardly guarded: {', '.join(low)}"] if low else []


def _paired(evidence: Evidence, name: str) -> Task:
    base, before = find(evidence.general, name, "general")
    candidate, after = find(evidence.candidate, name, "general")
    metric = base.metrics[0] if base and base.metrics else ""
    row = task_row(name, metric)
    if base is None or candidate is None:
        faults = [f"base: {before}"] * bool(before) + [f"candidate: {after}"] * bool(after)
        return Task(failed(row, faults), None)
    if faults := pair_faults(base, candidate, metric):
        return Task(failed(row, faults), None)
    pairs = pair(base, candidate, metric)
    if min(pairs.base.min(), pairs.candidate.min()) < 0:
        return Task(failed(row, [f"{metric} has scores below 0: a relative margin is not defined"]), None)
    few = pairs.clustered and pairs.n_clusters < FEW_FAMILIES
    return Task(row, pairs.independent() if few else pairs, few, base.chance)


def _empty(task: Task, policy: Gate, level: Levels) -> GateResult:
    known = _numbers(Retention(task.pairs), policy, level.veto) if task.pairs else {}
    reason = "the base scores 0 here: nothing to forget"
    return task.row.model_copy(
        update={**known, "outcome": Outcome.PASS, "decides": False, "effect": None, "interval": None, "reason": reason}
    )


def _numbers(task: Retention, policy: Gate, alpha: float) -> dict[str, object]:
    pairs, interval = task.pairs, ratio_interval([task], alpha) if task.base > 0 else None
    return {
        "n": pairs.n,
        "clusters": pairs.n_clusters,
        "base": rounded(task.base),
        "candidate": rounded(task.candidate),
        "effect": rounded(task.candidate / task.base - 1) if task.base > 0 else None,
        "interval": rounded_pair((interval[0] - 1, interval[1] - 1)) if interval else None,
        "bound": -policy.forgetting.max_drop,
        "alpha": alpha,
        "test": _test(pairs),
        "better": pairs.better,
        "worse": pairs.worse,
    }


def _test(pairs: Pairs) -> str:
    if not pairs.binary:
        return f"relative t, {pairs.n_clusters} clusters" if pairs.clustered else "relative t"
    return f"Nam-Blackwelder and cluster t, {pairs.n_clusters} clusters" if pairs.clustered else "Nam-Blackwelder"


def _above_chance(task: Retention, chance: float | None) -> tuple[float, float] | None:
    """What is known beyond guessing: 5 % of a score of 0.30 by four choices is 30 % of it."""
    if chance is None:
        return None
    return rounded((task.base - chance) / (1 - chance)), rounded((task.candidate - chance) / (1 - chance))


def _task(judged: Task, task: Retention, ruling: Ruling, index: int, about: tuple[Gate, Levels]) -> GateResult:
    policy, level = about
    outcome, strict = ruling.tasks[index], policy.forgetting.policy == "strict"
    alpha = level.forgetting if strict else level.veto
    numbers = _numbers(task, policy, alpha)
    drop = f"{policy.forgetting.max_drop:.3g}"
    words = {
        Outcome.FAIL: f"significantly below the margin of {drop} (Holm p {ruling.p_adjusted[index]:.2g})",
        Outcome.PASS: f"loses at most {drop}: proven" if strict else "no veto: not significantly below its margin",
        Outcome.INCONCLUSIVE: f"neither proven nor refuted that at most {drop} is lost",
    }
    needs = needed([task], policy.forgetting.max_drop, alpha) if outcome is Outcome.INCONCLUSIVE else None
    more = f"; about {needs} documents would decide if nothing changed" if needs else ""
    result = {
        "outcome": outcome,
        "decides": strict or outcome is Outcome.FAIL,
        "p": rounded(ruling.p[index]),
        "p_adjusted": rounded(ruling.p_adjusted[index]),
        "min_n_80": needs,
        "above_chance": _above_chance(task, judged.chance),
        "reason": words[outcome] + more,
    }
    return judged.row.model_copy(update={**numbers, **result})


def _macro(tasks: list[Retention], ruling: Ruling, policy: Gate, alpha: float, further: int | None) -> GateResult:
    base, candidate = (sum(getattr(task, side) for task in tasks) for side in ("base", "candidate"))
    interval = ratio_interval(tasks, alpha)
    outcome, drop = ruling.macro, policy.forgetting.max_drop
    words = {
        Outcome.PASS: f"retains more than {1 - drop:.3g} of the base's macro: proven",
        Outcome.FAIL: f"retains less than {1 - drop:.3g} of the base's macro",
        Outcome.INCONCLUSIVE: f"neither proven nor refuted that {1 - drop:.3g} of the base's macro is retained",
    }
    needs = needed(tasks, drop, alpha) if outcome is Outcome.INCONCLUSIVE else None
    more = f"; about {needs} documents a task would decide if nothing changed" if needs else ""
    if further and outcome is Outcome.INCONCLUSIVE:
        more += f"; the next declared size is {further}: set general.documents to it"
    return macro_row().model_copy(
        update={
            "outcome": outcome,
            "decides": policy.forgetting.policy != "strict",
            "n": sum(task.pairs.n for task in tasks),
            "clusters": sum(task.pairs.n_clusters for task in tasks),
            "base": rounded(base / len(tasks)),
            "candidate": rounded(candidate / len(tasks)),
            "effect": rounded(candidate / base - 1),
            "interval": rounded_pair((interval[0] - 1, interval[1] - 1)) if interval else None,
            "bound": -drop,
            "alpha": alpha,
            "test": f"sum over {len(tasks)} tasks",
            "p": rounded(ruling.macro_p),
            "min_n_80": needs,
            "better": sum(task.pairs.better for task in tasks),
            "worse": sum(task.pairs.worse for task in tasks),
            "reason": words[outcome] + more,
        }
    )
