"""The cells and sentences of a verdict in plain words, for every page that shows one: table, report, pull request."""

from collections.abc import Iterable

from tunegate.judge.comparability import OTHER_LIBRARIES
from tunegate.records.verdict import GateResult, Outcome, Verdict

NEXT_STEPS = {
    Outcome.PASS: "Commit, then `dvc repro release`.",
    Outcome.FAIL: "No release. Change the training or the data and run `dvc repro`; try variants with `dvc exp run`.",
    Outcome.INCONCLUSIVE: "No release. More documents would decide; or waive the gate in params.yaml, with a date.",
    Outcome.ERROR: "No release. Measure again with `dvc repro`; an ERROR is never waived.",
}
MEANINGS = {
    Outcome.PASS: "Every gate that decides is proven, or waived: this candidate may be released.",
    Outcome.FAIL: "At least one gate is refuted by the evidence: this candidate is not released.",
    Outcome.INCONCLUSIVE: "The evidence neither proves nor refutes every gate: this candidate is not released.",
    Outcome.ERROR: "Evidence is missing, damaged or not comparable: there is nothing to decide on, so no release.",
}
SEVERITY = (Outcome.ERROR, Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.PASS)


def level(value: float | None) -> str:
    """A mean score."""
    return "" if value is None else f"{value:.3f}"


def number(gate: GateResult, value: float) -> str:
    """Gains and gaps in points, what may be lost as a relative change, floors and win rates as levels."""
    value = value if abs(value) > 5e-5 else 0.0
    if gate.kind in {"noninferiority", "regression"}:
        return f"{100 * value:+.1f} %"
    return f"{value:.3f}" if gate.kind in {"floor", "human"} else f"{value:+.3f}"


def effect(gate: GateResult) -> str:
    """The effect with its interval."""
    if gate.effect is None:
        return ""
    shown = [gate.effect, *(gate.interval or ())]
    middle, *ends = (number(gate, value) for value in shown)
    return f"{middle} ({ends[0]} to {ends[1]})" if ends else middle


def bound(gate: GateResult) -> str:
    """What the interval is held against."""
    if gate.bound is None:
        return ""
    return f"{'at most' if gate.kind == 'leak' else '>'} {number(gate, gate.bound)}"


def result(gate: GateResult) -> str:
    """The outcome, and whether it counts."""
    if gate.waived:
        return f"{gate.outcome}, waived"
    if gate.kind == "noninferiority" and not gate.decides:
        return "no veto" if gate.outcome is Outcome.PASS else f"({gate.outcome})"
    if gate.kind == "leak" and gate.outcome is Outcome.PASS:
        return "no veto"
    if gate.kind == "human" and not gate.decides:
        return f"({gate.outcome})"
    return str(gate.outcome)


def cells(gate: GateResult) -> tuple[str, ...]:
    """A row of the table: gate, base, candidate, effect, bound, result."""
    return (gate.id, level(gate.base), level(gate.candidate), effect(gate), bound(gate), result(gate))


def confidence(verdict: Verdict) -> str:
    """How wide the intervals are, in per cent: two one-sided bounds at alpha."""
    alpha = next((gate.alpha for gate in verdict.gates if gate.alpha is not None), 0.05)
    return f"{100 * (1 - 2 * alpha):.3g}"


def fell_short(verdict: Verdict) -> list[GateResult]:
    """The gates that decide and did not pass, waived ones too; evidence in error explains every other row."""
    short = [gate for gate in verdict.gates if gate.decides and gate.outcome is not Outcome.PASS]
    return [gate for gate in short if gate.kind == "evidence"] or short


def to_know(verdict: Verdict) -> list[str]:
    """Waivers that were needed, then the warnings."""
    used = [f"Waiver of `{w.gate}` until {w.expires} by {w.by}: {w.reason}" for w in verdict.waivers if w.used]
    return [*used, *verdict.warnings]


def next_step(verdict: Verdict) -> str:
    """What to do now; where more documents would decide, about how many; where libraries differ, what measures anew."""
    if verdict.outcome is Outcome.INCONCLUSIVE:
        open_gates = [gate for gate in verdict.gates if gate.decides and not gate.waived and gate.min_n_80]
        needs = [gate.min_n_80 or 0 for gate in open_gates if gate.kind != "human"]  # people rate pairs, not documents
        if needs:
            return NEXT_STEPS[verdict.outcome].replace("More documents", f"About {max(needs)} documents")
    apart = [gate for gate in verdict.gates if OTHER_LIBRARIES in gate.reason]
    if verdict.outcome is Outcome.ERROR and apart:
        return NEXT_STEPS[Outcome.ERROR].replace("`dvc repro`", _measure_all(verdict))
    said = NEXT_STEPS[verdict.outcome]
    return said.replace("repro release", "repro release-variant") if verdict.parent else said


def _measure_all(verdict: Verdict) -> str:
    """DVC does not see that libraries are others now: it has to be told to measure both sides once more."""
    stages = f"evaluate-variant@{verdict.key}" if verdict.parent else f"baseline@{verdict.key} evaluate@{verdict.key}"
    return f"`dvc repro --force --single-item general {stages}`, then `dvc repro` (DVC does not see other libraries)"


def gravest(outcomes: Iterable[Outcome]) -> Outcome:
    """The outcome of several verdicts together; of none an ERROR: no evidence is never a pass."""
    return min(outcomes, key=SEVERITY.index, default=Outcome.ERROR)
