"""The diff of an edit: both texts can be read off it, and a long row does not hold the page up."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunegate.review.diff import pieces

some = st.text(st.sampled_from("ab \n.é"), max_size=60)


@given(some, some)
def test_old_and_new_can_be_read_off(old: str, new: str) -> None:
    found = pieces(old, new)
    assert "".join(text for kind, text in found if kind != "new") == old
    assert "".join(text for kind, text in found if kind != "gone") == new
    assert all(text for _, text in found)
    assert (old == new) == all(kind == "same" for kind, _ in found)


def test_words_are_whole() -> None:
    found = [tuple(piece) for piece in pieces("priority: high, please", "priority: low, please")]
    assert found == [("same", "priority: "), ("gone", "high"), ("new", "low"), ("same", ", please")]


@pytest.mark.parametrize("unit", ["word ", "a\n", "x"])
def test_a_hundred_thousand_characters_take_less_than_two_seconds(unit: str) -> None:
    old = unit * (100_000 // len(unit))
    new = "".join(part + ("!" if n % 97 == 0 else "") for n, part in enumerate(old))
    start = time.monotonic()
    found = pieces(old, new)
    assert time.monotonic() - start < 2
    assert "".join(text for kind, text in found if kind != "gone") == new
