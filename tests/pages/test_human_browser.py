"""The page of a blind comparison as people use it: in a real Chromium, by keyboard and on a phone, with a crash."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import Browser
from human_project import KEY, HumanServer, make_project
from selenium.webdriver.common.keys import Keys

from tunegate.human.files import files_of, new
from tunegate.records.human import QUESTIONS, Shown

pytestmark = pytest.mark.slow
SEED = 7
WORDS = {"a": ("a", "1", Keys.ARROW_LEFT), "tie": ("t", "2", Keys.ARROW_DOWN), "b": ("b", "3", Keys.ARROW_RIGHT)}
HOSTILE = "<script>window.hacked=1</script><img src=x onerror='window.hacked=1'> \u202eevil\u202c </div>"
UNNAMED = """
const named = (node) => node.textContent.trim() || node.ariaLabel || node.labels?.length;
return [...document.querySelectorAll("button, input")].filter((n) => n.checkVisibility() && !named(n)).length;
"""
# What the page shows and what it has asked for, as a person or a tool could see it.
SEEN = """
return [document.documentElement.outerHTML, performance.getEntriesByType("resource").map((entry) => entry.name).sort(),
  JSON.stringify({ ...localStorage, ...sessionStorage }), location.href];
"""

ICON = "http://127.0.0.1/static/web/icon.svg"  # the browser itself fetches it, at a time of its own


class Person:
    """A rater at the page."""

    def __init__(self, browser: Browser, link: str) -> None:
        self.browser = browser
        browser.driver.get(link)
        browser.find("html[data-ready]")

    def done(self) -> int:
        return int(self.browser.text("#progress-count").partition(" ")[0].replace(",", ""))

    def shown(self) -> tuple[str, str]:
        return self.browser.text("#a .text"), self.browser.text("#b .text")

    def wait_for(self, words: str, selector: str = "body") -> None:
        self.browser.wait(lambda: words in self.browser.text(selector) or None, words)

    def rates(self, *said: str, way: int = 0) -> None:
        """Answer the five questions by keyboard and save; wait for the next pair."""
        before = self.done()
        self.browser.press(*(WORDS[word][way] for word in said), Keys.ENTER)
        self.browser.wait(lambda: self.done() == before + 1 or None, f"rating {before + 1}")


@pytest.fixture
def browser() -> Iterator[Browser]:
    with Browser() as found:
        yield found


@pytest.fixture
def root(tmp_path: Path) -> Path:
    make_project(tmp_path, 200)
    new(tmp_path, KEY, "baseline", 100, SEED)
    return tmp_path


@pytest.fixture
def server(root: Path) -> Iterator[HumanServer]:
    found = HumanServer(root)
    yield found
    found.kill()


def said_of(number: int) -> tuple[str, ...]:
    words = ("a", "tie", "b")
    return tuple(words[(number * (place + 1) + number // 7) % 3] for place in range(5))


def recorded(server: HumanServer) -> list[tuple[str, ...]]:
    order = ("correctness", "style", "completeness", "safety", "overall")
    return [tuple(vote.marks.of(name) for name in order) if vote.marks else () for vote in server.votes]


def test_a_hundred_pairs_by_keyboard_with_a_kill_in_the_middle(browser: Browser, server: HumanServer) -> None:
    person, wanted = Person(browser, server.links["Ann"]), []
    shown = {(pair.a, pair.b) for pair in server.pairs}
    for number in range(50):
        assert person.shown() in shown
        person.rates(*said_of(number), way=number % 3)
        wanted.append(said_of(number))
    server.kill()
    assert recorded(server) == wanted

    browser.press("a", "a", "t", "b", "b", Keys.ENTER)  # saved while the server is away
    person.wait_for("The server does not answer. Nothing is lost", "#offline")
    again = HumanServer(server.root, port=server.port)
    try:
        browser.wait(lambda: person.done() == 51 or None, "the rating made while the server was away")
        wanted.append(("a", "a", "tie", "b", "b"))
        for number in range(51, 100):
            person.rates(*said_of(number), way=number % 3)
            wanted.append(said_of(number))
        assert recorded(server) == wanted
        assert len({vote.item for vote in server.votes}) == 100
        assert browser.faults() == [] or all("ERR_CONNECTION_REFUSED" in fault for fault in browser.faults())
    finally:
        again.kill()


def test_undo_back_and_pause(browser: Browser, server: HumanServer) -> None:
    person = Person(browser, server.links["Ann"])
    first = person.shown()
    browser.press("a", "a", Keys.ARROW_UP, Keys.ARROW_UP, "b", Keys.ENTER)
    assert (person.done(), person.shown()) == (0, first)  # not all questions are answered
    browser.press("a", "t", "t", "b", Keys.ENTER)
    browser.wait(lambda: person.done() == 1 or None, "saved")
    assert recorded(server) == [("b", "a", "tie", "tie", "b")]
    browser.press("u")
    person.wait_for("Your last rating is taken back.")
    assert person.shown() == first
    checked = browser.run("return [...document.querySelectorAll('input:checked[type=radio]')].map((n) => n.value)")
    assert checked == ["b", "a", "tie", "tie", "b"]
    browser.press("p")
    person.wait_for("Paused")
    assert browser.run("return document.querySelector('#answers').hidden")
    browser.press("a", Keys.ENTER)
    assert len(server.votes) == 2  # the rating and its undo
    browser.press("p")
    browser.find("#answers:not([hidden])")
    assert person.shown() == first
    browser.find("[data-question='correctness'] input[value=a]").click()
    assert browser.find("[data-question='correctness'] input:checked").get_attribute("value") == "a"


def test_nothing_in_the_page_tells_the_side(
    browser: Browser, root: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """One session twice, the second with all sides swapped: page, storage, address and requests are the same."""
    mirrored = tmp_path_factory.mktemp("mirrored")
    shutil.copytree(root, mirrored, dirs_exist_ok=True)
    files = files_of(mirrored, KEY)
    pairs = [Shown.model_validate(json.loads(line)) for line in files.pairs.read_text().splitlines()]
    other = [pair.model_copy(update={"a": pair.b, "b": pair.a}) for pair in pairs]
    files.pairs.write_text("".join(pair.to_line() for pair in other))
    seen: list[list[Any]] = []
    for folder in (root, mirrored):
        server = HumanServer(folder)
        try:
            person = Person(browser, server.links["Ann"])
            pages = []
            for _ in range(10):
                page, requests, stored, address = browser.run(SEEN)
                texts = person.shown()
                a, b = texts if folder == root else reversed(texts)
                for text, mark in ((a, "CANDIDATE OR OTHER 1"), (b, "CANDIDATE OR OTHER 2")):
                    page = page.replace(f">{text}<", f">{mark}<")
                if folder != root:
                    page = (
                        page.replace("OTHER 1", "OTHER 0").replace("OTHER 2", "OTHER 1").replace("OTHER 0", "OTHER 2")
                    )
                names = [name.replace(f":{server.port}", "") for name in requests]
                names = [name for name in names if name != ICON]
                pages.append([page, names, stored, address.replace(f":{server.port}", "")])
                person.rates("a", "b", "tie", "tie", "tie")
            seen.append(pages)
            assert all(f"/api/{name}" not in " ".join(pages[0][1]) for name in ("sides", "plan"))
        finally:
            server.kill()
    assert seen[0] == seen[1]


def test_the_end_and_waiting_are_said(browser: Browser, tmp_path: Path) -> None:
    make_project(tmp_path, 8, same=0)
    new(tmp_path, KEY, "baseline", 8, SEED)
    server = HumanServer(tmp_path)
    try:
        person = Person(browser, server.links["Ann"])
        while browser.run("return document.querySelector('#answers').hidden") is False:
            person.rates("a", "a", "a", "a", "a")
        person.wait_for("Thank you, that was the last pair")
        browser.find("#prompt .done button").click()
        person.wait_for("Your last rating is taken back.")
        assert server.votes[-1].marks is None
    finally:
        server.kill()


def test_hostile_answers_are_text(browser: Browser, tmp_path: Path) -> None:
    make_project(tmp_path, 20, same=0, answers={"candidate": [HOSTILE] * 20, "baseline": [HOSTILE + "!", ""] * 10})
    new(tmp_path, KEY, "baseline", 20, SEED)
    server = HumanServer(tmp_path, reviewers=("<b>Ann</b>",))
    try:
        person = Person(browser, server.links["<b>Ann</b>"])
        hostile = 0
        for _ in range(6):  # one of them may be gold
            hostile += HOSTILE in person.shown()
            person.rates("a", "a", "a", "a", "a")
        assert hostile >= 4
        assert browser.run("return document.querySelectorAll('main img, main script, header b').length") == 0
        assert browser.run("return window.hacked") is None
        assert browser.faults() == []
    finally:
        server.kill()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 820, 390])
def test_it_reads_well_on_a_desk_and_on_a_phone(browser: Browser, server: HumanServer, width: int, dark: bool) -> None:  # noqa: FBT001 - a parameter
    browser.resize(width, 844, phone=width < 1000)
    browser.dark(on=dark)
    person = Person(browser, server.links["Ann"])
    person.rates("a", "b", "tie", "tie", "a")
    browser.press("a", "b")
    for state in ("rating", "paused"):
        if state == "paused":
            browser.press("p")
            person.wait_for("Paused")
        ratio, where = browser.least_contrast()
        assert ratio >= 4.5, where
        assert browser.run("return document.documentElement.scrollWidth") <= width
        assert browser.run(UNNAMED) == 0
    browser.press("p")
    browser.find("#answers:not([hidden])")
    heights = browser.run(
        "return [...document.querySelectorAll('.choice, .finish button')].map((n) => n.getBoundingClientRect().height)"
    )
    assert len(heights) == 3 * len(QUESTIONS) + 2
    assert min(heights) >= (40 if width > 1000 else 44)
    both = browser.run("return ['a', 'b'].map((id) => document.getElementById(id).getBoundingClientRect().width)")
    assert both[0] == both[1]


def test_the_keys_can_be_found_and_switched_off(browser: Browser, server: HumanServer) -> None:
    person = Person(browser, server.links["Ann"])
    browser.press("?")
    browser.find("#help[open]")
    browser.find("#shortcuts").click()
    browser.press(Keys.ESCAPE)
    browser.press("a", "a", "a", "a", "a")
    assert browser.run("return document.querySelectorAll('input:checked[type=radio]').length") == 0
    for question in QUESTIONS:
        browser.run("document.querySelector(`input[name=${arguments[0]}][value=tie]`).click()", question)
    browser.find("#save").click()
    browser.wait(lambda: person.done() == 1 or None, "saved by the button")
    assert recorded(server) == [("tie",) * 5]
