"""MinHash: bands meet as often as the formula says, for texts of any length."""

import numpy as np
import pytest

from tunegate.prepare.minhash import BANDS, BINS, ROWS, Hashes, bands, sketches


def pairs_of(count: int, size: int, shared: int) -> tuple[Hashes, np.ndarray]:
    """Two texts of `size` runs each, one after the other, that have `shared` runs in common; `count` such pairs."""
    rng = np.random.default_rng(0)
    own = rng.integers(1, 2**63, (count, 2, size), dtype=np.uint64)
    own[:, 1, :shared] = own[:, 0, :shared]
    return own.reshape(-1), np.full(2 * count, size)


@pytest.mark.parametrize("size", [5, 30, 400])  # few runs leave bins to fill after the last round
@pytest.mark.parametrize("similarity", [0.4, 0.8])
def test_two_texts_agree_in_as_many_bins_as_they_are_similar(size: int, similarity: float) -> None:
    shared = round(2 * size * similarity / (1 + similarity))
    exact = shared / (2 * size - shared)
    found = sketches(*pairs_of(1000, size, shared))
    agreed = (found[::2] == found[1::2]).mean()
    assert abs(agreed - exact) < 4 * np.sqrt(exact * (1 - exact) / (1000 * BINS))


@pytest.mark.parametrize("similarity", [0.4, 0.6, 0.8])
def test_bands_meet_as_often_as_their_formula_says(similarity: float) -> None:
    """At Jaccard s two texts share a band with chance 1 - (1 - s^6)^20 (Mining of Massive Datasets, 3.4.2)."""
    pairs, size = 2000, 400
    found = bands(*pairs_of(pairs, size, round(2 * size * similarity / (1 + similarity))))
    met = int(np.sum((found[::2] == found[1::2]).any(axis=1)))
    expected = 1 - (1 - similarity**ROWS) ** BANDS
    assert abs(met / pairs - expected) < 4 * np.sqrt(expected * (1 - expected) / pairs) + 0.005


def test_order_and_company_of_runs_change_nothing() -> None:
    runs, counts = pairs_of(20, 9, 3)
    alone = [bands(runs[at * 9 : at * 9 + 9][::-1], counts[:1])[0].tolist() for at in range(40)]
    assert bands(runs, counts).tolist() == alone


def test_a_text_without_words_meets_nothing() -> None:
    one = np.array([5], dtype=np.uint64)
    assert bands(one, np.array([0, 1, 0]))[[0, 2]].tolist() == [[0] * BANDS] * 2
    assert bands(one[:0], np.array([0])).tolist() == [[0] * BANDS]
