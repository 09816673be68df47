"""The geometry of a flow picture: columns of places, and bands of rows between neighbouring columns.

A band is as thick as its rows, one unit at least, so that one reject among a million is still seen.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from tunegate.prepare.wording import number

TALL = 230  # units for all rows
NODE = 9  # width of a place
SLOT = 22  # height that a label needs
TOP, BOTTOM = 34, 6  # room for the heads of the columns, and below
MOST_LETTERS = 30  # of a label on the right


class Part(NamedTuple):
    """One place: its name, its rows, and its colour class."""

    name: str
    rows: int
    tone: str


class Link(NamedTuple):
    """Rows that go from a place of one column to a place of the next; `title` says it in words."""

    column: int
    start: int
    end: int
    rows: int
    tone: str
    title: str


class Layout(NamedTuple):
    """Where the columns stand; labels stand outside the outer columns, or (`inside`) on the bands. `letters`: at most
    so many of a name on the left, its end.
    """

    width: int
    columns: tuple[float, ...]
    inside: bool
    letters: int


class Node(NamedTuple):
    """A drawn place with its label."""

    x: float
    y: float
    height: float
    tone: str
    name: str
    rows: str
    label_x: float
    label_y: float
    anchor: Literal["start", "middle", "end"]


class Band(NamedTuple):
    """A drawn link."""

    path: str
    tone: str
    title: str


class Head(NamedTuple):
    """What a column is."""

    x: float
    anchor: Literal["start", "middle", "end"]
    text: str


class Picture(NamedTuple):
    """A drawn flow, in units of its view box."""

    width: int
    height: float
    heads: tuple[Head, ...]
    nodes: tuple[Node, ...]
    bands: tuple[Band, ...]


def draw(columns: Sequence[Sequence[Part]], links: Sequence[Link], heads: Sequence[str], layout: Layout) -> Picture:
    """Draw the flow; the first column's rows are TALL units high together."""
    scale = TALL / max(1, sum(part.rows for part in columns[0]))
    heights = [_heights(at, len(parts), links, scale) for at, parts in enumerate(columns)]
    tallest = max(sum(max(SLOT, height) for height in column) for column in heights)
    tops = [_tops(column, tallest) for column in heights]
    nodes = tuple(
        _node(part, (layout.columns[at], tops[at][place], heights[at][place]), layout, at)
        for at, parts in enumerate(columns)
        for place, part in enumerate(parts)
    )
    named = tuple(Head(*_label_place(layout, at), text) for at, text in enumerate(heads))
    bands = tuple(_bands(links, tops, layout, scale))
    return Picture(layout.width, round(TOP + tallest + BOTTOM, 1), named, nodes, bands)


def _thick(rows: int, scale: float) -> float:
    return max(1.0, rows * scale) if rows else 0.0


def _heights(column: int, count: int, links: Sequence[Link], scale: float) -> list[float]:
    into, out = [0.0] * count, [0.0] * count
    for link in links:
        if link.column == column:
            out[link.start] += _thick(link.rows, scale)
        if link.column == column - 1:
            into[link.end] += _thick(link.rows, scale)
    return [max(pair) for pair in zip(into, out, strict=True)]


def _tops(heights: Sequence[float], tallest: float) -> list[float]:
    """Each place in the middle of its slot; the free room of a short column is spread evenly."""
    slots = [max(SLOT, height) for height in heights]
    gap = (tallest - sum(slots)) / (len(slots) + 1) if slots else 0.0
    tops, y = [], TOP + gap
    for slot, height in zip(slots, heights, strict=True):
        tops.append(y + (slot - height) / 2)
        y += slot + gap
    return tops


def _node(part: Part, box: tuple[float, float, float], layout: Layout, column: int) -> Node:
    x, y, height = box
    label_x, anchor = _label_place(layout, column)
    letters = layout.letters if column == 0 else MOST_LETTERS
    name = part.name if len(part.name) <= letters else f"\u2026{part.name[1 - letters :]}"
    label_y = y - 6 if anchor == "middle" else y + height / 2 + 4
    return Node(
        round(x, 1),
        round(y, 1),
        round(height, 1),
        part.tone,
        name,
        number(part.rows),
        label_x,
        round(label_y, 1),
        anchor,
    )


def _label_place(layout: Layout, column: int) -> tuple[float, Literal["start", "middle", "end"]]:
    x = layout.columns[column]
    last = len(layout.columns) - 1
    if 0 < column < last:
        return x + NODE / 2, "middle"
    after = (column == 0) == layout.inside
    return (x + NODE + 8, "start") if after else (x - 8, "end")


def _bands(links: Sequence[Link], tops: Sequence[Sequence[float]], layout: Layout, scale: float) -> list[Band]:
    out, into = [list(column) for column in tops], [list(column) for column in tops]
    bands = []
    for link in links:
        thick = _thick(link.rows, scale)
        start, end = out[link.column][link.start], into[link.column + 1][link.end]
        x, to = layout.columns[link.column] + NODE, layout.columns[link.column + 1]
        bands.append(Band(_ribbon((x, start), (to, end), thick), link.tone, link.title))
        out[link.column][link.start] += thick
        into[link.column + 1][link.end] += thick
    return bands


def _ribbon(start: tuple[float, float], end: tuple[float, float], thick: float) -> str:
    """An area between two curves that leave and arrive level."""
    (x, y), (to, goal) = start, end
    half = (x + to) / 2
    upper = f"M{x:.1f} {y:.1f}C{half:.1f} {y:.1f} {half:.1f} {goal:.1f} {to:.1f} {goal:.1f}"
    y, goal = y + thick, goal + thick
    return f"{upper}V{goal:.1f}C{half:.1f} {goal:.1f} {half:.1f} {y:.1f} {x:.1f} {y:.1f}Z"
