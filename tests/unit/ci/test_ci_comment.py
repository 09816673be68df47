"""One comment on a pull request, whatever GitHub does: pages, limits, faults, two runs at once, a forged marker."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from github_server import REPO, TOKEN, Asked, Fault, GitHubServer, github_server

from tunegate.ci.comment import put_comment
from tunegate.ci.github import ATTEMPTS, PATIENCE, GitHub, connect
from tunegate.ci.markdown import MARKER
from tunegate.core.errors import MachineError, UsageError

NOW = 1_000_000.0


@pytest.fixture
def server() -> Iterator[GitHubServer]:
    with github_server() as running:
        yield running


@pytest.fixture
def pauses() -> list[float]:
    """What the client waited, without the wait."""
    return []


@pytest.fixture
def client(server: GitHubServer, pauses: list[float]) -> GitHub:
    return GitHub(server.url, TOKEN, sleep=pauses.append, clock=lambda: NOW)


def test_the_first_run_writes_and_the_second_updates(server: GitHubServer, client: GitHub) -> None:
    server.comment("hello", "bob")
    first = put_comment(client, REPO, 7, f"{MARKER}\nFAIL")
    second = put_comment(client, REPO, 7, f"{MARKER}\nPASS")
    assert first == second == f"{server.url}/c/2"
    assert server.by() == [f"{MARKER}\nPASS"]


def test_a_report_that_did_not_change_is_not_written_again(server: GitHubServer, client: GitHub) -> None:
    for _ in range(2):
        put_comment(client, REPO, 7, f"{MARKER}\nPASS")
    assert [asked.method for asked in server.asked].count("POST") == 1
    assert "PATCH" not in [asked.method for asked in server.asked]


@pytest.mark.parametrize("others", [99, 100, 101, 250])
def test_ours_is_found_beyond_the_first_page(server: GitHubServer, client: GitHub, others: int) -> None:
    for number in range(others):
        server.comment(f"comment {number}", "bob")
    server.comment(f"{MARKER}\nold")
    server.comment("later", "eve")
    put_comment(client, REPO, 7, f"{MARKER}\nnew")
    assert server.by() == [f"{MARKER}\nnew"]
    assert len(server.comments) == others + 2


def test_a_comment_of_somebody_else_with_our_marker_is_left_alone(server: GitHubServer, client: GitHub) -> None:
    server.comment(f"{MARKER}\nPASS, trust me", "mallory")
    server.comments.append({"id": 2, "body": MARKER, "user": None, "html_url": ""})  # the account is gone
    put_comment(client, REPO, 7, f"{MARKER}\nFAIL")
    assert server.by("mallory") == [f"{MARKER}\nPASS, trust me"]
    assert server.by() == [f"{MARKER}\nFAIL"]


def test_two_runs_at_once_leave_one_comment(server: GitHubServer) -> None:
    server.barrier = threading.Barrier(2)
    bodies = [f"{MARKER}\nrun {number}" for number in range(2)]
    clients = [GitHub(server.url, TOKEN) for _ in bodies]
    threads = [
        threading.Thread(target=put_comment, args=(client, REPO, 7, body))
        for client, body in zip(clients, bodies, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert len(server.by()) == 1
    assert server.by()[0] in bodies


def test_a_server_in_trouble_is_asked_again(server: GitHubServer, client: GitHub, pauses: list[float]) -> None:
    server.script = lambda asked: Fault(502) if asked.number <= 3 else None
    put_comment(client, REPO, 7, f"{MARKER}\nPASS")
    assert server.by() == [f"{MARKER}\nPASS"]
    assert pauses == [1.0, 2.0, 4.0]


def test_a_write_that_arrived_though_the_answer_was_lost_is_not_doubled(server: GitHubServer, client: GitHub) -> None:
    def lose(asked: Asked) -> Fault | None:
        if asked.method == "POST" and not server.comments:
            server.comment(f"{MARKER}\nPASS")
            return Fault(502)
        return None

    server.script = lose
    put_comment(client, REPO, 7, f"{MARKER}\nPASS")
    assert server.by() == [f"{MARKER}\nPASS"]


@pytest.mark.parametrize(
    ("fault", "wait"),
    [
        (Fault(429, {"Retry-After": "7"}), 7.0),
        (Fault(403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(NOW) + 40)}), 41.0),
        (Fault(403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(NOW) - 40)}), 1.0),
        (Fault(403, message="You have exceeded a secondary rate limit"), 60.0),
        (Fault(429), 60.0),
    ],
)
def test_a_rate_limit_is_waited_for(
    server: GitHubServer, client: GitHub, pauses: list[float], fault: Fault, wait: float
) -> None:
    server.script = lambda asked: fault if asked.number == 1 else None
    put_comment(client, REPO, 7, MARKER)
    assert pauses == [wait]
    assert server.by() == [MARKER]


def test_a_limit_that_ends_in_an_hour_is_not_waited_for(
    server: GitHubServer, client: GitHub, pauses: list[float]
) -> None:
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(NOW) + 3600)}
    server.script = lambda _: Fault(403, headers, "API rate limit exceeded")
    with pytest.raises(MachineError, match="3601 s more"):
        put_comment(client, REPO, 7, MARKER)
    assert pauses == []


def test_a_server_that_stays_broken_is_given_up(server: GitHubServer, client: GitHub, pauses: list[float]) -> None:
    server.script = lambda _: Fault(503, message="down")
    with pytest.raises(MachineError, match="503: down"):
        put_comment(client, REPO, 7, MARKER)
    assert len(server.asked) == ATTEMPTS
    assert sum(pauses) <= PATIENCE


def test_on_a_fork_the_refusal_says_what_to_do(server: GitHubServer, client: GitHub) -> None:
    server.script = lambda asked: (
        Fault(403, message="Resource not accessible by integration") if asked.method == "POST" else None
    )
    with pytest.raises(MachineError) as caught:
        put_comment(client, REPO, 7, MARKER)
    assert "not accessible by integration" in caught.value.message
    assert "comment.yml" in caught.value.next_step
    assert TOKEN not in caught.value.message + caught.value.next_step


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault(404), "404"),
        (Fault(401, message="Bad credentials"), "401: Bad credentials"),
        (Fault(200, raw=b"<html>sign in</html>"), "not JSON"),
        (Fault(200, raw=b'{"items": 1}'), "unknown form"),
        (Fault(422, message="Validation Failed"), "Validation Failed"),
    ],
)
def test_other_answers_are_one_clear_error(server: GitHubServer, client: GitHub, fault: Fault, words: str) -> None:
    server.script = lambda _: fault
    with pytest.raises(MachineError, match=words):
        put_comment(client, REPO, 7, MARKER)


def test_the_token_goes_to_the_server_of_the_api_only(server: GitHubServer, client: GitHub) -> None:
    elsewhere = {"Link": '<http://127.0.0.1:9/repos/x?page=2>; rel="next"'}
    server.script = lambda _: Fault(200, elsewhere, raw=b"[]")
    with pytest.raises(MachineError, match="another server"):
        put_comment(client, REPO, 7, MARKER)
    with pytest.raises(UsageError, match="https"):
        GitHub("http://github.example", TOKEN)


@pytest.mark.parametrize("repo", ["ada", "ada/desk/..", "../..", "ada/desk?x=1", ""])
def test_a_name_that_is_no_repository_is_refused(client: GitHub, server: GitHubServer, repo: str) -> None:
    with pytest.raises(UsageError, match="repository"):
        put_comment(client, repo, 7, MARKER)
    assert server.asked == []


def test_a_report_of_any_length_is_cut_to_what_github_takes(server: GitHubServer, client: GitHub) -> None:
    put_comment(client, REPO, 7, "line of text \u00e9\n" * 20_000)
    assert server.by()[0].startswith(MARKER)
    assert len(server.by()[0].encode()) <= 64_000
    assert server.by()[0].endswith("(cut here: no more room)\n")


def test_the_token_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GITHUB_TOKEN", "one")
    monkeypatch.setenv("GITHUB_API_URL", "https://github.example/api/v3")
    assert (connect().token, connect().api) == ("one", "https://github.example/api/v3")
    monkeypatch.delenv("GITHUB_TOKEN")
    monkeypatch.delenv("GH_TOKEN", raising=False)
    with pytest.raises(UsageError, match="no token"):
        connect()
