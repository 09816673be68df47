"""What the page's pictures are made of: bands that add up, areas that are equal, differences that keep the text."""

import itertools
import re
import time

import data_reports
import pytest
from data_reports import SAMPLES
from hypothesis import given, settings
from hypothesis import strategies as st

from tunegate.prepare.page.differences import compare
from tunegate.prepare.page.flow import NARROW, WIDE, flow
from tunegate.prepare.page.histogram import BOTTOM, HEIGHT, TOP, WIDTH, Histogram, histogram
from tunegate.prepare.page.label_table import MOST, label_table
from tunegate.prepare.page.sankey import NODE, Layout, Picture
from tunegate.records.data_report import Bin, DataReport, Lengths


def numbers(path: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?[\d.]+", path)]


def drawn(report: DataReport, layout: Layout = WIDE) -> Picture:
    picture = flow(report, layout)
    assert picture
    return picture


def test_the_flow_has_a_place_for_every_file_split_and_code() -> None:
    picture = drawn(data_reports.support().report)
    names = {node.name: node.rows for node in picture.nodes}
    assert names["train/tickets-2025.jsonl"] == "410"
    assert names["clean"] == "958"
    assert names["rejected"] == "46"
    assert names["train"] == "774"
    assert names["duplicate"] == "15"
    assert names["4 more codes"] == "6"
    titles = [band.title for band in picture.bands]
    assert "train/wiki.csv: 9 rows rejected" in titles
    assert "validation: 92 rows" in titles


@pytest.mark.parametrize("layout", [WIDE, NARROW], ids=("wide", "narrow"))
@pytest.mark.parametrize("name", sorted(SAMPLES.keys() - {"nothing"}))
def test_bands_leave_and_reach_places_and_stay_in_the_picture(name: str, layout: Layout) -> None:
    picture = drawn(SAMPLES[name]().report, layout)
    places = [(node.x, node.y, node.y + node.height) for node in picture.nodes]
    assert all(0 <= x <= picture.width - NODE and 0 <= top <= bottom <= picture.height for x, top, bottom in places)
    for band in picture.bands:
        x, y, _, _, _, _, to, goal, goal_low, *_rest, low_x, low = numbers(band.path)
        assert low_x == x
        assert low - y >= 0.89  # one unit, rounded
        assert any(abs(left + NODE - x) < 0.2 and top - 0.2 <= y <= low <= end + 0.2 for left, top, end in places)
        assert any(abs(left - to) < 0.2 and top - 0.2 <= goal <= goal_low <= end + 0.2 for left, top, end in places)


def test_labels_of_the_flow_do_not_run_into_each_other() -> None:
    picture = drawn(SAMPLES["crowd"]().report)
    for _, column in itertools.groupby(picture.nodes, key=lambda node: node.label_x):
        heights = sorted(node.label_y for node in column)
        assert all(after - before >= 14 for before, after in itertools.pairwise(heights))


def test_one_reject_among_millions_is_seen() -> None:
    picture = drawn(SAMPLES["crowd"]().report)
    (band,) = (band for band in picture.bands if band.title == "train/name-00000.jsonl: 1 row rejected")
    assert numbers(band.path)[-1] - numbers(band.path)[1] >= 0.89


def lengths(counts: list[int], edges: list[int]) -> Lengths:
    bins = tuple(Bin(low=a, high=b, count=n) for (a, b), n in zip(itertools.pairwise(edges), counts, strict=True))
    return Lengths(unit="characters", mean=0, median=edges[0], p95=0, p99=0, max=edges[-1], histogram=bins)


def area(outline: str) -> float:
    """What a stepped outline holds."""
    floor, x, y, held = HEIGHT - BOTTOM, 0.0, 0.0, 0.0
    for sign, rest in re.findall(r"([MVH])([\d. ]+)", outline):
        if sign == "M":
            x, y = map(float, rest.split())
        elif sign == "V":
            y = float(rest)
        else:
            held += (float(rest) - x) * (floor - y)
            x = float(rest)
    return held


def picture_of(named: dict[str, Lengths]) -> Histogram:
    found = histogram(named)
    assert found
    return found


@given(st.data())
def test_areas_are_equal_whatever_the_rows_and_bins(data: st.DataObject) -> None:
    named = {}
    for name in ("train", "test"):
        edges = sorted(data.draw(st.sets(st.integers(0, 400), min_size=3, max_size=12)))
        counts = data.draw(st.lists(st.integers(20, 90), min_size=len(edges) - 1, max_size=len(edges) - 1))
        named[name] = lengths(counts, edges)
    one, other = picture_of(named).curves
    assert area(one.outline) == pytest.approx(area(other.outline), rel=0.06, abs=40)  # rounded to a tenth of a unit


@given(st.lists(st.integers(0, 10**7), min_size=3, max_size=20, unique=True))
def test_any_bins_stay_inside_the_picture(edges: list[int]) -> None:
    edges.sort()
    picture = picture_of({"train": lengths([1] * (len(edges) - 1), edges)})
    for x, y in re.findall(r"M([\d.]+) ([\d.]+)", picture.curves[0].outline):
        assert 0 <= float(x) <= WIDTH
        assert TOP - 1 <= float(y) <= HEIGHT
    assert all(0 <= bar.x <= WIDTH and bar.x + bar.width <= WIDTH + 1 for bar in picture.bars)
    assert all(0 <= tick.x <= WIDTH for tick in picture.ticks)
    assert picture.ticks or max(edges) - min(edges) < 3 or picture.logarithmic


def test_a_bar_says_in_words_what_it_holds() -> None:
    picture = picture_of({"train": lengths([1, 3], [10, 20, 30]), "test": lengths([5, 5], [10, 20, 30])})
    assert [bar.told for bar in picture.bars] == [
        "10 to 19 characters: train 1 row (25 %), test 5 rows (50 %)",
        "20 to 29 characters: train 3 rows (75 %), test 5 rows (50 %)",
    ]


def test_no_rows_no_picture() -> None:
    assert histogram({}) is None
    assert histogram({"train": lengths([], [0])}) is None


WORDS = st.text(st.sampled_from("ab c.\n"), max_size=60)


@given(WORDS, st.lists(WORDS, min_size=1, max_size=3))
def test_the_pieces_of_a_text_are_the_text(first: str, others: list[str]) -> None:
    pieces = compare(first, others)
    assert ["".join(piece.text for piece in one) for one in pieces] == [first, *others]


@given(WORDS)
def test_the_same_text_has_no_difference(text: str) -> None:
    assert not any(piece.differs for one in compare(text, [text, text]) for piece in one)


def test_what_differs_is_words_not_the_space_around_them() -> None:
    first, other = compare("send it today please", ["send it please"])
    assert [piece.text for piece in first if piece.differs] == ["today"]
    assert not any(piece.differs for piece in other)


@settings(max_examples=10, deadline=None)
@given(st.integers(2, 7))
def test_long_texts_of_few_words_do_not_take_long(period: int) -> None:
    start = time.monotonic()
    compare(" ".join(str(n % period) for n in range(5000)), [" ".join(str(n % (period + 1)) for n in range(5000))])
    compare(" ".join(str(n % period) for n in range(150)), [" ".join(str(n % (period + 1)) for n in range(150))] * 3)
    assert time.monotonic() - start < 5


def test_very_many_labels_show_both_ends() -> None:
    table = label_table(SAMPLES["crowd"]().report)
    assert table
    shown = [row.name for column in table.columns for row in column]
    assert len(shown) == MOST
    assert table.hidden == 10_000 - MOST
    assert {"name-00010", "name-00009"} <= set(shown)


def test_answers_that_are_no_labels_have_no_table() -> None:
    assert label_table(data_reports.support().report) is None
