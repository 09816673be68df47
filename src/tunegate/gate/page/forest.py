"""Effects against their bounds, a row a gate, drawn with CSS: readable on a phone, by day and by night.

`effects.svg` shows the same as a file of its own.
"""

from collections.abc import Sequence

from tunegate.gate.page.markup import Markup, fill, joined
from tunegate.judge.wording import bound, effect, number, result
from tunegate.records.verdict import GateResult, Verdict

TITLES = {
    "superiority": "Gain over the prompted base",
    "floor": "Floors",
    "noninferiority": "Change of the general skills, relative",
    "regression": "Change against the released version",
    "human": "People's preference, win rate",
    "leak": "Gain on test beyond that on validation: at most the bound",
}
ROOM = 0.06  # on both sides of the scale


def forest(verdict: Verdict) -> Markup:
    """A figure for each kind of gate that has an effect; gates of a kind share their scale."""
    return joined(
        _figure(title, rows)
        for kind, title in TITLES.items()
        if (rows := [gate for gate in verdict.gates if gate.kind == kind and gate.effect is not None])
    )


def _figure(title: str, rows: Sequence[GateResult]) -> Markup:
    low, high = _scale(rows)
    ends = fill('<p class="scale"><span>{}</span><span>{}</span></p>', number(rows[0], low), number(rows[0], high))
    drawn = joined(_row(gate, low, high) for gate in rows)
    return fill('<figure class="forest">\n<figcaption>{}</figcaption>\n{}{}</figure>\n', title, drawn, ends)


def _scale(rows: Sequence[GateResult]) -> tuple[float, float]:
    values = [
        value for gate in rows for value in (gate.effect, gate.bound, *(gate.interval or ())) if value is not None
    ]
    low, high = min(values), max(values)
    room = ROOM * ((high - low) or 1.0)
    return low - room, high + room


def _row(gate: GateResult, low: float, high: float) -> Markup:
    def at(value: float) -> str:
        return f"{100 * (value - low) / (high - low):.2f}"

    marks = []
    if gate.interval is not None:
        left, right = gate.interval
        marks.append(fill('<i class="span" style="left:{}%;right:{}%"></i>', at(left), f"{100 - float(at(right)):.2f}"))
    if gate.bound is not None:
        marks.append(fill('<i class="limit" style="left:{}%"></i>', at(gate.bound)))
    if gate.effect is not None:
        marks.append(fill('<i class="dot" style="left:{}%"></i>', at(gate.effect)))
    told = fill("<span>{}</span><span>bound {}</span>", effect(gate), bound(gate) or "none")
    pattern = '<div class="bar v-{} {}"><span class="what">{} <b>{}</b></span><span class="track">{}</span>'
    pattern += '<span class="told">{}</span></div>\n'
    loud = "" if gate.decides else "quiet"
    return fill(pattern, gate.outcome.lower(), loud, gate.id, result(gate), joined(marks), told)
