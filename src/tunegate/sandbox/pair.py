"""One completion: a sandbox for the program, a sandbox for the tests, one socket between them, and a clock."""

import os
import select
import signal
import socket
import struct
import subprocess
import time
from contextlib import ExitStack, suppress
from typing import NamedTuple

from tunegate.core.errors import DataError, MachineError
from tunegate.sandbox.engine import NEXT_STEP, Bubblewrap
from tunegate.sandbox.humaneval import Completion, Problem
from tunegate.sandbox.inside.wire import unpack
from tunegate.sandbox.limits import Limits
from tunegate.sandbox.results import REASONS, Reason
from tunegate.sandbox.watch import resident

START_SECONDS = 60.0
LOOK_SECONDS = 0.05
OUT_OF_TIME = f"signal {int(signal.SIGXCPU)}"  # threads use up the processor time before the clock runs out


class Outcome(NamedTuple):
    """How it ended, a detail for people, and the wall-clock seconds that the program and its tests took."""

    reason: Reason
    detail: str
    seconds: float


class _Verdicts:
    """Reads what the tests' side says."""

    def __init__(self, handle: int) -> None:
        self._handle, self._rest = handle, b""

    def wait(self, seconds: float) -> list[str] | None:
        """The next message, or None if there is none yet.

        Raises:
            EOFError: there will be none.
        """
        if len(self._rest) < 4 or len(self._rest) < 4 + struct.unpack(">I", self._rest[:4])[0]:
            poll = select.poll()
            poll.register(self._handle, select.POLLIN)
            if not poll.poll(seconds * 1000):
                return None
            piece = os.read(self._handle, 1 << 16)
            if not piece:
                raise EOFError
            self._rest += piece
        size = 4 + struct.unpack(">I", self._rest[:4])[0] if len(self._rest) >= 4 else len(self._rest) + 1
        if len(self._rest) < size:
            return None
        content, self._rest = self._rest[4:size], self._rest[size:]
        return [str(part) for part in unpack(content)]


def _said(process: "subprocess.Popen[bytes]") -> str:
    """What bubblewrap or our own code complained of, before any of the candidate's."""
    if process.stderr is None:
        return ""
    os.set_blocking(process.stderr.fileno(), False)
    with suppress(OSError):
        return (process.stderr.read(4096) or b"").decode("utf-8", "replace").strip()[-400:]
    return ""


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Kill bubblewrap, and with it, by its pid namespace, all that is inside."""
    process.kill()
    process.wait()
    if process.stderr:
        process.stderr.close()


class _Pair:
    """Both processes of one completion."""

    def __init__(self, engine: Bubblewrap, stack: ExitStack, problem: Problem, text: str, limits: Limits) -> None:
        ours, theirs = socket.socketpair()
        verdicts, saying = os.pipe()
        stack.callback(os.close, verdicts)
        with ours, theirs, os.fdopen(saying, "wb"):
            self.candidate = engine.start(
                "serve",
                {"program": problem.prompt + text, "entry_point": problem.entry_point},
                [theirs.fileno()],
                limits,
            )
            stack.callback(_end, self.candidate)
            job = problem.model_dump(include={"prompt", "entry_point", "test"})
            job["output"] = limits.output_mib << 20
            self.judge = engine.start("check", job, [ours.fileno(), saying], limits)
            stack.callback(_end, self.judge)
        self.verdicts, self.limits = _Verdicts(verdicts), limits

    def broken(self, what: str) -> MachineError:
        said = " | ".join(filter(None, (_said(self.candidate), _said(self.judge))))
        return MachineError(f"{what}{': ' if said else ''}{said}", next_step=NEXT_STEP)

    def wait_for_start(self) -> None:
        end = time.monotonic() + START_SECONDS
        try:
            told = None
            while told is None and time.monotonic() < end:
                told = self.verdicts.wait(LOOK_SECONDS)
        except EOFError:
            told = None
        if told != ["running", ""]:
            raise self.broken("the sandbox did not start")

    def outcome(self) -> tuple[str, str]:
        end = time.monotonic() + self.limits.seconds
        while (left := end - time.monotonic()) > 0:
            try:
                told = self.verdicts.wait(min(left, LOOK_SECONDS))
            except EOFError:
                raise self.broken(f"the process that runs the tests ended with {self.judge.wait()}") from None
            if told is not None:
                return told[0], told[1]
            if resident(self.candidate.pid) > self.limits.memory_mib << 20:
                return "memory", f"more than {self.limits.memory_mib} MiB"
        return "timeout", f"more than {self.limits.seconds:g} s"


def _ended(candidate: "subprocess.Popen[bytes]") -> str:
    """How a process ended that went away by itself."""
    with suppress(subprocess.TimeoutExpired):
        code = candidate.wait(1.0)
        return f"signal {code - 128}" if code > 128 else f"exit code {code}"
    return "closed its end"


def judge_one(engine: Bubblewrap, problem: Problem, completion: Completion, limits: Limits) -> Outcome:
    """Run one completion against its problem's tests.

    Raises:
        MachineError: a sandbox did not start, or the side that runs the tests died: nothing is known of the completion.
        DataError: the problem cannot be judged so: its tests fail before any call, or pass what is no plain value.
    """
    with ExitStack() as stack:
        pair = _Pair(engine, stack, problem, completion.text, limits)
        pair.wait_for_start()
        began = time.monotonic()
        told, detail = pair.outcome()
        seconds = time.monotonic() - began
        if told == "process ended":
            detail = _ended(pair.candidate)
            told = "timeout" if detail == OUT_OF_TIME else told
    detail = "".join(c if c.isprintable() else "?" for c in detail.encode("utf-8", "replace").decode("utf-8"))
    if told == "problem":
        raise DataError(f"{problem.task_id}: {detail}", next_step="correct the problem's tests")
    for reason in REASONS:
        if told == reason:
            return Outcome(reason, detail, seconds)
    raise MachineError(f"the sandbox says {told!r}", next_step=NEXT_STEP)
