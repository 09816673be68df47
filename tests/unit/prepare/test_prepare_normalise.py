"""Comparing texts: what counts as the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunegate.prepare.normalise import NGRAM, ngrams, normal, words


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normal(normal(text)) == normal(text)


@given(st.text(alphabet=st.characters(exclude_categories=["C", "Z"]), min_size=1))
def test_a_text_with_something_to_see_is_never_nothing(text: str) -> None:
    assert normal(text)


@given(st.lists(st.from_regex(r"[a-z]{1,6}", fullmatch=True), max_size=40))
def test_a_text_has_an_ngram_a_position(said: list[str]) -> None:
    found = ngrams(" ".join(said))
    assert len(found) <= max(0, len(said) - NGRAM + 1)
    assert all(gram.split() in [said[at : at + NGRAM] for at in range(len(said))] for gram in found)


def test_case_space_punctuation_and_width_do_not_count() -> None:
    assert normal("  The ROUTER,\tis: dead\uff01") == normal("the router is dead")
    assert normal("zero\u200bwidth") == normal("zerowidth")
    assert words("\uff21\uff22\uff23") == ["abc"]


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
