"""The verdict as a Markdown table for people: both sides, the bound and the result; then what fell short and why."""

from tunegate.gate.escape import escaped
from tunegate.records.verdict import GateResult, Outcome, Verdict

NEXT_STEPS = {
    Outcome.PASS: "Commit, then `dvc repro release`.",
    Outcome.FAIL: "No release. Change the training or the data and run `dvc repro`; try variants with `dvc exp run`.",
    Outcome.INCONCLUSIVE: "No release. More documents would decide; or waive the gate in params.yaml, with a date.",
    Outcome.ERROR: "No release. Measure again with `dvc repro`; an ERROR is never waived.",
}
HEAD = "| gate | base | candidate | effect (90 % interval) | bound | result |\n|---|---:|---:|---:|---:|---|\n"


def render_table(verdict: Verdict, advice: str = "") -> str:
    """The whole page, newline at the end; `advice` is a section of it (gate.advice)."""
    rows = "".join(_row(gate) for gate in verdict.gates)
    head = HEAD.replace("90", f"{100 * (1 - 2 * _alpha(verdict)):.3g}")
    notes = f"{_short(verdict)}{_notes(verdict)}{advice}"
    return f"## {verdict.key}: {verdict.outcome}\n\n{head}{rows}{notes}\n{_next(verdict)}\n"


def _alpha(verdict: Verdict) -> float:
    return next((gate.alpha for gate in verdict.gates if gate.alpha is not None), 0.05)


def _row(gate: GateResult) -> str:
    cells = (gate.id, _level(gate.base), _level(gate.candidate), _effect(gate), _bound(gate), _result(gate))
    return f"| {' | '.join(escaped(cell) for cell in cells)} |\n"


def _level(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _effect(gate: GateResult) -> str:
    if gate.effect is None:
        return ""
    shown = [gate.effect, *(gate.interval or ())]
    effect, *ends = (_number(gate, value) for value in shown)
    return f"{effect} ({ends[0]} to {ends[1]})" if ends else effect


def _bound(gate: GateResult) -> str:
    return "" if gate.bound is None else f"> {_number(gate, gate.bound)}"


def _number(gate: GateResult, value: float) -> str:
    """Gains in points, general skills as a relative change, floors as levels."""
    value = value if abs(value) > 5e-5 else 0.0
    if gate.kind == "noninferiority":
        return f"{100 * value:+.1f} %"
    return f"{value:.3f}" if gate.kind == "floor" else f"{value:+.3f}"


def _result(gate: GateResult) -> str:
    if gate.waived:
        return f"{gate.outcome}, waived"
    if gate.kind == "noninferiority" and not gate.decides:
        return "no veto" if gate.outcome is Outcome.PASS else f"({gate.outcome})"
    return str(gate.outcome)


def _short(verdict: Verdict) -> str:
    short = [gate for gate in verdict.gates if gate.decides and gate.outcome is not Outcome.PASS]
    # Evidence in error as a whole explains every other row.
    short = [gate for gate in short if gate.kind == "evidence"] or short
    lines = "".join(f"- `{escaped(gate.id)}` {_result(gate)}: {escaped(gate.reason)}\n" for gate in short)
    return f"\nWhat fell short:\n\n{lines}" if lines else ""


def _notes(verdict: Verdict) -> str:
    lines = [
        *(f"Waiver of `{w.gate}` until {w.expires} by {w.by}: {w.reason}" for w in verdict.waivers if w.used),
        *verdict.warnings,
    ]
    return "\nTo know:\n\n" + "".join(f"- {escaped(line)}\n" for line in lines) if lines else ""


def _next(verdict: Verdict) -> str:
    if verdict.outcome is Outcome.INCONCLUSIVE:
        needs = [gate.min_n_80 for gate in verdict.gates if gate.decides and not gate.waived and gate.min_n_80]
        if needs:
            return NEXT_STEPS[verdict.outcome].replace("More documents", f"About {max(needs)} documents")
    return NEXT_STEPS[verdict.outcome]
