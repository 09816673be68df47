"""Private data in turns: contents and arguments of tool calls are masked, the rest of a turn stays."""

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tunegate.core.data_settings import Private
from tunegate.prepare.private import Finder
from tunegate.prepare.private_rows import scan_messages

FINDER = Finder(Private())
MAIL, CARD = "anna@firma-muster.de", "4111 1111 1111 1111"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from([MAIL, CARD]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4) | st.just(MAIL), inner, max_size=3),
    max_leaves=12,
)


def call(arguments: Any) -> dict[str, Any]:
    function = {"name": "lookup", "arguments": arguments}
    return {"role": "assistant", "content": "", "tool_calls": [{"id": "c1", "type": "function", "function": function}]}


def arguments(turn: dict[str, Any]) -> Any:
    return turn["tool_calls"][0]["function"]["arguments"]


def test_every_turn_is_masked_and_counted_and_the_original_stays() -> None:
    turns = [
        {"role": "user", "content": f"I am {MAIL}, card {CARD}"},
        {"role": "assistant", "content": f"Hello {MAIL}"},
    ]
    before = copy.deepcopy(turns)
    counts, masked = scan_messages(FINDER, turns)
    assert counts == {"email": 2, "card": 1}
    assert [turn["content"] for turn in masked] == ["I am [EMAIL], card [CARD]", "Hello [EMAIL]"]
    assert [turn["role"] for turn in masked] == ["user", "assistant"]
    assert turns == before


def test_turns_without_private_data_come_back_equal_and_count_nothing() -> None:
    turns = [
        {"role": "user", "content": "Where is my order?"},
        call({"order": 1234567890123, "parts": ["a", None, 2.5]}),
    ]
    counts, masked = scan_messages(FINDER, turns)
    assert (dict(counts), masked) == ({}, turns)


def test_arguments_are_masked_at_any_depth_keys_and_long_numbers_too() -> None:
    given_arguments = {
        "to": [{"mail": MAIL}, MAIL],
        MAIL: 1,
        "anna.b@firma-muster.de": 2,
        "card": 4111111111111111,
        "n": 7,
        "ok": True,
    }
    counts, (turn,) = scan_messages(FINDER, [call(given_arguments)])
    assert arguments(turn) == {
        "to": [{"mail": "[EMAIL]"}, "[EMAIL]"],
        "[EMAIL]": 1,
        "[EMAIL] 2": 2,
        "card": "[CARD]",
        "n": 7,
        "ok": True,
    }
    assert counts == {"email": 4, "card": 1}
    assert turn["tool_calls"][0]["function"]["name"] == "lookup"


def leaves(value: Any) -> int:
    if isinstance(value, dict):
        return len(value) + sum(map(leaves, value.values()))
    return sum(map(leaves, value)) if isinstance(value, list) else 1


@given(JSON)
def test_no_argument_is_lost_and_scanning_twice_changes_nothing(value: Any) -> None:
    _, once = scan_messages(FINDER, [call(value)])
    counts, twice = scan_messages(FINDER, once)
    assert (twice, dict(counts)) == (once, {})
    assert leaves(arguments(once[0])) == leaves(value)
    assert MAIL not in str(once)
    assert CARD not in str(once)
