"""Comparing texts: what counts as the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunegate.prepare.normalise import MARKS, UNSEEN, normal, words


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normal(normal(text)) == normal(text)


@given(st.text(alphabet=st.characters(exclude_categories=["C", "Z"]), min_size=1))
def test_a_text_with_something_to_see_is_never_nothing(text: str) -> None:
    assert normal(text)


@given(st.text(alphabet=st.characters(max_codepoint=127)))
def test_the_quick_way_for_plain_ascii_gives_the_same(text: str) -> None:
    slow = "".join(MARKS.get(ord(sign), sign) for sign in text.casefold() if ord(sign) not in UNSEEN)
    assert normal(text) == (" ".join(slow.split()) or " ".join(text.casefold().split()))


def test_scripts_without_spaces_have_words_too() -> None:
    assert words(normal("我要退款 now")) == ["我", "要", "退", "款", "now"]


def test_case_space_punctuation_and_width_do_not_count() -> None:
    assert normal("  The ROUTER,\tis: dead\uff01") == normal("the router is dead")
    assert normal("zero\u200bwidth") == normal("zerowidth")
    assert words(normal("\uff21\uff22\uff23 D")) == ["abc", "d"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("What is 3 - 1?", "What is 3 + 1?"),
        ("\U0001f600", "\U0001f621"),
        ("???", "!!!"),
        ("a < b", "a > b"),
        ("1.5", "15"),
        ("\u0915\u093f", "\u0915\u0940"),
        ("x_1", "x1"),
    ],
)
def test_what_means_something_counts(one: str, other: str) -> None:
    assert normal(one) != normal(other)
