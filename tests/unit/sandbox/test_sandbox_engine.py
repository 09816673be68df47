"""Without a sandbox nothing runs: the error says what to install."""

import subprocess
import sys
from pathlib import Path

import pytest

from tunegate.core.errors import MachineError
from tunegate.sandbox import interpreter
from tunegate.sandbox.engine import Bubblewrap, find_engine
from tunegate.sandbox.exploits import HONEST, PROBLEM
from tunegate.sandbox.humaneval import Completion
from tunegate.sandbox.run import run_candidates
from tunegate.sandbox.syscalls import ARCHITECTURES, CLONE, REFUSED, refuse

MARK = "import pathlib\npathlib.Path({!r}).touch()\n"


def test_without_a_sandbox_no_candidate_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    trace = tmp_path / "it-ran"
    with pytest.raises(MachineError) as raised:
        run_candidates({"exploit": PROBLEM}, [Completion("exploit", 0, HONEST + "\n\n" + MARK.format(str(trace)))])
    assert raised.value.message == "no sandbox on this machine: candidates are not run"
    assert "apt-get install bubblewrap" in raised.value.next_step
    assert not trace.exists()


def test_the_command_says_so_too(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tunegate.cli", "sandbox", "check"]
    done = subprocess.run(command, env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (13, "")
    assert done.stderr.startswith("error: no sandbox on this machine")


def test_a_sandbox_that_does_not_start_is_an_error_and_never_a_wrong_answer(tmp_path: Path) -> None:
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n", encoding="utf-8")
    broken.chmod(0o755)
    with pytest.raises(MachineError, match="the sandbox did not start: bwrap: No permissions"):
        run_candidates({"exploit": PROBLEM}, [Completion("exploit", 0, HONEST)], engine=Bubblewrap(str(broken)))


def test_the_view_is_python_and_its_libraries_only() -> None:
    files = Bubblewrap("/nowhere/bwrap").files
    assert str(interpreter.program()) in files
    assert any("ld-linux" in name for name in files)
    assert any("libc.so" in name for name in files)
    for name in files:
        assert Path(name).is_file() or Path(name) in interpreter.standard_library()
    assert not any(str(Path.home()) == name or name in {"/", "/usr", "/etc", "/lib"} for name in files)


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_the_filter_of_system_calls(machine: str) -> None:
    """Run by hand, as the kernel does: refused calls fail, others pass, other architectures are killed."""
    column = list(ARCHITECTURES).index(machine)
    allowed, refused, absent, killed = 0x7FFF0000, 0x00050001, 0x00050026, 0x80000000
    assert {verdict(machine, numbers[column]) for numbers in REFUSED.values()} == {refused}
    assert {verdict(machine, number) for number in (0, 1, 57, 59, 60)} == {allowed}
    assert verdict(machine, CLONE[column], 0x01200011) == allowed
    assert verdict(machine, CLONE[column], 0x10000000) == refused
    assert verdict(machine, 435) == absent
    assert verdict(machine, 1, architecture=1) == killed
    assert verdict(machine, 0x40000001) == killed


def verdict(machine: str, number: int, argument: int = 0, architecture: int | None = None) -> int:
    """What the filter says of one system call."""
    import struct

    data = {0: number, 4: ARCHITECTURES[machine] if architecture is None else architecture, 16: argument}
    program = [struct.unpack("=HBBI", refuse(machine)[at : at + 8]) for at in range(0, len(refuse(machine)), 8)]
    at = loaded = 0
    while True:
        code, yes, no, value = program[at]
        if code == 0x06:
            return int(value)
        if code == 0x20:
            loaded, at = data[value], at + 1
            continue
        met = {0x15: loaded == value, 0x35: loaded >= value, 0x45: bool(loaded & value)}[code]
        at += 1 + (yes if met else no)


def test_find_engine_names_what_it_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bwrap").write_text("#!/bin/sh\n", encoding="utf-8")
    (tmp_path / "bwrap").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert find_engine().name == "bubblewrap"
