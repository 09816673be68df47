"""A JSON answer is shown indented and stored in the style it had; other texts are left alone."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunegate.web.json_style import STYLES, Style, shown, stored, style_of

text = st.text(st.characters(exclude_categories=["Cs"]))
leaf = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | text
value = st.recursive(leaf, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4))
container = st.lists(value, max_size=4) | st.dictionaries(text, value, max_size=4)


@given(container, st.sampled_from(STYLES))
def test_a_style_is_found_and_what_is_shown_is_stored_as_it_was(content: object, style: Style) -> None:
    original = style.write(content)
    found = style_of(original)
    assert found is not None
    assert found.write(content) == original
    assert json.loads(shown(original)) == content
    assert stored(original, shown(original)) == original


@given(text)
def test_a_text_that_nobody_touched_is_stored_as_it_was(original: str) -> None:
    browser = shown(original).replace("\r\n", "\n").replace("\r", "\n")  # what a text area gives back
    assert stored(original, browser) == original


@pytest.mark.parametrize(
    ("original", "typed", "wanted"),
    [
        ('{"a": 1, "b": "é"}', '{\n  "a": 2,\n  "b": "é"\n}', '{"a": 2, "b": "é"}'),
        ('{"a":1}', '{"a": 2}', '{"a":2}'),
        ('{\n  "a": 1\n}', '{"a": 2}', '{\n  "a": 2\n}'),
        ('{"a": "\\u00e9"}', '{"a": "è"}', '{"a": "\\u00e8"}'),
        ('{"a": 1}', "{broken", "{broken"),
        ('{"b": 1, "a": 2}', '{"b": 1, "a": 3}', '{"b": 1, "a": 3}'),
        ("one\r\ntwo", "one\nthree", "one\r\nthree"),
        ("one\ntwo", "one\r\nthree", "one\nthree"),
        ("plain", '{"a":   1}', '{"a":   1}'),
    ],
)
def test_an_edit_keeps_the_style(original: str, typed: str, wanted: str) -> None:
    assert stored(original, typed) == wanted


@pytest.mark.parametrize(
    "original",
    ['{"a": 1.50}', '{"a": 1, "a": 2}', '{ "a": 1}', '{"a": NaN}', '{"a": 1} ', "[" * 100_000, '"text"', "3"],
)
def test_what_could_not_be_had_back_exactly_is_shown_as_it_is(original: str) -> None:
    assert shown(original) == original
    assert style_of(original) is None
