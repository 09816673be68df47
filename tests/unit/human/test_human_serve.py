"""The page over HTTP, from a real server: nothing tells the side, twenty raters at once, a kill loses no vote."""

import http.client
import json
import random
import re
import shutil
import statistics
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from human_project import KEY, HumanServer, make_project, marks
from review_project import tunegate

from tunegate.human.files import files_of, new
from tunegate.records.human import CRITERIA, Shown

SEED = 7
SECRETS = ("candidate", "baseline", "other", "gold", "reference", "wrong", "cluster", "family", "sides", "seed")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = make_project(tmp_path_factory.mktemp("human"), 120)
    shutil.copy(Path(__file__).parents[3] / "params.yaml", found / "params.yaml")
    new(found, KEY, "baseline", 80, SEED)
    return found


@pytest.fixture(scope="module")
def server(root: Path) -> Iterator[HumanServer]:
    found = HumanServer(root, reviewers=("Ann", "Ben", "<b>Eve</b>"))
    yield found
    found.kill()


def swapped(root: Path, folder: Path) -> Path:
    """The same session with every pair the other way round."""
    shutil.copytree(root, folder, dirs_exist_ok=True)
    files = files_of(folder, KEY)
    files.votes.unlink(missing_ok=True)
    pairs = [Shown.model_validate(json.loads(line)) for line in files.pairs.read_text().splitlines()]
    other = [pair.model_copy(update={"a": pair.b, "b": pair.a}) for pair in pairs]
    files.pairs.write_text("".join(pair.to_line() for pair in other))
    return folder


def test_only_who_has_a_link_gets_in(server: HumanServer) -> None:
    assert server.ask("GET", "/").status == 401
    assert server.ask("GET", "/api/next").status == 401
    assert server.ask("GET", "/enter/nonsense").status == 403
    page = server.reviewer("Ann").get("/")
    assert page.status == 200
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"


def test_the_files_with_the_sides_cannot_be_had(server: HumanServer) -> None:
    ann = server.reviewer("Ann")
    for path in (
        "/sides.json",
        "/static/page/../sides.json",
        "/static/page/%2e%2e/sides.json",
        "/build/human/sides.json",
    ):
        assert ann.get(path).status in {404, 405}


def test_a_name_is_text(server: HumanServer) -> None:
    page = server.reviewer("<b>Eve</b>").get("/").text
    assert "<b>Eve" not in page
    assert re.findall(r"<script(?![^>]*\ssrc=)|<style|\son\w+=|\sstyle=|javascript:|https?://", page) == []
    for path in re.findall(r'(?:src|href)="(/[^"]+)"', page):
        answer = server.reviewer("Ann").get(path)
        assert answer.status == 200
        forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|https?://(?!www\.w3\.org)"
        assert re.findall(forbidden, answer.text) == []


def test_no_answer_holds_a_word_that_tells_the_side(server: HumanServer) -> None:
    rater = server.rater("Ann")
    answer = rater.person.get("/api/next")
    assert set(answer.json["pair"]) == {"item", "prompt", "a", "b"}
    assert set(answer.json) == {"mine", "done", "left", "undo", "pair", "waiting"}
    for text in (
        json.dumps({name: value for name, value in answer.json.items() if name != "pair"}),
        str(answer.headers),
    ):
        assert [word for word in SECRETS if word in text] == []


def test_the_page_of_swapped_sides_is_the_same_but_for_the_swap(root: Path, tmp_path: Path) -> None:
    """Two servers on one session, the second with all sides swapped; the same answers are given on both."""
    mirrored = swapped(root, tmp_path / "mirrored")
    plain = swapped(mirrored, tmp_path / "plain")
    servers = [HumanServer(plain), HumanServer(mirrored)]
    try:
        raters = [one.rater("Ann") for one in servers]
        for _ in range(40):
            found = [rater.person.get("/api/next") for rater in raters]
            one, other = (answer.json["pair"] for answer in found)
            assert (one["item"], one["prompt"], one["a"], one["b"]) == (
                other["item"],
                other["prompt"],
                other["b"],
                other["a"],
            )
            # The same headers and as many bytes: what is sent differs in the order of two texts only.
            assert [name for name in found[0].headers if name != "date"] == [
                name for name in found[1].headers if name != "date"
            ]
            assert found[0].headers["content-length"] == found[1].headers["content-length"]
            rest = [{name: value for name, value in answer.json.items() if name != "pair"} for answer in found]
            assert rest[0] == rest[1]
            for rater in raters:
                assert rater.rate(one["item"], "a").status == 200
    finally:
        for one_server in servers:
            one_server.kill()


def test_time_does_not_tell_the_side(server: HumanServer) -> None:
    """The median time of an answer is the same within noise, whichever side the candidate has."""
    plan = json.loads(server.files.sides.read_text())
    left = {side["item"]: side["left"] for side in plan["sides"] if side["kind"] == "pair"}
    rater, times = server.rater("Ben"), {"candidate": list[float](), "other": list[float]()}
    for item in random.Random(1).sample(sorted(left), 40):  # noqa: S311 - test data
        rater.rate(item, "tie")
        for _ in range(4):
            start = time.perf_counter()
            answer = rater.undo(item)
            took = time.perf_counter() - start
            assert answer.status == 200
            times[left[item]].append(took)
            rater.rate(item, "tie")
        rater.undo(item)
    medians = [statistics.median(found) for found in times.values()]
    spread = statistics.quantiles([took for found in times.values() for took in found], n=4)
    assert abs(medians[0] - medians[1]) < max(0.002, spread[2] - spread[0])


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"item": "x"},
        {"item": "x", "marks": {"overall": "a"}},
        {"item": "x", "marks": {**dict.fromkeys(("overall", *CRITERIA), "a"), "overall": "left"}},
        {"item": "x", "marks": dict.fromkeys(("overall", *CRITERIA), "a"), "more": 1},
        {"item": "no such pair", "marks": dict.fromkeys(("overall", *CRITERIA), "a")},
    ],
)
def test_a_body_that_is_no_rating_is_refused(server: HumanServer, body: Any) -> None:
    before = len(server.votes)
    assert server.reviewer("Ann").post("/api/vote", body).status == 400
    assert len(server.votes) == before


def test_a_request_from_elsewhere_is_refused(server: HumanServer) -> None:
    ann, body = server.reviewer("Ann"), {"item": "x", "marks": marks("a").model_dump()}
    assert ann.post("/api/vote", body, Origin="http://evil.example").status == 403
    assert ann.post("/api/vote", body, Content_Type="text/plain").status == 415


def test_a_second_server_and_closing_wait_for_the_first(server: HumanServer) -> None:
    second = tunegate(server.root, "human", "serve", KEY, "--reviewer", "Ann", "--port", "0")
    assert (second.returncode, "open in another process" in second.stderr) == (14, True)
    assert tunegate(server.root, "human", "close", KEY, "--partial").returncode == 14


def test_no_session_is_said(tmp_path: Path) -> None:
    done = tunegate(tmp_path, "human", "serve", KEY, "--reviewer", "Ann", "--port", "0")
    assert (done.returncode, "no pairs" in done.stderr, "tunegate human new" in done.stderr) == (11, True, True)


class Crowd:
    """Twenty raters, each in a thread of their own, who go on when the server comes back."""

    def __init__(self, server: HumanServer, names: list[str]) -> None:
        self.server, self.names = server, names
        self.acknowledged: list[tuple[str, str]] = []
        self.lock, self.faults = threading.Lock(), list[str]()

    def run(self, name: str) -> None:
        rater = self.server.rater(name)
        dice = random.Random(name)  # noqa: S311 - test data
        idle = 0
        while idle < 30:
            try:
                pair = rater.next()["pair"]
                if pair is None:
                    idle += 1
                    time.sleep(0.02)
                    continue
                idle = 0
                said = dice.choice(["a", "tie", "b"])
                if rater.rate(pair["item"], said).status != 200:  # type: ignore[arg-type]  # one of three words
                    self.faults.append(name)
                with self.lock:
                    self.acknowledged.append((pair["item"], name))
            except (OSError, http.client.HTTPException, json.JSONDecodeError):
                time.sleep(0.05)  # the page, too, asks again until the server is back


@pytest.mark.slow
def test_twenty_raters_at_once_and_a_kill_lose_and_double_no_vote(tmp_path: Path) -> None:
    root, names = make_project(tmp_path, 300), [f"Rater {n}" for n in range(20)]
    new(root, KEY, "baseline", 200, SEED)
    server = HumanServer(root, reviewers=names)
    crowd = Crowd(server, names)
    threads = [threading.Thread(target=crowd.run, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    while len(crowd.acknowledged) < 120:
        time.sleep(0.01)
    server.kill()  # in the middle of requests: who waits for an answer sees it broken, and asks again
    with crowd.lock:
        seen = set(crowd.acknowledged)
    assert seen <= {(vote.item, vote.rater) for vote in server.votes}
    again = HumanServer(root, port=server.port, reviewers=names)
    for thread in threads:
        thread.join()
    again.stop()
    votes = [(vote.item, vote.rater) for vote in server.votes]
    assert crowd.faults == []
    assert max(Counter(votes).values()) == 1
    assert set(crowd.acknowledged) <= set(votes)
    counts = Counter(item for item, _ in votes)
    wanted = {pair.item: pair.raters for pair in server.pairs if pair.raters}
    assert all(counts[item] >= raters for item, raters in wanted.items())
    assert sum(counts[item] for item in wanted) <= sum(wanted.values()) + len(names)
    assert len({rater for _, rater in votes}) == 20
    closed = tunegate(root, "human", "close", KEY)
    assert (closed.returncode, f"{len(votes)} ratings by 20 rater(s), 0 missing" in closed.stdout) == (0, True)
