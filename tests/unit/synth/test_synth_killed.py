"""The real command, killed and started again: nothing asked twice, nothing doubled, the same rows in the end."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from synth_project import cache, make_synth_project, output, rejected
from teacher_server import Action, Body, TeacherServer, chat, good, rows, rows_for, says, serving

WAIT = 30.0
Process = "subprocess.Popen[str]"


def start(root: Path, *more: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tunegate.cli", "synth", "triage", *more]
    return subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + WAIT
    while not condition():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.005)


def imperfect(body: Body, _number: int) -> Action:
    """Good rows, doubles, a broken answer now and then, slowly and not in order: by the request alone."""
    seed = body["seed"]
    same = chat("The same", '{"product": "phone"}')
    action = says("Sorry?") if seed % 7 == 3 else rows([*rows_for(body, 3), same])
    action.delay = 0.02 + 0.03 * (seed % 3)
    return action


def test_killed_again_and_again_it_ends_as_if_it_had_not_been(tmp_path: Path) -> None:
    with serving(imperfect) as server:
        whole = make_synth_project(tmp_path / "whole", server.endpoint, rows=100)
        process = start(whole)
        assert process.wait(WAIT) == 0, process.communicate()
        wanted = sorted(asked.number for asked in server.asked)
        server.asked.clear()

        root = make_synth_project(tmp_path / "killed", server.endpoint, rows=100)
        for step in range(1, 6):
            kill_after(server, root, answers=5 * step)
        kept, asked_before = finished(root), len(server.asked)
        process = start(root)
        said, _ = process.communicate(timeout=WAIT)
        assert process.returncode == 0
        assert kept & {asked.number for asked in server.asked[asked_before:]} == set()
    assert "100 of 100 rows" in said
    assert output(root).read_bytes() == output(whole).read_bytes()
    assert rejected(root) == rejected(whole)
    assert sorted({asked.number for asked in server.asked}) == sorted(set(wanted))


def kill_after(server: TeacherServer, root: Path, *, answers: int) -> None:
    """Kill the process when so many answers are on disk; check that none of these is ever asked again."""
    kept_before = finished(root)
    asked_before = len(server.asked)
    process = start(root)
    until(lambda: len(finished(root)) >= answers)
    os.kill(process.pid, signal.SIGKILL)
    process.wait(WAIT)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    again = {asked.number for asked in server.asked[asked_before:]} & kept_before
    assert again == set()


def finished(root: Path) -> set[int]:
    """The numbers of the requests whose answers are on disk."""
    found = set()
    for path in (cache(root) / "answers").glob("*.json"):
        found.add(json.loads(path.read_text(encoding="utf-8"))["request"]["number"])
    return found


def test_what_was_on_its_way_when_it_was_killed_counts_as_spent(tmp_path: Path) -> None:
    def slow(body: Body, number: int) -> Action:
        action = good(body, number)
        action.delay = 0.0 if number != 1 else 5.0
        return action

    with serving(slow) as server:
        root = make_synth_project(tmp_path, server.endpoint, price_out=1000.0, max_tokens=100, concurrency=1)
        process = start(root)
        until(lambda: len(server.asked) == 2)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        said, _ = start(root).communicate(timeout=WAIT)
    # three answers of 40 tokens, and one of 100 that nobody saw
    assert "cost 0.2200; 0.1000 of it assumed: 1 tries ended without a count" in said


def test_two_at_once_the_second_is_told_so(tmp_path: Path) -> None:
    def slow(body: Body, number: int) -> Action:
        action = good(body, number)
        action.delay = 3.0 if number == 0 else 0.0
        return action

    with serving(slow) as server:
        root = make_synth_project(tmp_path, server.endpoint)
        first = start(root)
        until(lambda: bool(server.asked))
        second = start(root)
        _, said = second.communicate(timeout=WAIT)
        assert second.returncode == 14
        assert "another `tunegate synth` is at work for this adapter" in said
        assert "Traceback" not in said
        assert first.wait(WAIT) == 0
        first.communicate()
        assert len(server.asked) == 3


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Children can be interrupted, also where this run was put into the background: a shell lets those ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_interrupted_by_a_person_it_ends_at_once_and_goes_on_later(tmp_path: Path) -> None:
    def slow(body: Body, number: int) -> Action:
        action = good(body, number)
        action.delay = 25.0 if number == 1 else 0.0
        return action

    with serving(slow) as server:
        root = make_synth_project(tmp_path, server.endpoint, concurrency=1)
        process = start(root)
        until(lambda: len(server.asked) == 2)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)  # long before the answer comes
        assert (process.returncode, said) == (130, "interrupted\n")
        again, _ = start(root).communicate(timeout=WAIT)
    assert "12 of 12 rows" in again
    assert len(output(root).read_text(encoding="utf-8").splitlines()) == 12


@pytest.mark.parametrize("words", [(), ("--dry-run",)])
def test_an_adapter_without_the_section_is_told_where_one_is_shown(tmp_path: Path, words: tuple[str, ...]) -> None:
    root = make_synth_project(tmp_path, "http://127.0.0.1:9/v1")
    path = root / "params.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    del content["adapters"]["triage"]["synth"]
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    process = start(root, *words)
    _, said = process.communicate(timeout=WAIT)
    assert process.returncode == 10
    assert "docs/synthetic-data.md shows one" in said


def test_fewer_rows_than_wanted_is_exit_code_11_and_the_summary_is_there(tmp_path: Path) -> None:
    with serving(lambda body, _number: rows(rows_for(body, 1))) as server:
        root = make_synth_project(tmp_path, server.endpoint)
        process = start(root)
        said, errors = process.communicate(timeout=WAIT)
    assert process.returncode == 11
    assert "synth triage: 9 of 12 rows" in said
    assert errors.startswith("error: 9 of 12 rows came of 9 requests")
    assert "next: " in errors
    assert "\r" not in errors  # no progress where no person looks


def test_on_a_terminal_a_line_moves(tmp_path: Path) -> None:
    with serving() as server:
        root = make_synth_project(tmp_path, server.endpoint)
        leader, follower = pty.openpty()
        environment = {name: value for name, value in os.environ.items() if name != "CI"}
        command = [sys.executable, "-m", "tunegate.cli", "synth", "triage"]
        done = subprocess.run(
            command, cwd=root, stderr=follower, stdout=subprocess.PIPE, text=True, env=environment, check=True
        )
        os.close(follower)
        shown = os.read(leader, 1 << 16).decode()
        os.close(leader)
    assert "\rsynth triage: 12 of 12 rows, 3 requests, 0 not taken, 480 tokens, 0.0000" in shown
    assert "\r" not in done.stdout
