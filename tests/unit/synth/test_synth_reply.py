"""The teacher's text becomes rows or a finding, whatever it writes; never a traceback."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from teacher_server import chat

from tunegate.synth.reply import Unusable, rows_of, turns_of_row

CODES = {"not_json", "form", "no_rows", "role_order", "empty_turn", "encoding"}
TEXT = st.text().filter(str.strip)
GOOD = st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=5)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["rows", "messages", "role", "content"]), inner),
)


def code_of(call: Callable[[], object]) -> str | None:
    """The code of the finding, or None if there is none; anything else comes through."""
    try:
        call()
    except Unusable as fault:
        return fault.code
    return None


def read(text: str) -> list[list[tuple[str, str]]]:
    return [turns_of_row(row) for row in rows_of(text)]


@given(
    GOOD,
    st.sampled_from(["{}", "```json\n{}\n```", "```\n{}```", "Here they are:\n{}\nEnjoy!", " <think>{{}}</think>{}"]),
)
def test_good_rows_come_out_whatever_stands_around_them(pairs: list[tuple[str, str]], around: str) -> None:
    body = json.dumps({"rows": [chat(prompt, answer) for prompt, answer in pairs]})
    assert read(around.replace("{}", body)) == [[("user", prompt), ("assistant", answer)] for prompt, answer in pairs]


def test_a_bare_list_of_rows_is_taken_too() -> None:
    assert read(json.dumps([chat("a", "b")])) == [[("user", "a"), ("assistant", "b")]]


@given(st.text() | JSON.map(json.dumps) | JSON.map(lambda value: f"```json\n{json.dumps(value)}\n```"))
def test_anything_else_is_a_finding_with_a_code(text: str) -> None:
    code = code_of(lambda: rows_of(text))
    assert code is None or code in CODES
    for row in [] if code else rows_of(text):
        assert code_of(lambda row=row: turns_of_row(row)) in {None, *CODES}  # type: ignore[misc]


@given(GOOD, st.data())
def test_of_text_that_was_cut_only_whole_rows_come_out(pairs: list[tuple[str, str]], data: st.DataObject) -> None:
    body = json.dumps({"rows": [chat(prompt, answer) for prompt, answer in pairs]})
    cut = body[: data.draw(st.integers(0, len(body) - 1))]
    code = code_of(lambda: rows_of(cut))
    assert code is None or code in CODES
    whole = [[("user", prompt), ("assistant", answer)] for prompt, answer in pairs]
    for row in [] if code else rows_of(cut):  # a list within the cut text may be whole, of rows or of turns
        assert code_of(lambda row=row: turns_of_row(row)) == "form" or turns_of_row(row) in whole  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "not_json"),
        ("I cannot help with that.", "not_json"),
        ('{"rows": [', "not_json"),
        ('{"rows": [NaN]}', "not_json"),
        ('{"rows": [], "rows": [1]}', "not_json"),
        ("[" * 100_000, "not_json"),
        ("9" * 10_000, "not_json"),
        ("{\"rows\": \"__import__('os').system('true')\"}", "form"),
        ('{"examples": []}', "form"),
        ("7", "form"),
        ('{"rows": []}', "no_rows"),
    ],
)
def test_answers_that_hold_no_rows(text: str, code: str) -> None:
    with pytest.raises(Unusable) as found:
        rows_of(text)
    assert found.value.code == code


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("text", "form"),
        ({}, "form"),
        ({"messages": []}, "form"),
        ({"messages": "no"}, "form"),
        ({**chat("a", "b"), "id": "chosen-by-the-teacher"}, "form"),
        ({"messages": [{"role": "user", "content": "a", "name": "x"}]}, "form"),
        ({"messages": [{"role": "user", "content": 1}, {"role": "assistant", "content": "b"}]}, "form"),
        ({"messages": [{"role": "user", "content": "a"}]}, "role_order"),
        ({"messages": [{"role": "assistant", "content": "a"}, {"role": "user", "content": "b"}]}, "role_order"),
        ({"messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "b"}]}, "role_order"),
        ({"messages": [{"role": ["user"], "content": "a"}, {"role": None, "content": "b"}]}, "role_order"),
        (chat("a", " \n\t"), "empty_turn"),
        (chat("\ud800", "b"), "encoding"),
    ],
)
def test_rows_that_are_none(row: object, code: str) -> None:
    with pytest.raises(Unusable) as found:
        turns_of_row(row)
    assert found.value.code == code
