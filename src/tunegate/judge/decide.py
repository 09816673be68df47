"""decide(evidence, policy, today) -> Verdict: a pure function, the same on every machine.

Comparability first, then gains, floors, regression, forgetting and probes; then waivers. ERROR before FAIL, FAIL before
INCONCLUSIVE.
"""

from collections.abc import Sequence
from datetime import date

from tunegate.core.settings import Gate
from tunegate.judge.comparability import identity_faults, signature_faults
from tunegate.judge.general import forgetting_rows
from tunegate.judge.human_rows import human_rows
from tunegate.judge.leak import leak_rows
from tunegate.judge.levels import levels, looks_faults, looks_words
from tunegate.judge.regression import regression_rows, variant_rows
from tunegate.judge.rows import declared_rows, demanded, evidence_rows, failed, probe_row
from tunegate.judge.task_rows import floor_rows, gain_rows
from tunegate.judge.variant import of_any_format
from tunegate.judge.waivers import apply_waivers
from tunegate.records.evidence import Evidence
from tunegate.records.probe import Check, ProbeReport
from tunegate.records.verdict import GateResult, Outcome, Verdict


def decide(
    key: str, evidence: Evidence, policy: Gate, today: date, inputs: dict[str, str], *, declared: Sequence[str] = ()
) -> Verdict:
    """Decide on one candidate.

    Args:
        key: the adapter (its task's name in the score files), or a variant of one.
        evidence: all files.
        policy: `adapters.KEY.gate` of params.yaml.
        today: waivers are held against it.
        inputs: the digest of each evidence file, for the record.
        declared: `general.tasks` of params.yaml; one that was not measured is an ERROR.
    """
    warnings: list[str] = []
    if policy.parent:
        evidence = of_any_format(evidence)
    task = policy.task or key
    level = levels(evidence, policy)
    if faults := [*identity_faults(evidence), *looks_faults(evidence), *signature_faults(evidence, policy)]:
        rows = [*evidence_rows(faults), *declared_rows(task, policy)]
    else:
        rows = [*gain_rows(task, evidence, policy, level.task), *floor_rows(task, evidence, policy, level.task)]
        rows += regression_rows(task, evidence, policy, level.task, inputs)
        rows += variant_rows(task, evidence, policy, level.task)
        rows += leak_rows(task, evidence, policy, level.veto)
        forgetting, warnings = forgetting_rows(evidence, policy, level, declared)
        rows += [*forgetting, *human_rows(task, evidence, policy, level.task), *_probes(task, evidence.probe, policy)]
    waived = apply_waivers(rows, policy.waivers, today)
    return Verdict(
        key=key,
        outcome=worst(waived.rows),
        policy=policy.model_dump(mode="json"),
        base=evidence.baseline.measured,
        candidate=evidence.candidate.measured,
        gates=tuple(waived.rows),
        waivers=waived.used,
        # A released version's scores that no policy names are no input: they may lie there for people's comparison.
        inputs={name: digest for name, digest in inputs.items() if name != "released" or policy.released},
        looks=level.looks,
        warnings=(*looks_words(level, policy), *warnings, *_rough(waived.rows), *waived.warnings),
    )


def error_verdict(key: str, policy: Gate, reasons: Sequence[str], inputs: dict[str, str]) -> Verdict:
    """The verdict where evidence cannot even be read: ERROR, with every declared gate unjudged."""
    rows = (*evidence_rows(reasons), *declared_rows(policy.task or key, policy))
    return Verdict(key=key, outcome=Outcome.ERROR, policy=policy.model_dump(mode="json"), gates=rows, inputs=inputs)


def worst(rows: Sequence[GateResult]) -> Outcome:
    """The verdict over all rows that decide and are not waived; without any row an ERROR."""
    found = {row.outcome for row in rows if row.decides and not row.waived}
    for outcome in (Outcome.ERROR, Outcome.FAIL, Outcome.INCONCLUSIVE):
        if outcome in found:
            return outcome
    return Outcome.PASS if rows else Outcome.ERROR


def _probes(key: str, probe: ProbeReport, policy: Gate) -> list[GateResult]:
    names = dict.fromkeys([*demanded(policy), *(check.name for check in probe.checks)])
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
