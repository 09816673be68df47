"""Arithmetic of the checks that ask a server; the server's own faults are in tests/serving/test_probe_served.py."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunegate.probe.expected import Expected
from tunegate.probe.parity import gap, logprobs_match

NEAR = 0.01
LOGPROBS = st.lists(st.floats(-50, 0), min_size=1, max_size=8)


def row(*logprobs: float, as_written: bool = True) -> Expected:
    """An answer of tokens 0, 1, 2, ..."""
    tokens = tuple(range(len(logprobs)))
    return Expected("one", [], (7,), tokens, "text", "stop", logprobs, limit=9, as_written=as_written)


def told(logprobs: list[float]) -> tuple[list[str], list[dict[str, float]]]:
    """What a server says that writes 0, 1, 2, ... with these log-probabilities."""
    names = [f"token_id:{at}" for at in range(len(logprobs))]
    return names, [{name: value} for name, value in zip(names, logprobs, strict=True)]


class Says:
    """A server that answers each request with the next of `found`, and then with the last again."""

    def __init__(self, *found: list[float]) -> None:
        self.found, self.asked = list(found), list[dict[str, Any]]()

    def post(self, path: str, body: dict[str, Any]) -> Any:
        assert path == "/v1/completions"
        self.asked.append(body)
        names, likely = told(self.found.pop(0) if len(self.found) > 1 else self.found[0])
        return {"choices": [{"logprobs": {"tokens": names, "top_logprobs": likely}}]}


def match(server: Says, *rows: Expected) -> tuple[bool, int, str]:
    check = logprobs_match(server, rows, NEAR)  # type: ignore[arg-type]
    assert bool(check.fix) is not check.passed
    return check.passed, check.cases, check.detail


@given(LOGPROBS, st.floats(-1, 1))
def test_a_gap_is_the_mean_over_the_tokens(logprobs: list[float], shift: float) -> None:
    names, likely = told([value + shift for value in logprobs])
    assert gap(row(*logprobs), names, likely) == pytest.approx(abs(shift), abs=1e-9)


def test_after_another_token_nothing_is_compared() -> None:
    names, likely = told([-1.0, -1.0, -99.0])
    names[1], likely[1] = "token_id:5", {"token_id:5": -0.9, "token_id:1": -1.3}
    assert gap(row(-1.0, -1.0, -1.0), names, likely) == pytest.approx(0.15)


def test_a_token_that_the_server_finds_unlikely_is_infinitely_far() -> None:
    assert gap(row(-1.0), ["token_id:5"], [{"token_id:5": -0.1}]) == math.inf
    assert gap(row(-1.0), [], []) == math.inf


def test_the_worst_answer_decides() -> None:
    assert match(Says([-1.0, -1.0]), row(-1.0, -1.0))[0]
    passed, cases, detail = match(Says([-1.0], [-1.5], [-1.0]), row(-1.0), row(-1.0), row(-1.0))
    assert (passed, cases) == (False, 3)
    assert "1 at once: 0.5; 16 at once: 0 (allowed 0.01)" in detail


@pytest.mark.parametrize("at", [0, 1])
def test_what_is_no_number_does_not_pass(at: int) -> None:
    """`max` of a number and NaN is whichever comes first."""
    answers = [[-1.0], [-1.0]]
    answers[at] = [math.nan]
    passed, _, detail = match(Says(*answers, [-1.0]), row(-1.0), row(-1.0))
    assert not passed
    assert "1 at once: nan" in detail


def test_answers_of_unknown_tokens_are_left_out_and_none_is_no_pass() -> None:
    assert match(Says([-1.0]), row(-9.0, as_written=False), row(-1.0))[:2] == (True, 1)
    passed, cases, detail = match(Says([-1.0]), row(-1.0, as_written=False))
    assert (passed, cases) == (False, 0)  # the gate takes no case for an ERROR
    assert detail == "none of 1 answers gives as many tokens as were written"
