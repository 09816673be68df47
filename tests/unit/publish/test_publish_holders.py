"""A DVC that was killed holds nothing; one that lives is left alone, and named."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tunegate.publish.holders import holders, let_go


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    path = tmp_path / ".dvc" / "tmp" / "rwlock"
    path.parent.mkdir(parents=True)
    return path


@pytest.fixture
def zombie() -> Iterator[int]:
    """A process that is dead and that nobody has reaped."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    process.send_signal(signal.SIGKILL)
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    yield process.pid
    process.wait()


def write(lock: Path, *pids: int) -> None:
    entries = [{"pid": pid, "cmd": "/env/dvc/__main__.py repro release@a"} for pid in pids]
    content = {"read": {"/p/a": entries}, "write": {"/p/b": entries[0]}}
    lock.write_text(json.dumps(content), encoding="utf-8")


def test_a_zombie_is_let_go_of(tmp_path: Path, lock: Path, zombie: int) -> None:
    write(lock, zombie)
    assert holders(lock) == []
    assert let_go(tmp_path)
    assert not lock.exists()
    assert not let_go(tmp_path)  # there is nothing any more


def test_one_that_lives_keeps_what_it_holds_and_is_named(tmp_path: Path, lock: Path, zombie: int) -> None:
    write(lock, zombie, os.getpid())
    before = lock.read_bytes()
    assert holders(lock) == [f"process {os.getpid()} (dvc repro release@a)"]
    assert not let_go(tmp_path)
    assert lock.read_bytes() == before


@pytest.mark.parametrize("half", ["", '{"read": {"/p/a": [{"pid": 1'])
def test_half_a_list_of_a_killed_writer_goes(tmp_path: Path, lock: Path, half: str) -> None:
    lock.write_text(half, encoding="utf-8")
    assert let_go(tmp_path)
    assert not lock.exists()
