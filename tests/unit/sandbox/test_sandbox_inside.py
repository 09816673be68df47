"""The judge's side against another side that says what it likes: only right answers pass.

Without a sandbox: the other side is a thread of ours that writes prepared bytes.
"""

import copy
import socket
import threading
from contextlib import suppress
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tunegate.sandbox.exploits import PROBLEM
from tunegate.sandbox.inside.check import Candidate, _into, judge
from tunegate.sandbox.inside.serve import answer, load
from tunegate.sandbox.inside.wire import NESTED, pack, send, unpack

JOB = PROBLEM.model_dump(include={"prompt", "entry_point", "test"})
LOADED = pack(["", ""])
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=2), inner, max_size=3)
    | st.tuples(inner, inner) | st.sets(st.integers(), max_size=3),
    max_leaves=10,
)  # fmt: skip


def told(*messages: bytes) -> tuple[str, str]:
    """The verdict when the other side says this and leaves."""
    ours, theirs = socket.socketpair()
    with ours, theirs:

        def speak() -> None:
            with suppress(OSError):
                for message in messages:
                    send(theirs.fileno(), message)
                theirs.shutdown(socket.SHUT_WR)

        speaker = threading.Thread(target=speak)
        speaker.start()
        verdict = judge(JOB, Candidate(ours.fileno(), 1 << 20))
        ours.close()
        speaker.join()
    return verdict


def returned(value: Any) -> bytes:
    return pack(["returned", value, None])


def test_right_answers_pass_and_one_wrong_one_does_not() -> None:
    assert told(LOADED, returned(23), returned(15)) == ("passed", "")
    assert told(LOADED, returned(23), returned(14))[0] == "wrong answer"
    assert told(LOADED, returned(23))[0] == "process ended"
    assert told(LOADED, pack(["raised", "ValueError", None]))[0] == "exception"
    assert told(pack(["exception", "x"]), returned(23), returned(15)) == ("exception", "x")
    assert told(pack(["passed", ""]))[0] == "not plain data"
    assert told(LOADED, pack(["passed", "", None]))[0] == "not plain data"


@given(st.lists(st.binary(max_size=30) | PLAIN.map(pack) | PLAIN.map(returned), max_size=4))
def test_whatever_the_other_side_says_only_the_two_right_answers_pass(messages: list[bytes]) -> None:
    reason, _ = told(LOADED, *messages)
    right = {returned(value): value for value in (23, 23.0, 15, 15.0)}
    assert (reason == "passed") == ([right.get(message) for message in messages[:2]] == [23, 15])
    assert reason != "problem"


@given(st.lists(PLAIN, max_size=3), st.lists(PLAIN, max_size=3))
def test_arguments_become_what_the_candidate_made_of_them_in_place(before: list[Any], after: list[Any]) -> None:
    kept = copy.deepcopy(after)
    assert _into(before, after) is before
    assert before == kept


def test_the_other_side_says_what_became_of_its_arguments() -> None:
    reason, _, function = load("def add(values, n=0):\n    values.append(n)\n    return values\n", "add")
    assert reason == ""
    reply = unpack(answer(function, pack([[[1]], {"n": 2}], NESTED)))
    assert reply == ["returned", [1, 2], [[[1, 2]], {"n": 2}]]
    assert unpack(answer(len, pack([["abc"], {}], NESTED))) == ["returned", 3, None]
    assert unpack(answer(int, pack([["x"], {}], NESTED))) == ["raised", "ValueError", None]
    assert unpack(answer(iter, pack([[[]], {}], NESTED)))[0] == "not plain data"
