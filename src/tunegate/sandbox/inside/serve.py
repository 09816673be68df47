"""The candidate's side: runs the model's program and answers calls of its function. Nothing here is believed.

The program shares this process, so it may change all of this. What it can reach by that is one socket, on which the
other side takes plain values and nothing else.
"""

from __future__ import annotations

import builtins
import os
import sys

from tunegate.sandbox.inside.confine import confine
from tunegate.sandbox.inside.wire import NESTED, NotPlain, pack, receive, send, unpack

TYPE_CHECKING = False  # the module `typing` costs a third of a start
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

HELLO = b"hello"


def load(program: str, name: str) -> tuple[str, str, Any]:
    """Run the program; a reason and a detail if it cannot be, else "" and its function."""
    module = type(sys)("candidate")
    sys.modules["candidate"] = module
    try:
        code = compile(program, "<candidate>", "exec")
    except (SyntaxError, ValueError, MemoryError, RecursionError, OverflowError) as fault:
        return "syntax error", f"{type(fault).__name__}: {fault}"[:200], None
    try:
        exec(code, module.__dict__)  # noqa: S102 - what a sandbox is for
    except BaseException as fault:  # noqa: BLE001 - sys.exit too
        return "exception", f"{_class(fault)} while the program loads", None
    if name not in module.__dict__:
        return "exception", f"the program defines no {name}", None
    return "", "", module.__dict__[name]


def _class(fault: BaseException) -> str:
    """The name of the nearest built-in class: other classes do not exist on the other side."""
    names: list[str] = [kind.__name__ for kind in type(fault).__mro__ if vars(builtins).get(kind.__name__) is kind]
    return names[0]


def answer(function: Callable[..., Any], request: bytes) -> bytes:
    """Call it; what it returned or raised, and its arguments if it changed them."""
    arguments, named = unpack(request, NESTED)
    try:
        kind, value = "returned", function(*arguments, **named)
    except BaseException as fault:  # noqa: BLE001 - sys.exit too
        kind, value = "raised", _class(fault)
    try:
        after = pack([arguments, named], NESTED)
        return pack([kind, value, None if after == request else [arguments, named]])
    except NotPlain as fault:
        return pack(["not plain data", str(fault)[:200], None])


def main() -> None:
    """Serve one candidate until the other side is gone."""
    channel = int(sys.argv[1])
    with os.fdopen(0, "rb", closefd=False) as stream:
        job = unpack(stream.read())
    confine(job["limits"], [channel])
    send(channel, HELLO)
    reason, detail, function = load(job["program"], job["entry_point"])
    send(channel, pack([reason, detail]))
    while not reason:
        try:
            request = receive(channel, 1 << 30)
        except EOFError:
            break
        send(channel, answer(function, request))
