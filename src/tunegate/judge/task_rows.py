"""The rows of the task itself: each gain over the prompted base, and each floor."""

from typing import Any

from tunegate.core.settings import Gate
from tunegate.judge.bootstrap import bootstrap_floor, bootstrap_gain
from tunegate.judge.comparability import find, pair_faults, sample_faults
from tunegate.judge.corpus import counted
from tunegate.judge.floors import judge_floor
from tunegate.judge.pairing import pair, scored
from tunegate.judge.rows import failed, floor_row, gain_row, judged, rounded
from tunegate.judge.superiority import judge_gain
from tunegate.judge.words import floor_words, gain_words
from tunegate.records.evidence import Evidence
from tunegate.records.scores import TaskScores
from tunegate.records.verdict import GateResult


def gain_rows(key: str, evidence: Evidence, policy: Gate, alpha: float) -> list[GateResult]:
    """A row for each gain that the policy declares, tested at the one-sided level `alpha`."""
    return [_gain(gain_row(key, gain.metric), evidence, gain.min_gain, alpha) for gain in policy.gains]


def floor_rows(key: str, evidence: Evidence, policy: Gate, alpha: float) -> list[GateResult]:
    """A row for each floor that the policy declares, tested at the one-sided level `alpha`."""
    return [_floor(floor_row(key, floor.metric), evidence, floor.min, alpha) for floor in policy.floors]


def _gain(row: GateResult, evidence: Evidence, min_gain: float, alpha: float) -> GateResult:
    base, before = find(evidence.baseline, row.task, "task")
    candidate, after = find(evidence.candidate, row.task, "task")
    if base is None or candidate is None:
        return failed(row, [f"baseline: {before}"] * bool(before) + [f"candidate: {after}"] * bool(after))
    if faults := pair_faults(base, candidate, row.metric):
        return failed(row, faults)
    if row.metric in candidate.corpus:
        return _corpus_gain(row, base, candidate, min_gain, alpha)
    pairs = pair(base, candidate, row.metric)
    counts = {"n": pairs.n, "clusters": pairs.n_clusters, "better": pairs.better, "worse": pairs.worse}
    means = {"base": rounded(float(pairs.base.mean())), "candidate": rounded(float(pairs.candidate.mean()))}
    return judged(row, judge_gain(pairs, min_gain, alpha), min_gain, alpha).model_copy(update={**counts, **means})


def _corpus_gain(row: GateResult, base: TaskScores, candidate: TaskScores, min_gain: float, alpha: float) -> GateResult:
    before, after = counted(base, row.metric), counted(candidate, row.metric)
    numbers: dict[str, Any] = {"n": len(after.rows), "clusters": after.n_clusters}
    means = {"base": rounded(before.value()), "candidate": rounded(after.value())}
    finding = bootstrap_gain(before, after, min_gain, alpha, gain_words)
    return judged(row, finding, min_gain, alpha).model_copy(update={**numbers, **means})


def _floor(row: GateResult, evidence: Evidence, floor: float, alpha: float) -> GateResult:
    task, fault = find(evidence.candidate, row.task, "task")
    if task is None:
        return failed(row, [f"candidate: {fault}"])
    if faults := sample_faults(task, row.metric):
        return failed(row, faults)
    if row.metric in task.corpus:
        counts = counted(task, row.metric)
        numbers, mean = {"n": len(counts.rows), "clusters": counts.n_clusters}, counts.value()
        finding = bootstrap_floor(counts, floor, alpha, floor_words)
    else:
        values = scored(task, row.metric)
        numbers, mean = {"n": len(values.values), "clusters": values.n_clusters}, float(values.values.mean())
        finding = judge_floor(values, floor, alpha)
    return judged(row, finding, floor, alpha).model_copy(update={**numbers, "candidate": rounded(mean)})
