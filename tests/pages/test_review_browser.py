"""The review page as people use it: in a real Chromium, by keyboard and on a phone, with a crash in the middle."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Browser
from review_project import KEY, PRIORITIES, Server, chat, decisions, make_project, queued, tickets
from selenium.webdriver.common.keys import Keys

pytestmark = pytest.mark.slow
ROWS = 200
REASONS = ("wrong", "unclear", "incomplete", "format", "contradiction", "private data")
HOSTILE = (
    "<script>window.hacked=1</script></textarea><img src=x onerror='window.hacked=1'> "
    "\u202eevil\u202c [x](javascript:hacked=1)"
)
# How many controls have no name for a screen reader.
UNNAMED = """
const named = (node) => node.textContent.trim() || node.ariaLabel || node.labels?.length;
return [...document.querySelectorAll("button, textarea, input")].filter((n) => n.checkVisibility() && !named(n)).length;
"""


class Person:
    """A reviewer at the page."""

    def __init__(self, browser: Browser, link: str) -> None:
        self.browser = browser
        browser.driver.get(link)
        browser.find("html[data-ready] #row-title")

    def row(self) -> int:
        """The number of the row that is shown, from 1."""
        return int(self.browser.text("#row-title").removeprefix("Row ").partition(" of")[0].replace(",", ""))

    def done(self) -> int:
        """How many rows are decided."""
        return int(self.browser.text("#progress-count").partition(" of")[0])

    def wait_for(self, words: str, selector: str = "body") -> None:
        self.browser.wait(lambda: words in self.browser.text(selector) or None, words)

    def decides(self, *keys: str) -> None:
        """Press keys that decide the row; wait until the next row is there."""
        before = self.row(), self.done()
        self.browser.press(*keys)
        self.next_row(*before)

    def next_row(self, row: int, done: int) -> None:
        self.browser.wait(
            lambda: (self.done() > done and (self.done() == ROWS or self.row() != row)) or None, f"row after {row}"
        )

    def edits(self, text: str) -> None:
        """Put another answer into the field, without saving."""
        self.browser.press("e")
        self.browser.find(".answer textarea:focus")
        self.browser.press_with_ctrl("a")
        self.browser.press(text)

    def saves(self) -> None:
        before = self.row(), self.done()
        self.browser.press_with_ctrl(Keys.ENTER)
        self.next_row(*before)

    def finds(self, words: str) -> None:
        self.browser.press("/")
        self.browser.find("#query:focus")
        self.browser.press_with_ctrl("a")
        self.browser.press(words)
        self.browser.find("#found button")
        self.browser.press(Keys.ENTER)
        self.browser.wait(
            lambda: self.browser.run("return !document.querySelector('dialog[open]')") or None, "search closed"
        )


@pytest.fixture
def browser() -> Iterator[Browser]:
    with Browser() as found:
        yield found


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    found = Server(make_project(tmp_path, tickets(ROWS)))
    yield found
    found.kill()


def better(number: int) -> str:
    return f'{{"intent": "better_{number}", "priority": "low"}}'


def review(person: Person, numbers: range) -> list[tuple[str, str, str]]:
    """Review rows by keyboard; return what should be recorded: id, verdict, and reason or answer."""
    wanted = []
    for number in numbers:
        assert person.row() == number + 1
        if number % 10 == 3:
            person.edits(better(number))
            person.saves()
            wanted.append((f"t-{number}", "edited", better(number)))
        elif number % 10 == 7:
            reason = number // 10 % len(REASONS)
            person.browser.press("r")
            person.browser.find("#reject[open]")
            person.decides(str(reason + 1))
            wanted.append((f"t-{number}", "rejected", REASONS[reason]))
        else:
            person.decides("a")
            wanted.append((f"t-{number}", "approved", ""))
    return wanted


def recorded(root: Path) -> list[tuple[str, str, str]]:
    found: list[tuple[str, str, str]] = []
    for each in decisions(root):
        answer = each.row["messages"][-1]["content"] if each.row else ""  # type: ignore[call-overload, index]  # JSON
        found.append((each.id, each.verdict, str(answer) or each.reason))
    return found


def test_two_hundred_rows_by_keyboard_with_a_kill_in_the_middle(browser: Browser, server: Server) -> None:
    person = Person(browser, server.links["Ann"])
    wanted = review(person, range(100))
    person.edits(better(100))
    server.kill()
    assert recorded(server.root) == wanted

    browser.press_with_ctrl(Keys.ENTER)  # saved while the server is away
    person.wait_for("The server does not answer. Nothing is lost", "#offline")
    again = Server(server.root, port=server.port)
    try:
        person.next_row(101, 100)
        assert browser.run("return document.querySelector('#offline').hidden")
        wanted.append(("t-100", "edited", better(100)))
        assert recorded(server.root) == wanted

        person.edits(better(101))
        again.kill()
        again = Server(server.root, port=server.port)
        person = Person(browser, again.links["Ann"])  # the page is loaded anew: the draft is back, and is saved
        person.wait_for("Your unsaved edit of this row is back.")
        assert browser.run("return document.querySelector('.answer textarea').value") == better(101)
        person.saves()
        wanted.append(("t-101", "edited", better(101)))
        wanted += review(person, range(102, ROWS))
        person.wait_for("All rows are reviewed")
        assert recorded(server.root) == wanted
        assert len({name for name, _, _ in wanted}) == ROWS
        browser.press("u")
        person.wait_for("Your decision is taken back.")
        assert recorded(server.root)[ROWS:] == [(f"t-{ROWS - 1}", "withdrawn", "")]
        said = again.stop()
        assert "1 of 200 rows to review." in said
    finally:
        again.kill()


def test_two_reviewers_at_once(browser: Browser, server: Server) -> None:
    with Browser() as other:
        ann, ben = Person(browser, server.links["Ann"]), Person(other, server.links["Ben"])
        assert (ann.row(), ben.row()) == (1, 2)
        for _ in range(6):
            ann.decides("a")
            ben.decides("a")
            assert ann.row() != ben.row()
        found = decisions(server.root)
        assert len({each.id for each in found}) == 12
        assert {each.reviewer for each in found} == {"Ann", "Ben"}

        meeting = ann.row()
        ben.finds(str(meeting))
        ben.wait_for("Ann looks at this row, too.")
        assert ben.row() == meeting
        ann.decides("a")
        other.press("r")
        other.find("#reject[open]")
        other.press("1")
        ben.wait_for("Ann approved this row just now, before you decided. Yours was not recorded.")
        assert decisions(server.root)[-1].reviewer == "Ann"
        other.press("r")
        other.find("#reject[open]")
        other.press("1")
        other.wait(lambda: decisions(server.root)[-1].reviewer == "Ben" or None, "Ben's second word")
        assert browser.faults() == []


def test_an_edit_is_explained_kept_as_a_draft_and_compared(browser: Browser, server: Server) -> None:
    person = Person(browser, server.links["Ann"])
    person.edits('{"intent": "x", "priority": "urgent"}')
    person.wait_for('priority: "urgent" is none of', "[id='fault-messages.1']")
    person.wait_for("urgent", "[id='changes-messages.1']")
    browser.press_with_ctrl(Keys.ENTER)
    browser.find("textarea[aria-invalid='true']:focus")
    assert decisions(server.root) == ()
    browser.press(Keys.ESCAPE)
    person.wait_for("Your edit is kept as a draft in this browser.")
    browser.driver.refresh()
    browser.find(".answer textarea")
    assert "urgent" in browser.run("return document.querySelector('.answer textarea').value")
    browser.find("[data-do='discard']").click()
    browser.press("e")
    browser.find(".answer textarea:focus")
    assert PRIORITIES[0] in browser.run("return document.querySelector('.answer textarea').value")
    browser.press_with_ctrl(Keys.ENTER)
    person.wait_for("Nothing was changed.", "#fault-")
    browser.press(Keys.ESCAPE)
    person.edits(better(0))
    person.saves()
    browser.find("[data-filter='edited']").click()
    person.wait_for("better_0", "#row ins")
    assert browser.text("#row del") == "intent_0"
    person.wait_for("Edited by Ann", ".badge.edited")


def test_hostile_rows_are_text(browser: Browser, tmp_path: Path) -> None:
    rows = [queued(f"x{n}", chat(HOSTILE, HOSTILE), flags=(HOSTILE,)) for n in range(2)]
    rows.append(queued("long", chat("word " * 20_000, "answer " * 15_000)))
    server = Server(make_project(tmp_path, rows), reviewers=("<b>Ann</b>",))
    try:
        person = Person(browser, server.links["<b>Ann</b>"])
        assert browser.text(".answer .text") == HOSTILE
        browser.press("e")
        browser.find(".answer textarea:focus")
        assert browser.run("return document.querySelector('.answer textarea').value") == HOSTILE
        browser.press(" more")
        person.wait_for(" more", "[id='changes-messages.1'] ins")
        assert browser.run("return document.querySelectorAll('#row img, #row script, #row b').length") == 0
        assert browser.run("return window.hacked") is None
        assert "U+202E" in browser.text("#row")
        browser.find("[data-do='discard']").click()
        person.finds("javascript:")
        browser.find("#clear-query:not([hidden])").click()
        person.finds("3")
        person.wait_for("Show all 100,000 characters")
        assert len(browser.text(".user .text")) == 100_000
        assert browser.faults() == []
    finally:
        server.kill()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_it_reads_well_on_a_desk_and_on_a_phone(browser: Browser, server: Server, width: int, dark: bool) -> None:  # noqa: FBT001 - a parameter
    browser.resize(width, 844, phone=width < 1000)
    browser.dark(on=dark)
    person = Person(browser, server.links["Ann"])
    for _ in range(3):
        person.decides("a")
    person.edits(better(3))
    person.wait_for("better_3", "ins")
    for state in ("editing", "reading"):
        if state == "reading":
            person.saves()
            browser.find("[data-filter='edited']").click()
            person.wait_for("Edited by Ann", ".badge.edited")
        ratio, where = browser.least_contrast()
        assert ratio >= 4.5, where
        assert browser.run("return document.documentElement.scrollWidth") <= width
        assert browser.run(UNNAMED) == 0
    heights = browser.run(
        "return [...document.querySelectorAll('#deciding button')].map((b) => b.getBoundingClientRect().height)"
    )
    assert min(heights) >= 44


def test_the_keys_can_be_found_and_switched_off(browser: Browser, server: Server) -> None:
    person = Person(browser, server.links["Ann"])
    browser.press("?")
    browser.find("#help[open]")
    browser.find("#shortcuts").click()
    browser.press(Keys.ESCAPE)
    browser.press("a")
    browser.find("#deciding .approve").click()
    person.next_row(1, 0)
    assert len(decisions(server.root)) == 1
    order = []
    browser.run("document.querySelector('#open-search').focus()")
    for _ in range(12):
        browser.press(Keys.TAB)
        order.append(browser.run("const n = document.activeElement; return n.dataset.do || n.dataset.filter || n.id"))
    assert order == [
        "open-help", "pending", "approved", "edited", "rejected", "all",
        "previous", "approve", "edit", "reject", "undo", "next",
    ]  # fmt: skip
    assert browser.run("return getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_key_name_is_in_the_title(browser: Browser, server: Server) -> None:
    Person(browser, server.links["Ben"])
    assert browser.driver.title == f"{KEY}: review"
