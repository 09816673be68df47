"""The verdict as a picture: each gate's effect with its interval against its bound, a row a gate.

Same verdict, same bytes: no date, fixed ids. Drawn without pyplot, which would keep state between figures.
"""

import io
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from tunegate.records.verdict import GateResult, Outcome, Verdict

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Colours that the colour-blind tell apart (Okabe and Ito), and a shape each for those who see none.
MARKS = {
    Outcome.PASS: ("#0072B2", "o"),
    Outcome.FAIL: ("#D55E00", "X"),
    Outcome.INCONCLUSIVE: ("#E69F00", "D"),
    Outcome.ERROR: ("#000000", "s"),
}
SETTINGS: Any = {"svg.hashsalt": "tunegate", "svg.fonttype": "none", "font.family": "DejaVu Sans", "font.size": 9}
ROW, MARGIN = 0.3, 0.75  # inches


class Panel(NamedTuple):
    """Gates that share a scale."""

    title: str
    rows: list[GateResult]


def draw(verdict: Verdict, form: Literal["svg", "png"]) -> bytes:
    """The picture as a file's bytes."""
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    panels = _panels(verdict)
    with mpl.rc_context(SETTINGS):
        heights = [max(1, len(panel.rows)) * ROW + MARGIN for panel in panels]
        figure = Figure(figsize=(8, sum(heights) + 0.4), layout="constrained")
        FigureCanvasAgg(figure)
        figure.suptitle(f"{verdict.key}: {verdict.outcome}", x=0.01, ha="left", fontweight="bold")
        axes = figure.subplots(len(panels), 1, height_ratios=heights, squeeze=False)[:, 0]
        for axis, panel in zip(axes, panels, strict=True):
            _fill(axis, panel)
        metadata = {"Date": None, "Creator": None} if form == "svg" else {"Software": None}
        stream = io.BytesIO()
        figure.savefig(stream, format=form, dpi=110, metadata=metadata)
    return stream.getvalue()


def _panels(verdict: Verdict) -> list[Panel]:
    titles = {
        "superiority": "Gain over the prompted base",
        "noninferiority": "Change of the general skills, relative",
        "floor": "Floors",
        "human": "People's preference, win rate",
    }
    panels = [
        Panel(title, rows)
        for kind, title in titles.items()
        if (rows := [gate for gate in verdict.gates if gate.kind == kind and gate.effect is not None])
    ]
    return panels or [Panel("No gate could be judged: see table.md", [])]


def _fill(axis: "Axes", panel: Panel) -> None:
    for place, gate in enumerate(panel.rows):
        _draw_row(axis, gate, float(place))
    axis.set_title(panel.title, loc="left", fontsize=9)
    axis.set_yticks(
        range(len(panel.rows)), [f"{gate.id}  {gate.outcome}" if gate.decides else gate.id for gate in panel.rows]
    )
    axis.set_ylim(max(len(panel.rows), 1) - 0.5, -0.5)
    axis.spines[["top", "right", "left"]].set_visible(False)
    axis.tick_params(axis="y", length=0)
    axis.grid(axis="x", color="#dddddd", linewidth=0.6)
    axis.set_axisbelow(True)
    axis.margins(x=0.06)
    if panel.rows and panel.rows[0].kind == "noninferiority":
        axis.xaxis.set_major_formatter(lambda value, _: f"{100 * value:+.1f} %")


def _draw_row(axis: "Axes", gate: GateResult, place: float) -> None:
    colour, shape = MARKS[gate.outcome]
    if gate.effect is None:
        return
    if gate.interval is not None:
        axis.plot(gate.interval, (place, place), color=colour, linewidth=2, solid_capstyle="butt")
    axis.plot([gate.effect], [place], shape, color=colour, markersize=6, fillstyle="full" if gate.decides else "none")
    if gate.bound is not None:
        axis.plot((gate.bound, gate.bound), (place - 0.5, place + 0.5), color="#444444", linewidth=1.4, linestyle="--")
