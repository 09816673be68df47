"""The page over HTTP, from a real server: who gets in, what is sent, what is recorded, what a crash costs."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from review_project import KEY, Server, chat, decisions, make_project, queued, tickets, tunegate, turn

from tunegate.records.review import PLACE

HOSTILE = [
    "<script>window.hacked = true</script>",
    "</textarea></script><img src=x onerror=alert(1)>",
    "[click](javascript:alert(1)) {{ 7*7 }} {% raw %}",
    "safe \u202egnissim\u202c \u200b\u200f \u2066x\u2069 \ufeff",
    "&lt;b&gt; &amp; \" ' ` \x00 \x1b[31m \u2028",
    "long " * 20_000,
]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows = [
        queued(f"<b>{n}</b>", chat(text, text), flags=(text[:60],), file=f"a/{n}<i>.jsonl")
        for n, text in enumerate(HOSTILE)
    ]
    return make_project(tmp_path_factory.mktemp("review"), [*rows, *tickets(10)])


@pytest.fixture(scope="module")
def server(root: Path) -> Iterator[Server]:
    found = Server(root, reviewers=("Ann", "Ben", "<b>Eve</b>"))
    yield found
    found.kill()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Server]:
    """A server of the test's own, with ten tickets."""
    found = Server(make_project(tmp_path, tickets(10)))
    yield found
    found.kill()


def test_a_personal_link_gives_a_strict_cookie_and_goes_on(server: Server) -> None:
    answer = server.ask("GET", "/" + server.links["Ann"].split("/", 3)[3])
    assert answer.status == 200
    cookie = answer.headers["set-cookie"].lower()
    assert {"httponly", "samesite=strict", "path=/"} <= {part.strip() for part in cookie.split(";")}
    assert 'http-equiv="refresh" content="0; url=/"' in answer.text
    assert server.reviewer("Ann").get("/").status == 200


def test_without_a_link_nobody_sees_a_row(server: Server) -> None:
    for path in ("/", "/api/row?number=0", "/api/state", "/nothing"):
        assert server.ask("GET", path).status == 401
        assert server.ask("GET", path, headers={"Cookie": f"tunegate-review-{server.port}=wrong"}).status == 401
    assert server.ask("GET", "/enter/wrong").status == 403
    assert "set-cookie" not in server.ask("GET", "/enter/wrong").headers
    assert server.ask("GET", "/static/web/../../guard.py").status in {401, 404}
    assert server.ask("GET", "/static/web/%2e%2e/guard.py").status == 404


def test_a_forged_host_or_origin_is_refused_with_a_right_cookie(server: Server) -> None:
    ann = server.reviewer("Ann")
    forged = server.ask("GET", "/api/state", headers={"Cookie": ann.cookie, "Host": "evil.example"})
    assert forged.status == 421
    row = ann.next()
    for wrong in ({"Origin": "http://evil.example"}, {"Content_Type": "text/plain"}, {"Sec_Fetch_Site": "cross-site"}):
        named = {name: row[name] for name in ("number", "id", "content", "version")}
        assert ann.post("/api/decide", {**named, "verdict": "approved"}, **wrong).status in {403, 415}
    assert decisions(server.root) == ()


def test_every_answer_forbids_foreign_script_framing_and_caching(server: Server) -> None:
    ann = server.reviewer("Ann")
    answers = [ann.get(path) for path in ("/", "/api/state", "/static/page/review.js", "/nothing")]
    answers += [server.ask("GET", "/"), server.ask("GET", "/enter/wrong"), ann.post("/api/decide", [])]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "server" not in answer.headers


def test_the_page_holds_no_script_or_style_of_its_own_and_nothing_from_elsewhere(server: Server) -> None:
    page = server.reviewer("<b>Eve</b>").get("/").text
    assert "<b>Eve" not in page
    assert "&lt;b&gt;Eve" in page
    assert re.findall(r"<script(?![^>]*\ssrc=)|<style|\son\w+=|\sstyle=|javascript:|https?://", page) == []
    for path in re.findall(r'(?:src|href)="(/[^"]+)"', page):
        answer = server.reviewer("Ann").get(path)
        assert answer.status == 200
        assert (
            re.findall(
                r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|https?://(?!www\.w3\.org)", answer.text
            )
            == []
        )


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_a_hostile_row_is_sent_as_data(server: Server, number: int) -> None:
    answer = server.reviewer("Ann").get(f"/api/row?number={number}")
    assert answer.headers["content-type"] == "application/json"
    row = answer.json["row"]
    assert [field["text"] for field in row["fields"]] == [HOSTILE[number]] * 2
    assert row["id"] == f"<b>{number}</b>"
    unseen = [flag for flag in row["flags"] if flag.startswith("unseen")]
    assert bool(unseen) == (number in {3, 4})
    if number == 3:
        assert "unseen character U+202E right-to-left override (2)" in unseen


@pytest.mark.parametrize(
    "path", ["/api/row?number=99999", "/api/row?number=-1", "/api/row?number=x", "/api/row?id=none", "/api/row"]
)
def test_a_row_that_is_not_there(server: Server, path: str) -> None:
    assert server.reviewer("Ann").get(path).status == 404


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"number": 0},
        {"number": 0, "id": "x", "content": "y", "version": 0, "verdict": "perfect"},
        {"number": 0, "id": "x", "content": "y", "version": 0, "verdict": "approved", "more": 1},
        {"number": 0, "id": "x", "content": "y", "version": 0, "verdict": "rejected", "reason": "z" * 3000},
        {"number": 0, "id": "x", "content": "y", "version": 0, "verdict": "rejected", "reason": "\ud800"},
    ],
)
def test_a_body_that_is_no_decision_is_refused(server: Server, body: Any) -> None:
    assert server.reviewer("Ann").post("/api/decide", body).status == 400
    assert decisions(server.root) == ()


def test_a_row_of_older_data_is_not_mistaken_for_another(server: Server) -> None:
    ann = server.reviewer("Ann")
    row = ann.next()
    for wrong in ({"content": "0" * 16}, {"id": "other"}, {"number": row["number"] + 1}):
        answer = ann.decide({**row, **wrong}, "approved")
        assert answer.status == 409
        assert "Load the page again" in answer.json["error"]
    assert decisions(server.root) == ()


def test_decisions_are_on_disk_when_they_are_acknowledged(own: Server) -> None:
    ann = own.reviewer("Ann")
    one = ann.next()
    assert ann.decide(one, "approved").json["states"]["approved"] == 1
    two = ann.next()
    assert (one["number"], two["number"]) == (0, 1)
    assert ann.decide(two, "rejected", reason=" wrong: the sum ").status == 200
    assert [(each.id, each.verdict, each.reviewer, each.reason) for each in decisions(own.root)] == [
        ("t-0", "approved", "Ann", ""),
        ("t-1", "rejected", "Ann", "wrong: the sum"),
    ]


def test_an_edit_against_the_schema_is_explained_and_not_saved(own: Server) -> None:
    ann = own.reviewer("Ann")
    row = ann.next()
    broken = ann.decide(row, "edited", texts={"messages.1": '{"intent": "x", "priority": "now"}'})
    assert broken.status == 422
    assert broken.json["faults"] == [
        {"field": "messages.1", "message": 'priority: "now" is none of "high", "normal", "low"'}
    ]
    same = ann.decide(row, "edited", texts={field["name"]: field["text"] for field in row["fields"]})
    assert same.json["faults"][0]["message"].startswith("Nothing was changed.")
    assert decisions(own.root) == ()
    good = ann.decide(row, "edited", texts={"messages.1": '{\n  "intent": "x",\n  "priority": "low"\n}'})
    assert good.status == 200
    (found,) = decisions(own.root)
    assert found.row is not None
    assert found.row["messages"] == [row_turn(row, 0), turn("assistant", '{"intent": "x", "priority": "low"}')]
    assert ["new", "low"] in good.json["row"]["fields"][1]["pieces"]


def row_turn(row: dict[str, Any], n: int) -> dict[str, Any]:
    return turn(row["fields"][n]["role"], row["fields"][n]["text"])


def test_the_later_of_two_reviewers_is_told_who_was_first(own: Server) -> None:
    ann, ben = own.reviewer("Ann"), own.reviewer("Ben")
    row = ann.next()
    assert ben.next()["number"] == row["number"] + 1
    seen = ben.get(f"/api/row?number={row['number']}").json["row"]
    assert seen["holder"] == "Ann"
    assert ann.decide(row, "approved").status == 200
    late = ben.decide(seen, "rejected", reason="wrong")
    assert (late.status, late.json["recorded"]) == (409, False)
    assert late.json["row"]["decision"]["reviewer"] == "Ann"
    assert ben.decide(late.json["row"], "rejected", reason="wrong").status == 200
    assert [each.reviewer for each in decisions(own.root)] == ["Ann", "Ben"]
    assert [word["verdict"] for word in ann.get("/api/row?number=0").json["row"]["history"]] == ["approved", "rejected"]


def test_after_a_kill_the_link_the_decisions_and_a_lost_answer_are_as_they_were(own: Server) -> None:
    ann = own.reviewer("Ann")
    row = ann.next()
    assert ann.decide(row, "approved").status == 200
    own.kill()
    with (own.root / "datasets" / KEY / PLACE).open("a") as stream:
        stream.write('{"id":"t-1","cont')  # what a kill in the middle of a write leaves
    again = Server(own.root, port=own.port)
    try:
        assert "cut short by a kill; it is kept in" in again.said
        assert again.links["Ann"] == own.links["Ann"]
        ann.server = again
        repeated = ann.decide(row, "approved")
        assert (repeated.status, repeated.json["states"]["approved"]) == (200, 1)
        assert ann.next()["number"] == 1
    finally:
        again.kill()
    assert [each.id for each in decisions(own.root)] == ["t-0"]
    assert (own.root / "datasets" / KEY / f"{PLACE}.cut").read_text() == '{"id":"t-1","cont\n'


def test_a_second_server_on_the_same_decisions_is_refused(own: Server) -> None:
    done = tunegate(own.root, "review", "serve", KEY, "--port", "0", "--reviewer", "Cem")
    assert done.returncode == 14
    assert "is open in another process" in done.stderr
    assert own.reviewer("Ann").next()["number"] == 0


def test_ctrl_c_ends_it_and_says_how_to_record_the_decisions(own: Server) -> None:
    ann = own.reviewer("Ann")
    ann.decide(ann.next(), "approved")
    said = own.stop()
    assert own.process.returncode == 0
    assert f"1 decision added to datasets/{KEY}/review/decisions.jsonl. 9 of 10 rows to review." in said
    assert "`dvc add datasets` records them" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--host", "0.0.0.0"], 64, "name one address"),  # noqa: S104 - it is refused
        (["--host", "192.0.2.1"], 13, "cannot listen on 192.0.2.1"),
        (["--reviewer", ""], 11, "not the name of a reviewer"),
        (["--rows", "synthetic"], 11, "no rows (synthetic) to review"),
        (["--rows", "none"], 64, "invalid choice"),
    ],
)
def test_a_wrong_command_line_is_explained(root: Path, tmp_path: Path, words: list[str], code: int, said: str) -> None:
    del root
    make_project(tmp_path, tickets(1))
    done = tunegate(tmp_path, "review", "serve", KEY, "--port", "0", *words)
    assert (done.returncode, "Traceback" in done.stderr) == (code, False)
    assert said in done.stderr


def test_without_data_or_adapter_the_next_step_is_said(tmp_path: Path) -> None:
    make_project(tmp_path, tickets(1))
    assert "no adapter 'nobody'" in tunegate(tmp_path, "review", "serve", "nobody").stderr
    (tmp_path / "datasets" / KEY / "schema.json").unlink()
    done = tunegate(tmp_path, "review", "serve", KEY, "--reviewer", "Ann")
    assert (done.returncode, "schema.json: no such file" in done.stderr) == (11, True)
