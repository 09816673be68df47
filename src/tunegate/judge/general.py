"""The rows of forgetting: each general task paired, ruled together, and said in words.

A general task with a handful of families is a fixed suite, no sample of families: two families leave one degree of
freedom, with which nothing could be proven or vetoed. There documents count as independent, and the verdict says so.
"""

from typing import NamedTuple

from tunegate.core.settings import Gate
from tunegate.judge.comparability import find, general_tasks, pair_faults
from tunegate.judge.forgetting import Ruling, needed, ratio_interval, rule
from tunegate.judge.pairing import Pairs, pair
from tunegate.judge.retention import Retention
from tunegate.judge.rows import failed, macro_row, rounded, rounded_pair, task_row
from tunegate.records.evidence import Evidence
from tunegate.records.verdict import GateResult, Outcome

FEW_FAMILIES = 10


class Rows(NamedTuple):
    """Rows of the verdict, and what a reader should know beside them."""

    rows: list[GateResult]
    warnings: list[str]


class Task(NamedTuple):
    """One general task: its row, and the pairs if the two measurements can be compared."""

    row: GateResult
    pairs: Pairs | None
    few: bool = False


def forgetting_rows(evidence: Evidence, policy: Gate) -> Rows:
    """The macro row, then a row a task."""
    names = dict.fromkeys([*general_tasks(evidence.general), *general_tasks(evidence.candidate)])
    tasks = [_paired(evidence, name) for name in names]
    broken = [task.row.task for task in tasks if task.pairs is None]
    if broken:
        macro = failed(macro_row(), [f"not comparable: {', '.join(broken)}"])
        return Rows([macro, *(task.row for task in tasks)], [])
    kept = [task for task in tasks if task.pairs is not None and task.pairs.base.mean() > 0]
    empty = [_empty(task, policy) for task in tasks if task not in kept]
    warnings = [f"the base scores 0 on {row.task}: nothing to forget, the task proves nothing" for row in empty]
    if few := [task.row.task for task in tasks if task.few]:
        warnings.append(f"fewer than {FEW_FAMILIES} families, so documents count as independent: {', '.join(few)}")
    if not kept:
        fault = "the base scores 0 on every general task: there is nothing to retain"
        return Rows([failed(macro_row(), [fault]), *empty], [])
    retained = [Retention(task.pairs) for task in kept if task.pairs is not None]
    ruling = rule(retained, policy.forgetting, policy.alpha)
    single = [_task(kept[i].row, retained[i], ruling, i, policy) for i in range(len(kept))]
    return Rows([_macro(retained, ruling, policy), *single, *empty], warnings)


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
    return Task(row, pairs.independent() if few else pairs, few)


def _empty(task: Task, policy: Gate) -> GateResult:
    known = _numbers(Retention(task.pairs), policy) if task.pairs else {}
    reason = "the base scores 0 here: nothing to forget"
    return task.row.model_copy(
        update={**known, "outcome": Outcome.PASS, "decides": False, "effect": None, "interval": None, "reason": reason}
    )


def _numbers(task: Retention, policy: Gate) -> dict[str, object]:
    pairs, interval = task.pairs, ratio_interval([task], policy.alpha) if task.base > 0 else None
    return {
        "n": pairs.n,
        "clusters": pairs.n_clusters,
        "base": rounded(task.base),
        "candidate": rounded(task.candidate),
        "effect": rounded(task.candidate / task.base - 1) if task.base > 0 else None,
        "interval": rounded_pair((interval[0] - 1, interval[1] - 1)) if interval else None,
        "bound": -policy.forgetting.max_drop,
        "alpha": policy.alpha,
        "test": _test(pairs),
        "better": pairs.better,
        "worse": pairs.worse,
    }


def _test(pairs: Pairs) -> str:
    if not pairs.binary:
        return f"relative t, {pairs.n_clusters} clusters" if pairs.clustered else "relative t"
    return f"Nam-Blackwelder and cluster t, {pairs.n_clusters} clusters" if pairs.clustered else "Nam-Blackwelder"


def _task(row: GateResult, task: Retention, ruling: Ruling, index: int, policy: Gate) -> GateResult:
    outcome, strict = ruling.tasks[index], policy.forgetting.policy == "strict"
    numbers = _numbers(task, policy)
    drop = f"{policy.forgetting.max_drop:.3g}"
    words = {
        Outcome.FAIL: f"significantly below the margin of {drop} (Holm p {ruling.p_adjusted[index]:.2g})",
        Outcome.PASS: f"loses at most {drop}: proven" if strict else "no veto: not significantly below its margin",
        Outcome.INCONCLUSIVE: f"neither proven nor refuted that at most {drop} is lost",
    }
    needs = needed([task], policy.forgetting.max_drop, policy.alpha) if outcome is Outcome.INCONCLUSIVE else None
    more = f"; about {needs} documents would decide if nothing changed" if needs else ""
    result = {
        "outcome": outcome,
        "decides": strict or outcome is Outcome.FAIL,
        "p": rounded(ruling.p[index]),
        "p_adjusted": rounded(ruling.p_adjusted[index]),
        "min_n_80": needs,
        "reason": words[outcome] + more,
    }
    return row.model_copy(update={**numbers, **result})


def _macro(tasks: list[Retention], ruling: Ruling, policy: Gate) -> GateResult:
    base, candidate = (sum(getattr(task, side) for task in tasks) for side in ("base", "candidate"))
    interval = ratio_interval(tasks, policy.alpha)
    outcome, drop = ruling.macro, policy.forgetting.max_drop
    words = {
        Outcome.PASS: f"retains more than {1 - drop:.3g} of the base's macro: proven",
        Outcome.FAIL: f"retains less than {1 - drop:.3g} of the base's macro",
        Outcome.INCONCLUSIVE: f"neither proven nor refuted that {1 - drop:.3g} of the base's macro is retained",
    }
    needs = needed(tasks, drop, policy.alpha) if outcome is Outcome.INCONCLUSIVE else None
    more = f"; about {needs} documents a task would decide if nothing changed" if needs else ""
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
            "alpha": policy.alpha,
            "test": f"sum over {len(tasks)} tasks",
            "p": rounded(ruling.macro_p),
            "min_n_80": needs,
            "better": sum(task.pairs.better for task in tasks),
            "worse": sum(task.pairs.worse for task in tasks),
            "reason": words[outcome] + more,
        }
    )
