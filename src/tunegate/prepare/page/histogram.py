"""Lengths of several splits in one picture: areas that each hold the same, so that splits of any size compare.

The height is a density: share of the split's rows per unit of the x axis as it is drawn. So any bins will do, also
unequal ones; where they grow with the length, the axis is logarithmic.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from tunegate.prepare.page.flow import tone
from tunegate.prepare.wording import counted, number, percent
from tunegate.records.data_report import Bin, Lengths

WIDTH, HEIGHT = 360, 178
LEFT, RIGHT, TOP, BOTTOM = 6, 6, 10, 24
GROWS = 4  # widest bin against narrowest: from here on the bins were made for a logarithmic axis
ENOUGH = 20  # rows; the outline of fewer does not set the scale
Scale = Callable[[float], float]


class Curve(NamedTuple):
    """One split: its outline, and where its median is."""

    name: str
    tone: str
    outline: str
    median_x: float


class Bar(NamedTuple):
    """A stretch of the axis, and in words how many rows of each split it holds."""

    x: float
    width: float
    told: str


class Tick(NamedTuple):
    """A mark on the x axis."""

    x: float
    text: str


class Histogram(NamedTuple):
    """The picture of one kind of length, in units of its view box (WIDTH x HEIGHT)."""

    curves: tuple[Curve, ...]
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    unit: str
    logarithmic: bool


def histogram(lengths: Mapping[str, Lengths]) -> Histogram | None:
    """Draw the lengths of each split; None where no split has rows."""
    drawn = {name: one for name, one in lengths.items() if sum(part.count for part in one.histogram)}
    if not drawn:
        return None
    bins = [part for one in drawn.values() for part in one.histogram]
    widths = [part.high - part.low for part in bins]
    logarithmic = max(widths) >= GROWS * max(1, min(widths))
    scale = math.log1p if logarithmic else float
    low, high = min(part.low for part in bins), max(part.high for part in bins)
    across = _across(scale, low, high)
    top = _top(drawn, scale)
    curves = tuple(_curve(name, one, scale, across, top) for name, one in drawn.items())
    unit = next(iter(drawn.values())).unit
    ticks = tuple(_ticks(low, high, across, logarithmic=logarithmic))
    return Histogram(curves, tuple(_bars(drawn, across, unit)), ticks, unit, logarithmic)


def _across(scale: Scale, low: float, high: float) -> Scale:
    span = (scale(high) - scale(low)) or 1.0

    def across(value: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * (scale(value) - scale(low)) / span, 1)

    return across


def _density(part: Bin, rows: int, scale: Scale) -> float:
    return part.count / rows / ((scale(part.high) - scale(part.low)) or 1.0)


def _top(drawn: Mapping[str, Lengths], scale: Scale) -> float:
    def peak(one: Lengths) -> float:
        rows = sum(part.count for part in one.histogram)
        return max(_density(part, rows, scale) for part in one.histogram)

    enough = [one for one in drawn.values() if sum(part.count for part in one.histogram) >= ENOUGH]
    return max(map(peak, enough or drawn.values()))


def _curve(name: str, one: Lengths, scale: Scale, across: Scale, top: float) -> Curve:
    rows, floor = sum(part.count for part in one.histogram), HEIGHT - BOTTOM
    path, end = "", None
    for part in one.histogram:
        x, to = across(part.low), across(part.high)
        y = round(floor - (floor - TOP) * min(1.0, _density(part, rows, scale) / top), 1)
        jump = "" if part.low == end else f"{f'V{floor}' if path else ''}M{x} {floor}"
        path += f"{jump}V{y}H{to}"
        end = part.high
    return Curve(name, tone(name), f"{path}V{floor}", across(one.median))


def _bars(drawn: Mapping[str, Lengths], across: Scale, unit: str) -> Iterator[Bar]:
    held: dict[tuple[int, int], list[str]] = {}
    for name, one in drawn.items():
        rows = sum(part.count for part in one.histogram)
        for part in one.histogram:
            told = f"{name} {counted(part.count, 'row')} ({percent(part.count, rows)})"
            held.setdefault((part.low, part.high), []).append(told)
    for (low, high), all_told in sorted(held.items()):
        x = across(low)
        yield Bar(
            x,
            round(max(across(high) - x, 0.5), 1),
            f"{number(low)} to {number(high - 1)} {unit}: {', '.join(all_told)}",
        )


def _ticks(low: int, high: int, across: Scale, *, logarithmic: bool) -> Iterator[Tick]:
    last = -math.inf
    for value in _round_numbers(low, high, logarithmic=logarithmic):
        x, half = across(value), 3.2 * len(number(value))
        if x - half > last + 8 and x + half <= WIDTH and x - half >= -2:
            yield Tick(x, number(value))
            last = x + half


def _round_numbers(low: int, high: int, *, logarithmic: bool) -> Iterator[int]:
    if logarithmic:
        yield from (
            int(m * 10**power) for power in range(len(str(high))) for m in (1, 3) if low <= m * 10**power <= high
        )
        return
    step = 10 ** max(0, math.floor(math.log10(max(1, (high - low) / 4))))
    step *= next((m for m in (1, 2, 5) if (high - low) / (m * step) <= 6), 10)
    yield from range(math.ceil(low / step) * step, high + 1, step)
