"""`data-report.html` as a file: valid, self-contained, the same bytes each time, and safe whatever the data says."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import data_reports
import pytest
from data_reports import HOSTILE, SAMPLES, Sample
from hypothesis import given, settings
from hypothesis import strategies as st

from tunegate.prepare.page import render_page
from tunegate.prepare.wording import visible
from tunegate.records.data_report import DataExamples, DataReport

# All elements of the page: none of them loads or runs anything.
ELEMENTS = {
    "html", "head", "meta", "title", "style", "body", "header", "main", "footer", "nav", "section", "article", "figure",
    "figcaption", "h1", "h2", "h3", "p", "ul", "li", "dl", "dt", "dd", "div", "span", "b", "i", "bdi", "wbr", "mark",
    "code", "a", "details", "summary", "table", "thead", "tbody", "tr", "th", "td", "svg", "path", "rect", "line",
    "text", "tspan",
}  # fmt: skip
EACH_SAMPLE = pytest.mark.parametrize("name", SAMPLES)


@cache
def page(name: str) -> str:
    return render_page(*SAMPLES[name]())


def tree(text: str) -> ET.Element:
    """The page as XML, which it also is: every tag closed, every attribute quoted, no control character."""
    return ET.fromstring(text)  # noqa: S314 - our own page


def text_of(element: ET.Element) -> str:
    return "".join(element.itertext())


class Tags(HTMLParser):
    """The tags that an HTML parser sees, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self.seen.append(tag)


def tags(text: str) -> list[str]:
    parser = Tags()
    parser.feed(text)
    parser.close()
    return parser.seen


def test_the_page_of_the_support_desk(golden: Callable[[str, str], None]) -> None:
    golden("prepare/data-report.html", re.sub(r"(?s)<style>.*</style>", "<style></style>", page("support")))


@EACH_SAMPLE
def test_the_page_is_well_formed_and_an_html_parser_sees_the_same_elements(name: str) -> None:
    text = page(name)
    assert text.startswith("<!DOCTYPE html>\n")
    assert tags(text) == [element.tag for element in tree(text).iter()]


@EACH_SAMPLE
def test_the_page_loads_nothing_and_runs_nothing(name: str) -> None:
    root = tree(page(name))
    assert {element.tag for element in root.iter()} <= ELEMENTS
    ids = Counter(element.get("id") for element in root.iter() if element.get("id"))
    assert set(ids.values()) == {1}
    for element in root.iter():
        assert not {"src", "srcset", "action", "data", "poster", "background"} & set(element.keys())
        assert not any(key.startswith("on") for key in element.keys())  # noqa: SIM118 - an Element is no dict
        if (link := element.get("href")) is not None:
            assert link[0] == "#"
            assert link[1:] in ids
        assert re.fullmatch(r"(width:\d+\.\d+%|flex:\d+ 0 0)?", element.get("style", ""))
    (style,) = root.iter("style")
    assert not re.search(r"url\(|@import|http|expression", text_of(style))
    policy = next(meta for meta in root.iter("meta") if meta.get("http-equiv") == "Content-Security-Policy")
    assert policy.get("content") == "default-src 'none'; style-src 'unsafe-inline'"


@EACH_SAMPLE
def test_every_picture_and_table_says_what_it_is(name: str) -> None:
    root = tree(page(name))
    for picture in root.iter("svg"):
        title = picture.find("title")
        assert picture.get("role") == "img"
        assert title is not None
        assert picture.get("aria-labelledby") == title.get("id")
        assert text_of(title)
    for table in root.iter("table"):
        heads = list(table.iter("th"))
        assert heads
        assert all(head.get("scope") in {"col", "row"} for head in heads)
    for section in root.iter("section"):
        heading = section.find("h2")
        assert heading is not None
        assert section.get("aria-labelledby") == heading.get("id")
    assert len(list(root.iter("h1"))) == 1


def _reversed(value: object) -> object:
    if isinstance(value, dict):
        return {key: _reversed(value[key]) for key in reversed(value)}
    return [_reversed(one) for one in value] if isinstance(value, list) else value


@EACH_SAMPLE
def test_the_order_of_keys_and_files_changes_no_byte(name: str) -> None:
    report, examples = SAMPLES[name]()
    other = _reversed(report.model_dump(mode="json"))
    assert isinstance(other, dict)
    other["files"].reverse()
    assert render_page(DataReport.model_validate(other), examples) == render_page(report, examples)


def test_hostile_texts_add_no_element_and_stand_on_the_page_as_they_are() -> None:
    """The page of harmless texts has the same elements, but for the places where a line may end."""
    harmless = [f"text{number:02d}" for number in range(len(HOSTILE))]
    hostile, plain = (Counter(tags(render_page(*data_reports.hostile(texts)))) for texts in (HOSTILE, harmless))
    for counts in (hostile, plain):
        del counts["wbr"], counts["mark"]
    assert hostile == plain
    shown = text_of(tree(page("hostile")))
    for text in HOSTILE:
        assert visible(text) in shown


def test_what_one_cannot_see_is_named() -> None:
    assert visible("a\u202eb\x1b[2J\x00\x85c\ufffe") == "a[U+202E]b[U+001B][2J[U+0000][U+0085]c\ufffd"
    assert (
        visible("zwj \U0001f469\u200d\U0001f4bb, tab\t, line\r\nend")
        == "zwj \U0001f469\u200d\U0001f4bb, tab\t, line\nend"
    )


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=40), min_size=2, max_size=5, unique=True))
def test_any_text_makes_a_well_formed_page(texts: list[str]) -> None:
    text = render_page(*data_reports.hostile(texts))
    assert tags(text) == [element.tag for element in tree(text).iter()]
    text.encode("utf-8")


def _section(name: str, section: str) -> str:
    (found,) = (one for one in tree(page(name)).iter("section") if one.get("id") == section)
    return " ".join(text_of(found).split())


def test_a_spotless_dataset_says_so_in_every_section() -> None:
    root = text_of(tree(page("spotless")))
    assert "The only row is clean." in root
    assert "Nothing needs a look." in root
    assert "No row was rejected." in _section("spotless", "rejects")
    assert "No two rows are the same, or nearly so." in _section("spotless", "duplicates")
    assert "not held against any suite" in _section("spotless", "contamination")
    assert "The answers are no labels" in _section("spotless", "labels")
    assert "None of the kinds looked for was found." in _section("spotless", "private")
    assert "No synthetic rows" in _section("spotless", "reviews")


def test_no_rows_at_all_still_makes_a_page() -> None:
    root = tree(page("nothing"))
    assert "There are no rows." in text_of(root)
    assert not list(root.iter("svg"))


def test_a_reject_shows_its_meaning_its_splits_and_its_examples() -> None:
    shown = _section("support", "rejects")
    assert (
        "leaked_test train 2 validation 1 its prompt, or nearly so, stands in test; it stays there 1 example" in shown
    )
    assert "near test/tickets.jsonl:31 (Jaccard 0.93)" in shown


def test_words_that_differ_are_marked_side_by_side() -> None:
    (section,) = (one for one in tree(page("support")).iter("section") if one.get("id") == "duplicates")
    marked = [[text_of(mark) for mark in article.iter("mark")] for article in section.iter("article")]
    assert marked[:2] == [["three"], ["five"]]  # leaks come first
    assert marked[3] == ["third", "Tuesday"]


def test_77_labels_are_all_there_with_their_faults() -> None:
    shown = _section("intents", "labels")
    for name in data_reports.intent_names():
        assert name in shown
    assert shown.count("fewer than 10 in train") == 4  # three labels, and the legend
    assert "card_fee_charged not in train" in shown
    assert "transfer_not_recognised not in test" in shown


def test_very_much_of_everything_is_cut_and_the_page_says_so() -> None:
    text = page("crowd")
    assert len(text) < 600_000
    shown = " ".join(text_of(tree(text)).split())
    assert "and 9,880 more labels between these" in shown
    assert "and 260 more files, with fewer rows" in shown
    assert "and 260 more codes, with fewer rows" in shown
    assert "and 270 more suites, with fewer rows" in shown
    assert "29,999,700 of 30,000,000 rows are clean" in shown
    assert "and 999,996 more rows" in shown


def _colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))


def _light(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _themes() -> Iterator[dict[str, str]]:
    style = page("nothing").partition("<style>")[2].partition("</style>")[0]
    light, dark, paper = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    yield _colours(light)
    yield _colours(light) | _colours(dark)
    yield _colours(light) | _colours(paper)


@pytest.mark.parametrize("theme", [*_themes()], ids=("light", "dark", "print"))
def test_text_is_readable_on_what_is_behind_it(theme: dict[str, str]) -> None:
    """WCAG 2.2 AA: 4.5 for text, 3 for what a picture needs to be understood."""
    texts = [("ink", "paper"), ("soft", "paper"), ("ink", "card"), ("soft", "card"), ("grave", "grave-paper"),
             ("look", "look-paper"), ("ink", "grave-paper"), ("ink", "look-paper"), ("soft", "look-paper"),
             ("soft", "grave-paper"), ("mark-ink", "mark"), ("look", "card"), ("grave", "card")]  # fmt: skip
    bars = [(name, "card") for name in ("train", "validation", "test", "replay", "other", "kept", "rejected", "file")]
    for pairs, least in ((texts, 4.5), (bars, 3.0)):
        for front, behind in pairs:
            one, other = sorted((_light(theme[front]), _light(theme[behind])))
            assert (other + 0.05) / (one + 0.05) >= least, (front, behind)


def test_a_report_without_examples_has_a_page() -> None:
    report = Sample(*data_reports.support()).report
    assert "Examples" not in _h3(render_page(report, DataExamples()))


def _h3(text: str) -> str:
    return " ".join(text_of(heading) for heading in tree(text).iter("h3"))
