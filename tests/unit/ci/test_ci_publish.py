"""The report of a run reaches its pull request, also from a fork; what the run wrote is text and gives no orders."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from github_server import REPO, TOKEN, GitHubServer, github_server

from tunegate.ci.github import GitHub
from tunegate.ci.markdown import MARKER
from tunegate.ci.publish import publish, unpack
from tunegate.core.errors import MachineError

ROOT = Path(__file__).parents[3]
SHA, OLD = "a" * 40, "b" * 40
REPORT = f"{MARKER}\n## tunegate: FAIL\n\n| adapter | verdict |\n|---|---|\n| triage | FAIL |\n"


@pytest.fixture
def server() -> Iterator[GitHubServer]:
    with github_server() as running:
        yield running


@pytest.fixture
def client(server: GitHubServer) -> GitHub:
    return GitHub(server.url, TOKEN)


def test_the_report_of_a_branch_is_posted(server: GitHubServer, client: GitHub) -> None:
    server.pull(7, SHA)
    server.run(900, SHA, pulls=(7,))
    server.artifact(900, REPORT)
    assert publish(client, REPO, 900) == [f"#7: {server.url}/c/1"]
    assert "| triage | FAIL |" in server.by()[0]
    assert server.by()[0].count(MARKER) == 1
    assert "[!CAUTION]" not in server.by()[0]


def test_the_report_of_a_fork_finds_its_pull_request_by_branch_and_commit(server: GitHubServer, client: GitHub) -> None:
    server.pull(6, OLD, fork="eve/desk", branch="new")
    server.pull(7, SHA, fork="bob/desk", branch="new & better")
    server.pull(8, SHA, fork="bob/other", branch="new & better")
    server.run(900, SHA, fork="bob/desk", branch="new & better")
    server.artifact(900, REPORT)
    assert publish(client, REPO, 900) == [f"#7: {server.url}/c/1"]


def test_a_number_in_the_artifact_is_not_believed(server: GitHubServer, client: GitHub) -> None:
    server.pull(7, SHA)
    server.run(900, SHA, pulls=(7,))
    server.artifact(900, "PR: 1\n" + REPORT)
    publish(client, REPO, 900)
    posted = [asked.path for asked in server.asked if asked.method == "POST"]
    assert posted == [f"/repos/{REPO}/issues/7/comments"]


@pytest.mark.parametrize("state", ["moved on", "closed", "of another event"])
def test_a_run_that_no_longer_matters_posts_nothing(server: GitHubServer, client: GitHub, state: str) -> None:
    server.pull(7, OLD if state == "moved on" else SHA, state="closed" if state == "closed" else "open")
    server.run(900, SHA, pulls=(7,))
    server.artifact(900, REPORT)
    if state == "of another event":
        server.runs[900]["event"] = "push"
    assert "nothing is posted" in publish(client, REPO, 900)[0]
    assert server.comments == []


def test_changed_judges_are_named_by_githubs_own_list(server: GitHubServer, client: GitHub) -> None:
    server.pull(7, SHA)
    server.run(900, SHA, pulls=(7,))
    server.artifact(900, REPORT.replace("FAIL", "PASS"))
    server.files = [*(f"docs/{number}.md" for number in range(150)), "src/tunegate/judge/decide.py"]
    publish(client, REPO, 900)
    body = server.by()[0]
    assert body.index("its own word: <code>src/tunegate/judge/decide.py</code>") < body.index("tunegate: PASS")


def test_what_the_run_wrote_can_neither_call_nor_link_nor_be_markup(server: GitHubServer, client: GitHub) -> None:
    server.pull(7, SHA)
    server.run(900, SHA, pulls=(7,))
    evil = "@ada fixes #12 GH-3 [x](https://evil.example) ![p](//evil) <img src=x> <!-- x --> www.evil.example"
    evil += "\u202e\x1b[0m"
    server.artifact(900, REPORT + evil + "\n<code>@ok</code> \\<code>@ada</code>\n[ref]: https://evil.example\n")
    publish(client, REPO, 900)
    written = server.by()[0].partition("## tunegate")[2]
    for harm in ("@ada", "#12", "GH-3", "[x", "[p", "://", "www.", "<img", "<!--", "\u202e", "\x1b", "[ref"):
        assert harm not in written
    assert "<code>@ok</code>" in written  # GitHub calls nobody within <code>


def test_a_run_without_a_report_is_told(server: GitHubServer, client: GitHub) -> None:
    server.pull(7, SHA)
    server.run(900, SHA, pulls=(7,))
    publish(client, REPO, 900)
    assert "left no report" in server.by()[0]
    assert "failure" in server.by()[0]


@pytest.mark.parametrize("damage", [b"", b"no zip", b"PK\x03\x04" + b"\0" * 60])
def test_a_damaged_artifact_is_one_clear_error(server: GitHubServer, client: GitHub, damage: bytes) -> None:
    server.pull(7, SHA)
    server.run(900, SHA, pulls=(7,))
    server.artifact(900, damage)
    with pytest.raises(MachineError, match="no readable comment"):
        publish(client, REPO, 900)
    assert server.comments == []


def test_only_the_report_is_read_and_only_so_much_of_it(tmp_path: Path) -> None:
    packed = tmp_path / "x.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../escape", "x")
        archive.writestr("comment.md", "z" * 50_000_000)
    assert len(unpack(packed.read_bytes())) == 62_000
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("other.md", "x")
    with pytest.raises(MachineError, match="no readable comment"):
        unpack(packed.read_bytes())


def test_the_command_needs_nothing_but_python_and_shows_no_token(server: GitHubServer, tmp_path: Path) -> None:
    """As comment.yml runs it: nothing installed."""
    server.pull(7, SHA)
    server.run(900, SHA, pulls=(7,))
    server.artifact(900, REPORT)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PYTHON")},
        "PYTHONPATH": str(ROOT / "src"),
        "GITHUB_TOKEN": TOKEN,
        "GITHUB_API_URL": server.url,
    }
    command = [sys.executable, "-S", "-m", "tunegate.cli", "ci"]  # -S: without site-packages

    def run(*words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [*command, *words, "--repo", REPO], capture_output=True, text=True, check=False, env=environment
        )

    done = run("publish", "--run", "900")
    assert (done.returncode, done.stdout) == (0, f"#7: {server.url}/c/1\n"), done.stderr
    (tmp_path / "body.md").write_text("new")
    done = run("comment", "--pr", "7", str(tmp_path / "body.md"))
    assert (done.returncode, server.by()) == (0, [f"{MARKER}\nnew"]), done.stderr
    done = run("publish", "--run", "901")
    assert done.returncode == 13
    assert "404" in done.stderr
    assert TOKEN not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
