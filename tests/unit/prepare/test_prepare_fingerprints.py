"""Hashes of words and runs: equal words have equal hashes and only they; no run crosses from one text into the next."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tunegate.prepare.fingerprints import LONG, flat, jaccard, run_set, runs
from tunegate.prepare.normalise import normal, words

WORDS = st.lists(st.sampled_from(["a", "b", "c", "d", "e"]), max_size=12)


def run_hashes(texts: list[list[str]], size: int, *, short: bool) -> list[list[int]]:
    found, counts = runs(*flat([" ".join(words) for words in texts]), size, short=short)
    ends = np.cumsum(counts)
    return [found[end - count : end].tolist() for end, count in zip(ends, counts, strict=True)]


@given(texts=st.lists(st.text(), max_size=6))
def test_words_of_any_script_are_those_of_words(texts: list[str]) -> None:
    normalised = [normal(text) for text in texts]
    hashes, counts = flat(normalised)
    said = [word for text in normalised for word in words(text)]
    assert counts.tolist() == [len(words(text)) for text in normalised]
    assert len(set(zip(said, hashes.tolist(), strict=True))) == len(set(said)) == len(set(hashes.tolist()))


def test_words_that_differ_in_one_sign_anywhere_differ() -> None:
    """In each of the pieces that a word is read by, and beyond them."""
    long = "x" * (2 * LONG)
    texts = [long[:at] + "y" + long[at + 1 :] for at in range(len(long))] + ["x" * size for size in range(1, len(long))]
    assert len(set(flat(texts)[0].tolist())) == len(texts)


def test_two_hundred_thousand_words_share_no_hash() -> None:
    hashes, counts = flat([" ".join(f"{number:x} word{number}" for number in range(100_000))])
    assert len(set(hashes.tolist())) == counts.sum() == 200_000


@given(texts=st.lists(WORDS, max_size=6), size=st.integers(1, 5))
def test_a_text_has_the_same_runs_alone_and_among_others(texts: list[list[str]], size: int) -> None:
    together = run_hashes(texts, size, short=True)
    assert together == [run_hashes([text], size, short=True)[0] for text in texts]
    for text, found in zip(texts, together, strict=True):
        assert len(found) == (max(1, len(text) - size + 1) if text else 0)


@given(one=WORDS, other=WORDS)
def test_equal_runs_have_equal_hashes_and_only_they(one: list[str], other: list[str]) -> None:
    first, second = run_hashes([one, other], 3, short=True)
    assert jaccard(run_set(one), run_set(other)) == (
        len({*first} & {*second}) / len({*first} | {*second}) if first or second else 1.0
    )


def test_a_short_text_is_no_run_of_thirteen() -> None:
    thirteen = run_hashes([["a"] * 13], 13, short=False)[0]
    assert run_hashes([["a"] * 12, ["a"] * 14], 13, short=False) == [[], thirteen * 2]
