"""decide(evidence, policy, today) -> Verdict: a pure function, the same on every machine.

Comparability first, then gains, floors, forgetting and probes; then waivers. ERROR before FAIL before INCONCLUSIVE.
"""

from collections.abc import Sequence
from datetime import date

from tunegate.core.settings import Gate
from tunegate.judge.comparability import find, identity_faults, pair_faults, sample_faults
from tunegate.judge.floors import judge_floor
from tunegate.judge.general import forgetting_rows
from tunegate.judge.pairing import pair, scored
from tunegate.judge.rows import (
    REQUIRED_CHECKS,
    declared_rows,
    evidence_rows,
    failed,
    floor_row,
    gain_row,
    judged,
    probe_row,
    rounded,
)
from tunegate.judge.superiority import judge_gain
from tunegate.judge.waivers import apply_waivers
from tunegate.records.evidence import Evidence
from tunegate.records.probe import Check, ProbeReport
from tunegate.records.verdict import GateResult, Outcome, Verdict


def decide(key: str, evidence: Evidence, policy: Gate, today: date, inputs: dict[str, str]) -> Verdict:
    """Decide on one candidate.

    Args:
        key: the adapter; its task's name in the score files.
        evidence: all four files.
        policy: `adapters.KEY.gate` of params.yaml.
        today: waivers are held against it.
        inputs: the digest of each evidence file, for the record.
    """
    warnings: list[str] = []
    if faults := identity_faults(evidence):
        rows = [*evidence_rows(faults), *declared_rows(key, policy)]
    else:
        forgetting, warnings = forgetting_rows(evidence, policy)
        rows = [*_gains(key, evidence, policy), *_floors(key, evidence, policy), *forgetting]
        rows += _probes(key, evidence.probe)
    waived = apply_waivers(rows, policy.waivers, today)
    return Verdict(
        key=key,
        outcome=worst(waived.rows),
        policy=policy.model_dump(mode="json"),
        base=evidence.baseline.measured,
        candidate=evidence.candidate.measured,
        gates=tuple(waived.rows),
        waivers=waived.used,
        inputs=inputs,
        warnings=(*warnings, *_rough(waived.rows), *waived.warnings),
    )


def error_verdict(key: str, policy: Gate, reasons: Sequence[str], inputs: dict[str, str]) -> Verdict:
    """The verdict where evidence cannot even be read: ERROR, with every declared gate unjudged."""
    rows = (*evidence_rows(reasons), *declared_rows(key, policy))
    return Verdict(key=key, outcome=Outcome.ERROR, policy=policy.model_dump(mode="json"), gates=rows, inputs=inputs)


def worst(rows: Sequence[GateResult]) -> Outcome:
    """The verdict over all rows that decide and are not waived; without any row an ERROR."""
    found = {row.outcome for row in rows if row.decides and not row.waived}
    for outcome in (Outcome.ERROR, Outcome.FAIL, Outcome.INCONCLUSIVE):
        if outcome in found:
            return outcome
    return Outcome.PASS if rows else Outcome.ERROR


def _gains(key: str, evidence: Evidence, policy: Gate) -> list[GateResult]:
    return [_gain(gain_row(key, gain.metric), evidence, gain.min_gain, policy.alpha) for gain in policy.gains]


def _gain(row: GateResult, evidence: Evidence, min_gain: float, alpha: float) -> GateResult:
    base, before = find(evidence.baseline, row.task, "task")
    candidate, after = find(evidence.candidate, row.task, "task")
    if base is None or candidate is None:
        return failed(row, [f"baseline: {before}"] * bool(before) + [f"candidate: {after}"] * bool(after))
    if faults := pair_faults(base, candidate, row.metric):
        return failed(row, faults)
    pairs = pair(base, candidate, row.metric)
    counts = {"n": pairs.n, "clusters": pairs.n_clusters, "better": pairs.better, "worse": pairs.worse}
    means = {"base": rounded(float(pairs.base.mean())), "candidate": rounded(float(pairs.candidate.mean()))}
    return judged(row, judge_gain(pairs, min_gain, alpha), min_gain, alpha).model_copy(update={**counts, **means})


def _floors(key: str, evidence: Evidence, policy: Gate) -> list[GateResult]:
    return [_floor(floor_row(key, floor.metric), evidence, floor.min, policy.alpha) for floor in policy.floors]


def _floor(row: GateResult, evidence: Evidence, floor: float, alpha: float) -> GateResult:
    task, fault = find(evidence.candidate, row.task, "task")
    if task is None:
        return failed(row, [f"candidate: {fault}"])
    if faults := sample_faults(task, row.metric):
        return failed(row, faults)
    values = scored(task, row.metric)
    numbers = {"n": len(values.values), "clusters": values.n_clusters}
    mean = {"candidate": rounded(float(values.values.mean()))}
    return judged(row, judge_floor(values, floor, alpha), floor, alpha).model_copy(update={**numbers, **mean})


def _probes(key: str, probe: ProbeReport) -> list[GateResult]:
    names = dict.fromkeys([*REQUIRED_CHECKS, *(check.name for check in probe.checks)])
    return [_probe(probe_row(key, name), [check for check in probe.checks if check.name == name]) for name in names]


def _probe(row: GateResult, checks: Sequence[Check]) -> GateResult:
    if len(checks) != 1:
        return failed(row, [f"the probe report has {len(checks)} checks of this name, expected one"])
    check = checks[0]
    if check.cases < 1:
        return failed(row, ["checked on no case: no evidence"])
    outcome = Outcome.PASS if check.passed else Outcome.FAIL
    reason = check.detail if check.passed or not check.fix else f"{check.detail}; {check.fix}"
    return row.model_copy(update={"outcome": outcome, "n": check.cases, "reason": reason})


def _rough(rows: Sequence[GateResult]) -> list[str]:
    """Intervals that rest on few families, or on the guess that equal scores of a family are independent."""
    few = [r.id for r in rows if r.clusters is not None and 1 < r.clusters < 10 and r.kind in ("superiority", "floor")]
    equal = [r.id for r in rows if r.kind == "floor" and r.test == "Clopper-Pearson" and (r.clusters or 0) < (r.n or 0)]
    return [
        *(f"{gate}: fewer than 10 families, the interval is rough" for gate in few),
        *(f"{gate}: all scores are equal, so documents count as independent, not families" for gate in equal),
    ]
