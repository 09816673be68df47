"""Comparing texts: what counts as the same."""

from hypothesis import given
from hypothesis import strategies as st

from tunegate.prepare.normalise import NGRAM, ngrams, normal, words


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normal(normal(text)) == normal(text)


@given(st.lists(st.from_regex(r"[a-z]{1,6}", fullmatch=True), max_size=40))
def test_a_text_has_an_ngram_a_position(said: list[str]) -> None:
    found = ngrams(" ".join(said))
    assert len(found) <= max(0, len(said) - NGRAM + 1)
    assert all(gram.split() in [said[at : at + NGRAM] for at in range(len(said))] for gram in found)


def test_case_space_punctuation_and_width_do_not_count() -> None:
    assert normal("  The ROUTER,\tis: dead\uff01") == normal("the router is dead")
    assert words("\uff21\uff22\uff23") == ["abc"]
