"""Promote, roll back, look: real git in a small repository; GTO and the served plan read the same tags."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tunegate.core.errors import BusyError, MachineError, ReleaseRefused, UsageError
from tunegate.records.stages import assignments
from tunegate.release.history import releases
from tunegate.release.promote import promote, rollback
from tunegate.release.tag import make_tag


def git(root: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=root, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Versions 1.0.0, 1.1.0 and 2.0.0 of triage, a commit each."""
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "config", "user.name", "Ada")
    git(tmp_path, "config", "user.email", "ada@example.com")
    for version in ("1.0.0", "1.1.0", "2.0.0"):
        git(tmp_path, "commit", "-q", "--allow-empty", "-m", version)
        git(tmp_path, "tag", "-a", f"triage@v{version}", "-m", f"data {version}\n\nmethod: lora")
    return tmp_path


def prod(root: Path) -> str:
    return next(one.version for one in assignments(root) if one.stage == "prod")


def test_a_rollback_goes_to_the_version_before_by_the_counter(repository: Path) -> None:
    for version in ("2.0.0", "v1.0.0", "triage@v1.1.0"):  # 2.0.0 is the newest by SemVer and the oldest in prod
        promote(repository, "triage", version, "prod")
    assert promote(repository, "triage", "2.0.0", "canary").startswith("triage@v2.0.0 to canary (triage#canary#4)")
    assert "rollback from triage@v1.1.0 to triage@v1.0.0 (triage#prod#5)" in rollback(repository, "triage")
    assert prod(repository) == "1.0.0"
    from gto.api import show

    found = {one["version"]: [stage["stage"] for stage in one["stages"]] for one in show(str(repository), "triage")}
    assert found == {"v1.0.0": ["prod"], "v1.1.0": [], "v2.0.0": ["canary"]}


def test_two_desks_that_push_at_once_both_arrive(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The second finds its number taken, looks, and takes the next; a rollback goes where it was told to."""
    place = tmp_path_factory.mktemp("remote")
    git(place, "init", "-q", "--bare", "-b", "main", "origin.git")
    git(repository, "remote", "add", "origin", str(place / "origin.git"))
    git(repository, "push", "-q", "-u", "origin", "main", "--tags")
    git(place, "clone", "-q", "origin.git", "other")
    other = place / "other"
    git(other, "config", "user.name", "Eve")
    git(other, "config", "user.email", "eve@example.com")
    assert promote(repository, "triage", "1.0.0", "prod", push=True).endswith(
        "(triage#prod#1), on origin; next: `tunegate serve reconcile`"
    )
    promote(repository, "triage", "1.1.0", "prod")  # not shared: another desk takes number 2
    assert "triage#canary#2), on origin" in promote(other, "triage", "2.0.0", "canary", push=True)
    assert "triage#prod#3), on origin" in promote(repository, "triage", "1.1.0", "prod", push=True)
    assert "rollback from triage@v1.1.0 to triage@v1.0.0 (triage#prod#4), on origin" in rollback(
        other, "triage", push=True
    )
    git(repository, "fetch", "-q", "--tags")
    assert (
        [f"{one.stage} {one.version}" for one in assignments(repository)]
        == [f"{one.stage} {one.version}" for one in assignments(other)]
        == ["prod 1.0.0", "prod 1.1.0", "canary 2.0.0", "prod 1.0.0"]
    )
    git(repository, "remote", "remove", "origin")
    with pytest.raises(MachineError, match="Git has no remote to push to"):
        promote(repository, "triage", "2.0.0", "prod", push=True)


def test_the_same_again_says_so_and_makes_no_tag(repository: Path) -> None:
    promote(repository, "triage", "1.0.0", "prod")
    assert promote(repository, "triage", "1.0.0", "prod") == "triage@v1.0.0 is in prod already (triage#prod#1)"
    assert len(assignments(repository)) == 1


def test_a_dirty_tree_does_not_matter_and_stays_as_it_is(repository: Path) -> None:
    (repository / "words").write_text("not committed", encoding="utf-8")
    promote(repository, "triage", "1.0.0", "prod")
    assert git(repository, "status", "--porcelain") == "?? words\n"
    assert prod(repository) == "1.0.0"


def test_what_is_not_there_is_named(repository: Path) -> None:
    with pytest.raises(UsageError, match=r"no released version 9\.0\.0; there is 2\.0\.0, 1\.1\.0, 1\.0\.0"):
        promote(repository, "triage", "9.0.0", "prod")
    with pytest.raises(ReleaseRefused, match="none ever was"):
        rollback(repository, "triage")
    promote(repository, "triage", "1.0.0", "prod")
    with pytest.raises(ReleaseRefused, match=r"triage@v1\.0\.0 is the only one"):
        rollback(repository, "triage")
    with pytest.raises(UsageError, match="reply: nothing of that name is released; there is triage"):
        releases(repository, "reply")


def test_of_many_at_once_one_wins_and_the_others_are_told(repository: Path) -> None:
    def attempt(number: int) -> str:
        try:
            make_tag(repository, "triage#prod#1", "HEAD", f"attempt {number}\n")
        except BusyError:
            return "busy"
        return f"attempt {number}"

    with ThreadPoolExecutor(6) as pool:
        said = list(pool.map(attempt, range(6)))
    assert said.count("busy") == 5
    winner = next(one for one in said if one != "busy")
    assert git(repository, "tag", "-n1", "-l", "triage#prod#1").split(maxsplit=1)[1].strip() == winner


def test_the_history_says_who_was_where_when(repository: Path) -> None:
    promote(repository, "triage", "1.0.0", "prod")
    promote(repository, "triage", "1.1.0", "prod")
    rollback(repository, "triage")
    started = time.monotonic()
    said = releases(repository)
    assert time.monotonic() - started < 1
    assert "now:\n  prod: v1.0.0\n" in said
    last = said.splitlines()[-1]
    assert last.startswith("  triage#prod#3  v1.0.0  20")
    assert last.endswith("Ada  rollback from triage@v1.1.0 to triage@v1.0.0")


def test_the_commands_of_the_operating_page_do_what_it_says(repository: Path) -> None:
    page = (Path(__file__).parents[3] / "docs" / "operating.md").read_text(encoding="utf-8")
    typed = [line.partition("#")[0].split()[1:] for line in page.splitlines() if line.startswith("    tunegate ")]
    said = ""
    for words in typed:
        command = [sys.executable, "-m", "tunegate.cli", *words]
        done = subprocess.run(command, cwd=repository, env=os.environ, capture_output=True, text=True, check=True)
        said = done.stdout
    assert len(typed) == 7
    assert "now:\n  canary: v1.1.0\n  prod: v1.0.0\n" in said
