"""Quick looks see what the expressions see that they stand for."""

import re

from hypothesis import given
from hypothesis import strategies as st

from tunegate.prepare.glance import SHORTEST, has_digit, has_long_word

SIGNS = st.text(st.sampled_from("aZ09_./:+=- é٣\udc80@"), max_size=60)


@given(text=SIGNS | st.text())
def test_digits(text: str) -> None:
    assert has_digit(text) == bool(re.search("[0-9]", text))


@given(text=SIGNS)
def test_long_words(text: str) -> None:
    assert has_long_word(text) == bool(re.search(rf"[A-Za-z0-9_./:+=-]{{{SHORTEST}}}", text))


def test_a_long_word_at_either_end() -> None:
    long = "a" * SHORTEST
    assert has_long_word(long)
    assert has_long_word(f"é {long}")
    assert has_long_word(f"{long} é")
    assert not has_long_word(f"{long[1:]} {long[1:]}")
