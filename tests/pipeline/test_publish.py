"""`tunegate publish` as people meet it: real Git and DVC remotes, a second publisher, kills, a remote that is down."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from release_project import ENV, Done, commit, make_project, run, set_params, tags

pytestmark = pytest.mark.slow
CLI = [sys.executable, "-m", "tunegate.cli"]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_project(tmp_path_factory.mktemp("publish") / "project")


@pytest.fixture
def desk(built: Path, tmp_path: Path) -> Path:
    """A committed project with both remotes; nothing is pushed yet."""
    root = Path(shutil.copytree(built, tmp_path / "desk", symlinks=True))
    run(tmp_path, "git", "init", "-q", "--bare", "-b", "main", "origin.git")
    run(root, "git", "remote", "add", "origin", str(tmp_path / "origin.git"))
    run(root, "dvc", "remote", "add", "-q", "-d", "store", str(tmp_path / "store"))
    commit(root, "first")
    return root


def publish(root: Path, *keys: str) -> Done:
    return run(root, *CLI, "publish", *keys, check=False)


def push(root: Path) -> None:
    run(root, "git", "push", "-q", "-u", "origin", "main")


def shared(root: Path) -> list[str]:
    """The tags that everybody sees."""
    lines = run(root, "git", "ls-remote", "--refs", "--tags", "origin").stdout.splitlines()
    return [line.partition("refs/tags/")[2] for line in lines]


def clone(root: Path, name: str) -> Path:
    run(root.parent, "git", "clone", "-q", str(root.parent / "origin.git"), name)
    return root.parent / name


def test_from_a_desk_to_a_fresh_clone_and_once_more(desk: Path) -> None:
    done = publish(desk)
    assert done.returncode == 20
    assert "HEAD is not on origin/main: `git push origin HEAD`" in done.stderr
    push(desk)
    foretold = publish(desk, "--dry-run")
    assert (foretold.returncode, foretold.stdout.splitlines()) == (0, [
        "nothing stands against it", "reply: to be released, if the gate says PASS again",
        "triage: to be released, if the gate says PASS again", "nothing was changed: a dry run",
    ])  # fmt: skip
    assert not tags(desk)
    assert not (desk.parent / "store").exists()
    done = publish(desk)
    assert done.returncode == 0, done.stderr
    assert "triage: its bundle comes from the remotes alone" in done.stdout
    assert "triage@v1.0.0: pushed to origin" in done.stdout
    assert shared(desk) == ["reply@v1.0.0", "triage@v1.0.0"]
    assert "triage: triage@v1.0.0 is this very bundle: nothing to release" in publish(desk, "--dry-run").stdout
    again = publish(desk)
    assert again.returncode == 0
    assert "triage@v1.0.0 is this very bundle: nothing to release" in again.stdout
    other = clone(desk, "other")
    run(other, "dvc", "artifacts", "get", ".", "triage", "--rev", "v1.0.0", "-o", str(desk.parent / "got"))
    verified = run(other, *CLI, "verify", "triage@v1.0.0")
    assert "triage@v1.0.0 is what was released" in verified.stdout
    run(other, *CLI, "verify", "triage@v1.0.0", "--bundle", str(desk.parent / "got"))
    run(other, "git", "config", "user.name", "Eve")
    from_clone = publish(other)
    assert from_clone.returncode == 0, from_clone.stderr
    assert shared(desk) == ["reply@v1.0.0", "triage@v1.0.0"]


def test_a_version_that_somebody_else_made_meanwhile(desk: Path) -> None:
    push(desk)
    assert publish(desk).returncode == 0
    set_params(desk, "triage", seed=2)
    run(desk, "dvc", "repro")
    commit(desk, "seed 2")
    push(desk)
    run(desk, "dvc", "push", "-q")
    other = clone(desk, "other")
    set_params(desk, "triage", seed=3)
    run(desk, "dvc", "repro")
    commit(desk, "seed 3")
    run(desk, "dvc", "repro", "release")  # here it is 1.1.0, and nobody has seen it
    assert publish(other, "triage").returncode == 0
    assert "triage@v1.1.0" in shared(other)
    push(desk)
    done = publish(desk, "triage")
    assert done.returncode == 0, done.stderr
    assert "triage@v1.1.0: somebody else made this version meanwhile" in done.stdout
    assert "triage@v1.2.0: pushed to origin" in done.stdout
    assert shared(desk) == ["reply@v1.0.0", "triage@v1.0.0", "triage@v1.1.0", "triage@v1.2.0"]
    done = publish(other, "triage")  # which is behind now
    assert done.returncode == 20
    assert "HEAD is older than triage@v1.2.0: `git pull`" in done.stderr


def test_killed_again_and_again_it_ends_as_if_nothing_had_been(desk: Path) -> None:
    push(desk)
    for seconds in (1.5, 3.5, 5.5, 7.5):
        process = subprocess.Popen([*CLI, "publish"], cwd=desk, env=ENV, start_new_session=True,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
        time.sleep(seconds)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for tag in shared(desk):  # whatever is shared can be had
            run(desk, "dvc", "get", str(desk.parent / "origin.git"), f"build/release/{tag.partition('@')[0]}",
                "--rev", tag, "-o", str(desk.parent / f"{seconds}-{tag}"), "-q")  # fmt: skip
    done = publish(desk)
    assert done.returncode == 0, done.stderr
    assert shared(desk) == tags(desk) == ["reply@v1.0.0", "triage@v1.0.0"]
    assert run(desk, "git", "status", "--porcelain").stdout == ""


def test_a_dvc_that_was_killed_and_never_reaped_holds_nothing(desk: Path) -> None:
    """In a container whose first process reaps nobody, it stays a zombie, which DVC takes for alive."""
    push(desk)
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    held = {"pid": process.pid, "cmd": "dvc repro release@triage"}
    rwlock = desk / ".dvc" / "tmp" / "rwlock"
    rwlock.write_text(json.dumps({"write": {str(desk / "build" / "release" / "triage"): held}, "read": {}}))
    done = publish(desk)
    assert done.returncode == 14
    assert f"another DVC is at work here: process {process.pid} (dvc repro release@triage)" in done.stderr
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # dead, not reaped
    try:
        done = publish(desk)
        assert done.returncode == 0, done.stderr
        assert shared(desk) == ["reply@v1.0.0", "triage@v1.0.0"]
    finally:
        process.wait()


def test_the_store_is_down_or_has_lost_something_then_it_is_well_again(desk: Path) -> None:
    push(desk)
    store = desk.parent / "store"
    store.write_text("a file where the folder should be", encoding="utf-8")
    done = publish(desk)
    assert done.returncode == 13
    assert done.stderr.startswith("error: dvc push: ")
    assert "Traceback" not in done.stderr
    assert shared(desk) == tags(desk) == []
    store.unlink()
    assert publish(desk, "reply").returncode == 0
    weights = run(desk, "dvc", "get", "--show-url", ".", "build/release/triage/verdict.md").stdout.strip()
    cached = desk / ".dvc" / "cache" / Path(weights).relative_to(store)
    for path in (Path(weights), cached):
        path.chmod(0o644)
        path.unlink()
    done = publish(desk, "triage")
    assert done.returncode != 0
    assert "build/release/triage" in done.stderr
    assert shared(desk) == ["reply@v1.0.0"]


def test_what_the_gate_refuses_is_shown_and_not_shared(desk: Path) -> None:
    set_params(desk, "triage", replay=0)
    run(desk, "dvc", "repro", check=False)
    commit(desk, "try it all the same")
    push(desk)
    done = publish(desk)
    assert done.returncode == 20
    assert "triage" in done.stderr
    assert shared(desk) == []
