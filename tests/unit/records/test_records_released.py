"""Released versions come from tags alone; other tags do not count."""

import subprocess
from pathlib import Path

import pytest

from tunegate.core.errors import MachineError
from tunegate.records.released import newest, released

ENV = {"GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.com", "GIT_COMMITTER_NAME": "A",
       "GIT_COMMITTER_EMAIL": "a@example.com", "GIT_CONFIG_GLOBAL": "/dev/null", "PATH": "/usr/bin:/bin"}  # fmt: skip


def git(root: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=root, env=ENV, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "commit", "-q", "--allow-empty", "-m", "one")
    return tmp_path


def test_versions_are_numbers_and_not_words(repository: Path) -> None:
    for version in ("1.9.0", "1.10.0", "1.2.0"):
        git(repository, "tag", "-a", f"triage@v{version}", "-m", "data 1\n\nbundle: x.dir\nrank: 16")
    git(repository, "tag", "-a", "reply@v1.0.0", "-m", "data 2")
    for other in ("v2.0.0", "triage@v2", "triage#prod#1", "Triage@v3.0.0"):
        git(repository, "tag", other)
    assert [v.tag for v in released(repository)] == ["reply@v1.0.0", "triage@v1.10.0", "triage@v1.9.0", "triage@v1.2.0"]
    found = newest(repository, "triage")
    assert found is not None
    assert found.facts == {"bundle": "x.dir", "rank": "16"}
    assert len(found.commit) == 40


def test_no_tags_no_versions(repository: Path) -> None:
    assert released(repository) == []
    assert newest(repository, "triage") is None


def test_outside_git_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(MachineError, match="not a git repository"):
        released(tmp_path)
