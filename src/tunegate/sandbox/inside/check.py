"""The judge's side: runs a problem's tests; each call of the candidate is a question to the other sandbox.

No line of the candidate's runs here and no object of its making arrives: only plain values (`wire`). A fault of the
other side (gone, too long, no plain data) sticks: tests that swallow exceptions do not make it a pass.
"""

from __future__ import annotations

import builtins
import os
import random
import sys

from tunegate.sandbox.inside.confine import confine
from tunegate.sandbox.inside.wire import NESTED, NotPlain, TooLong, pack, receive, send, unpack

TYPE_CHECKING = False  # the module `typing` costs a third of a start
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

HELLO = b"hello"


class Fault(BaseException):
    """The candidate's side cannot go on: no test may take it for an answer."""


class CandidateError(Exception):
    """The candidate raised what is no Exception (sys.exit) or unknown here."""


class Candidate:
    """The function under test, as far as the tests can tell."""

    def __init__(self, channel: int, most: int) -> None:
        """`most`: bytes that one answer may have."""
        self._channel, self._most = channel, most
        self.calls = 0
        self.fault: tuple[str, str] | None = None
        self.raised: BaseException | None = None

    def _fail(self, reason: str, detail: str) -> Fault:
        self.fault = self.fault or (reason, detail)
        return Fault(reason)

    def hear(self) -> bytes:
        """One message of the other side."""
        try:
            return receive(self._channel, self._most)
        except TooLong as fault:
            raise self._fail("too much output", f"an answer of {fault}") from None
        except (EOFError, ConnectionError):
            raise self._fail("process ended", "") from None

    def loaded(self) -> None:
        """Wait until the program has been loaded."""
        told = self._plain(self.hear())
        if told != ["", ""]:
            reason, detail = told if isinstance(told, list) and len(told) == 2 else ("not plain data", "")
            known = reason in {"syntax error", "exception"}
            raise self._fail(reason if known else "not plain data", str(detail)[:200])

    def _plain(self, content: bytes) -> Any:
        try:
            return unpack(content)
        except NotPlain as fault:
            raise self._fail("not plain data", f"the answer: {fault}") from None
        except MemoryError:
            raise self._fail("memory", "the answer does not fit") from None

    def call(self, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """Ask the other side; plain values come back.

        Raises:
            NotPlain: the tests pass something that cannot be sent: a fault of the problem.
        """
        if self.fault:
            raise Fault(self.fault[0])
        request = pack([list(arguments), named], NESTED)
        self.calls += 1
        try:
            send(self._channel, request)
        except OSError:
            raise self._fail("process ended", "") from None
        reply = self._plain(self.hear())
        if not isinstance(reply, list) or len(reply) != 3:
            raise self._fail("not plain data", "an answer that is none")
        kind, value, after = reply
        self._restore([list(arguments), named], after)
        if kind == "returned":
            return value
        if kind == "raised":
            self.raised = _exception(value)
            raise self.raised
        raise self._fail("not plain data", str(value)[:200])

    def _restore(self, before: list[Any], after: Any) -> None:
        """What the candidate changed in its arguments is changed here too."""
        if isinstance(after, list) and len(after) == 2 and isinstance(after[0], list) and isinstance(after[1], dict):
            if len(after[0]) == len(before[0]) and after[1].keys() == before[1].keys():
                for old, new in zip(before[0], after[0], strict=True):
                    _into(old, new)
                for name, old in before[1].items():
                    _into(old, after[1][name])
        elif after is not None:
            raise self._fail("not plain data", "arguments that are none")


def _exception(name: Any) -> BaseException:
    kind = getattr(builtins, name, None) if isinstance(name, str) else None
    try:
        return kind() if isinstance(kind, type) and issubclass(kind, Exception) else CandidateError(str(name)[:80])
    except TypeError:  # UnicodeDecodeError wants arguments
        return CandidateError(name)


def _into(old: Any, new: Any) -> Any:
    """Make `old` equal to `new` in place where it can be; the one that stands for it."""
    if type(old) is not type(new):
        return new
    if isinstance(old, list):
        old[:] = [_into(one, other) for one, other in zip(old, new, strict=False)] + new[len(old) :]
    elif isinstance(old, dict):
        kept = {key: _into(old[key], value) if key in old else value for key, value in new.items()}
        old.clear()
        old.update(kept)
    elif isinstance(old, set):
        old.clear()
        old.update(new)
    elif isinstance(old, tuple) and len(old) == len(new):
        for one, other in zip(old, new, strict=True):
            _into(one, other)
        return old if old == new else new
    else:
        return new
    return old


def _namespace(job: dict[str, Any], candidate: Callable[..., Any]) -> dict[str, Any]:
    """Where the tests run: with the helpers of the prompt, and the candidate under its own name."""
    space: dict[str, Any] = {"__name__": "tests"}
    try:
        code = compile(job["prompt"], "<prompt>", "exec")
    except SyntaxError:  # a function of one line of comment
        code = compile(job["prompt"].rstrip() + "\n    pass\n", "<prompt>", "exec")
    exec(code, space)  # noqa: S102 - the problem's own text, confined
    space[job["entry_point"]] = candidate
    exec(compile(job["test"], "<test>", "exec"), space)  # noqa: S102 - as above
    return space


def _where(fault: BaseException, test: str) -> str:
    """The line of the tests that failed."""
    lines, said, place = test.splitlines(), type(fault).__name__, fault.__traceback__
    while place:
        if place.tb_frame.f_code.co_filename == "<test>" and place.tb_lineno <= len(lines):
            said = f"{type(fault).__name__} at {lines[place.tb_lineno - 1].strip()}"[:200]
        place = place.tb_next
    return said


def judge(job: dict[str, Any], candidate: Candidate) -> tuple[str, str]:
    """Run the tests: the reason ("passed", why not, or "problem" where the problem is at fault) and a detail."""

    def asked(*arguments: Any, **named: Any) -> Any:  # tests call it as they like
        return candidate.call(arguments, named)

    asked.__name__ = asked.__qualname__ = job["entry_point"]
    random.seed(0)  # the same questions each time
    try:
        candidate.loaded()
        _namespace(job, asked)["check"](asked)
    except BaseException as fault:  # noqa: BLE001 - whatever a test raises, the candidate has not passed
        return candidate.fault or _why(fault, candidate, job["test"])
    if candidate.fault:
        return candidate.fault
    return ("passed", "") if candidate.calls else ("problem", "the tests never call the candidate")


def _why(fault: BaseException, candidate: Candidate, test: str) -> tuple[str, str]:
    if isinstance(fault, NotPlain):
        return "problem", f"the tests pass {fault} to the candidate"
    if not candidate.calls:
        return "problem", f"the tests end with {type(fault).__name__} before they call the candidate: {fault}"[:200]
    return "exception" if fault is candidate.raised else "wrong answer", _where(fault, test)


def main() -> None:
    """Judge one candidate; say on the second channel that it runs, then how it ended."""
    channel, verdicts = int(sys.argv[1]), int(sys.argv[2])
    with os.fdopen(0, "rb", closefd=False) as stream:
        job = unpack(stream.read())
    confine(job["limits"], [channel, verdicts])
    candidate = Candidate(channel, job["output"])
    try:
        started = candidate.hear() == HELLO
    except Fault:
        started = False
    if not started:
        send(verdicts, pack(["sandbox", "the candidate's side did not start"]))
        return
    send(verdicts, pack(["running", ""]))
    send(verdicts, pack(list(judge(job, candidate))))
