"""Stage tags: the counter orders, the commit says which version, tags of other forms do not count."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunegate.records.stages import STAGE_TAG, assignments


def git(root: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "config", "user.name", "Ada")
    git(tmp_path, "config", "user.email", "ada@example.com")
    for version in ("1.0.0", "1.1.0"):
        git(tmp_path, "commit", "--quiet", "--allow-empty", "-m", version)
        git(tmp_path, "tag", "-a", f"triage@v{version}", "-m", "released")
    return tmp_path


def test_a_repository_without_stage_tags_has_no_assignments(root: Path) -> None:
    assert assignments(root) == []


def test_the_newest_assignment_is_the_one_with_the_highest_counter(root: Path) -> None:
    for counter, version in ((2, "1.0.0"), (9, "1.1.0"), (10, "1.0.0")):
        git(root, "tag", "-a", f"triage#prod#{counter}", "-m", "assigned", f"triage@v{version}^{{}}")
    git(root, "tag", "triage#canary#3", "triage@v1.1.0^{}")  # a light tag counts too
    found = [(one.stage, one.counter, one.version) for one in assignments(root)]
    assert found == [("prod", 10, "1.0.0"), ("prod", 9, "1.1.0"), ("canary", 3, "1.1.0"), ("prod", 2, "1.0.0")]
    assert assignments(root)[0].commit == git(root, "rev-parse", "HEAD~1")


def test_a_commit_that_holds_no_version_of_the_adapter_gives_an_empty_one(root: Path) -> None:
    git(root, "tag", "-a", "reply#prod#1", "-m", "assigned")
    assert [(one.key, one.version) for one in assignments(root)] == [("reply", "")]


@pytest.mark.parametrize("name", ["triage#prod!#4", "triage#prod", "triage#prod#0", "Triage#prod#1", "triage@v1.0.0"])
def test_other_tags_are_no_assignments(name: str) -> None:
    assert STAGE_TAG.match(name) is None


@given(st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True), st.integers(1, 10**9))
def test_every_assignment_is_read_back(key: str, counter: int) -> None:
    match = STAGE_TAG.match(f"{key}#canary#{counter}")
    assert match is not None
    assert (match["key"], match["stage"], int(match["counter"])) == (key, "canary", counter)
