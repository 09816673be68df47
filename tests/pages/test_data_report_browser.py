"""The data report in a real Chromium: on a desk, a phone and paper, by day and by night; it loads and runs nothing."""

import base64
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from browser import Browser, assert_opens_by_keyboard, assert_readable
from data_reports import SAMPLES

from tunegate.prepare.page import render_page

pytestmark = pytest.mark.slow
TAGS = "return [...document.querySelectorAll('*')].map((node) => node.localName);"


class Tags(HTMLParser):
    """The tags of a page, in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self.seen.append(tag)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as opened:
        yield opened


def show(browser: Browser, folder: Path, name: str) -> str:
    """Open the page of a sample; return its text."""
    text = render_page(*SAMPLES[name]())
    path = folder / "data-report.html"
    path.write_text(text, encoding="utf-8")
    browser.driver.get(path.as_uri())
    browser.find("footer")
    return text


@pytest.mark.parametrize("name", SAMPLES)
def test_chromium_mends_nothing_loads_nothing_and_complains_of_nothing(
    browser: Browser, tmp_path: Path, name: str
) -> None:
    text = show(browser, tmp_path, name)
    assert browser.run(TAGS) == Tags(text).seen
    assert browser.run("return performance.getEntriesByType('resource').length") == 0
    assert browser.faults() == []


@pytest.mark.parametrize("dark", [False, True], ids=("light", "dark"))
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", SAMPLES)
def test_it_reads_well_on_a_desk_and_on_a_phone(
    browser: Browser,
    tmp_path: Path,
    name: str,
    width: int,
    dark: bool,  # noqa: FBT001 - a parameter
) -> None:
    browser.resize(width, 844, phone=width < 1000)
    browser.dark(on=dark)
    show(browser, tmp_path, name)
    assert_readable(browser, width, may_stick_out=".scroll, .unseen, .chip, svg")


def test_what_is_folded_can_be_opened_by_keyboard(browser: Browser, tmp_path: Path) -> None:
    browser.resize(1280, 860)
    show(browser, tmp_path, "support")
    assert_opens_by_keyboard(browser, "#rejects details")


def test_paper_shows_what_is_folded(browser: Browser, tmp_path: Path) -> None:
    browser.resize(1280, 860)
    show(browser, tmp_path, "support")
    seen = "return document.querySelector('#rejects .example').checkVisibility()"
    assert not browser.run(seen)
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert browser.run(seen)
    paper = browser.driver.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert base64.b64decode(paper["data"]).startswith(b"%PDF")
