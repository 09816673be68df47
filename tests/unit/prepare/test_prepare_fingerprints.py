"""Runs of words and MinHash bands: what shares words meets, and no run crosses from one text into the next."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tunegate.prepare.fingerprints import BANDS, ROWS, Vocabulary, bands, flat, jaccard, run_set, runs

WORDS = st.lists(st.sampled_from(["a", "b", "c", "d", "e"]), max_size=12)


def run_hashes(texts: list[list[str]], size: int, *, short: bool) -> list[list[int]]:
    found, counts = runs(*flat(Vocabulary(), texts), size, short=short)
    ends = np.cumsum(counts)
    return [found[end - count : end].tolist() for end, count in zip(ends, counts, strict=True)]


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
    assert run_hashes([["a"] * 12, ["a"] * 14], 13, short=False) == [[], run_hashes([["a"] * 13], 13, short=False)[0] * 2]


def test_bands_meet_as_often_as_their_formula_says() -> None:
    """At Jaccard s two texts share a band with chance 1 - (1 - s^6)^20 (Mining of Massive Datasets, 3.4.2)."""
    rng = np.random.default_rng(0)
    for similarity in (0.4, 0.6, 0.8):
        met, pairs, size = 0, 2000, 400
        shared = round(2 * size * similarity / (1 + similarity))
        rows = []
        for _ in range(pairs):
            common = rng.integers(1, 2**63, shared, dtype=np.uint64)
            for _ in range(2):
                own = rng.integers(1, 2**63, size - shared, dtype=np.uint64)
                rows.append(np.concatenate([common, own]))
        found = bands(np.concatenate(rows), np.full(2 * pairs, size))
        met = int(np.sum((found[::2] == found[1::2]).any(axis=1)))
        expected = 1 - (1 - similarity**ROWS) ** BANDS
        assert abs(met / pairs - expected) < 4 * np.sqrt(expected * (1 - expected) / pairs) + 0.005


def test_a_text_without_words_meets_nothing() -> None:
    found, counts = runs(*flat(Vocabulary(), [[], ["a"]]), 3, short=True)
    assert bands(found, counts)[0].tolist() == [0] * BANDS
