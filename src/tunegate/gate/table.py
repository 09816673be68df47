"""The verdict as a Markdown table for people: both sides, the bound and the result; then what fell short and why."""

from collections.abc import Sequence

from tunegate.gate.escape import escaped
from tunegate.judge.remedies import Remedy, summary
from tunegate.judge.wording import cells, confidence, fell_short, next_step, result, to_know
from tunegate.records.verdict import GateResult, Verdict

HEAD = "| gate | base | candidate | effect (90 % interval) | bound | result |\n|---|---:|---:|---:|---:|---|\n"


def render_table(verdict: Verdict, advice: str = "", tries: Sequence[Remedy] = ()) -> str:
    """The whole page, newline at the end; `advice` is a section of it (gate.advice), `tries` are judge.remedies."""
    rows = "".join(_row(gate) for gate in verdict.gates)
    head = HEAD.replace("90", confidence(verdict))
    notes = f"{_short(verdict)}{_remedies(verdict, tries)}{_notes(verdict)}{advice}"
    return f"## {verdict.key}: {verdict.outcome}\n\n{head}{rows}{notes}\n{next_step(verdict)}\n"


def _row(gate: GateResult) -> str:
    return f"| {' | '.join(escaped(cell) for cell in cells(gate))} |\n"


def _short(verdict: Verdict) -> str:
    lines = [f"- `{escaped(gate.id)}` {result(gate)}: {escaped(gate.reason)}\n" for gate in fell_short(verdict)]
    return f"\nWhat fell short:\n\n{''.join(lines)}" if lines else ""


def _remedies(verdict: Verdict, tries: Sequence[Remedy]) -> str:
    if not tries:
        return ""
    lines = "".join(f"- {escaped(one.why)}: `{one.command(verdict.key)}` (now {one.now})\n" for one in tries)
    said = summary(verdict)
    title = f"What to try against forgetting ({escaped(said)})" if said else "What to try"
    return f"\n{title}:\n\n{lines}"


def _notes(verdict: Verdict) -> str:
    lines = to_know(verdict)
    return "\nTo know:\n\n" + "".join(f"- {escaped(line)}\n" for line in lines) if lines else ""
