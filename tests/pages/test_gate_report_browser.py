"""The gate's report in a real Chromium: on a desk and a phone, by day and by night; it loads and runs nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Browser, assert_opens_by_keyboard, assert_readable
from gate_reports import SAMPLES

from tunegate.gate.page import render_page

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as opened:
        yield opened


def show(browser: Browser, folder: Path, name: str) -> None:
    path = folder / "report.html"
    path.write_text(render_page(SAMPLES[name]()), encoding="utf-8")
    browser.driver.get(path.as_uri())
    browser.find("footer")


@pytest.mark.parametrize("name", SAMPLES)
def test_it_loads_nothing_and_chromium_complains_of_nothing(browser: Browser, tmp_path: Path, name: str) -> None:
    show(browser, tmp_path, name)
    assert browser.run("return performance.getEntriesByType('resource').length") == 0
    assert browser.run("return document.scripts.length") == 0
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
    assert_readable(browser, width, may_stick_out=".scroll")


def test_what_is_folded_can_be_opened_by_keyboard(browser: Browser, tmp_path: Path) -> None:
    browser.resize(1280, 860)
    show(browser, tmp_path, "fail")
    assert_opens_by_keyboard(browser, "#flips details")
