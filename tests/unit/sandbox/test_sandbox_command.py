"""The commands: what they say, what they write, and that a killed run goes on without judging anything twice."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tunegate.sandbox.exploits import EXPLOITS, HONEST, PROBLEM

SLOW = "    import time\n    time.sleep(0.3)\n    return a + b + 0 * {}\n"


def tunegate(*words: str) -> list[str]:
    return [sys.executable, "-m", "tunegate.cli", "sandbox", *words]


def files(folder: Path, *programs: str) -> tuple[str, str]:
    samples, problems = folder / "samples.jsonl", folder / "problems.jsonl"
    rows = [json.dumps({"task_id": "exploit", "completion": program}) for program in programs]
    samples.write_text("\n".join(rows) + "\n", encoding="utf-8")
    problems.write_text(json.dumps(PROBLEM.model_dump()) + "\n", encoding="utf-8")
    return str(samples), str(problems)


def test_a_wrong_file_is_said_before_anything_runs(tmp_path: Path) -> None:
    samples, problems = files(tmp_path, HONEST)
    Path(problems).write_text("{}\n", encoding="utf-8")
    done = subprocess.run(tunegate("run", samples, problems), capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 11
    assert "problems.jsonl:1: task_id: Field required" in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["problems.jsonl", "samples.jsonl"]


@pytest.mark.parametrize("words", [("--seconds", "0"), ("--seconds", "nan"), ("--memory", "8"), ("--k", "0")])
def test_a_limit_under_which_nothing_runs_is_refused(tmp_path: Path, words: tuple[str, ...]) -> None:
    command = tunegate("run", *files(tmp_path, HONEST), *words)
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (64, "")
    assert "next: " in done.stderr


@pytest.mark.slow
def test_check_says_what_isolates_and_what_happened_with_each_exploit() -> None:
    done = subprocess.run(tunegate("check"), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "engine     bubblewrap"
    assert "ok  an honest program: passed" in lines
    assert all(any(line.startswith(f"ok  {exploit.name}: ") for line in lines) for exploit in EXPLOITS)
    assert lines[-1] == f"the honest program passed, {len(EXPLOITS)} exploits did not"


@pytest.mark.slow
def test_run_writes_a_line_for_each_completion_and_the_same_bytes_each_time(tmp_path: Path) -> None:
    samples, problems = files(tmp_path, HONEST, "    return 0\n", HONEST, "    return None\n")
    written = []
    for name in ("one.jsonl", "two.jsonl"):
        command = tunegate("run", samples, problems, "--k", "1", "2", "--out", str(tmp_path / name))
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert done.stdout.splitlines() == [
            "pass@1 0.5000 (1 problems)",
            "pass@2 0.8333 (1 problems)",
            "4 completions: 2 passed, 2 wrong answer",
        ]
        assert done.stderr == ""
        written.append((tmp_path / name).read_bytes())
    assert written[0] == written[1]
    rows = [json.loads(line) for line in written[0].splitlines()]
    assert [(row["sample"], row["passed"]) for row in rows] == [(0, True), (1, False), (2, True), (3, False)]
    assert not (tmp_path / "one.jsonl.part").exists()


@pytest.mark.slow
def test_a_killed_run_goes_on(tmp_path: Path) -> None:
    samples, problems = files(tmp_path, *(SLOW.format(n) for n in range(12)))
    out, part = tmp_path / "r.jsonl", tmp_path / "r.jsonl.part"
    command = tunegate("run", samples, problems, "--out", str(out))
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as first:
        while not part.exists() or part.read_bytes().count(b"\n") < 4:
            assert first.poll() is None
            time.sleep(0.01)
        os.kill(first.pid, signal.SIGKILL)
    kept = part.read_text(encoding="utf-8").split()
    assert not out.exists()
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "12 completions: 12 passed" in done.stdout
    rows = out.read_text(encoding="utf-8").split()
    assert len(rows) == 12
    assert set(kept[:-1]) <= set(rows)
    assert not part.exists()
    again = subprocess.run(command, capture_output=True, text=True, check=True, env={"PATH": "/nowhere"})
    assert again.stdout == done.stdout, "what is judged needs no sandbox"
