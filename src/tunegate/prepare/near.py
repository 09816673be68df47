"""Pairs of near-duplicates: rows whose MinHash bands meet, held against each other word run by word run.

The bands only propose (Leskovec, Rajaraman, Ullman: Mining of Massive Datasets, 3.4); the exact Jaccard similarity of
the texts decides, so there are no false pairs.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tunegate.prepare.fingerprints import BREAK, Hashes, jaccard, run_set
from tunegate.prepare.normalise import words

LEADERS = 32  # of one bucket that a row is held against; more would cost time without end on boilerplate
Texts = tuple[str, str]
Runs = frozenset[tuple[str, ...]]
Sets = tuple[Runs, Runs]


class Pair(NamedTuple):
    """Two rows, the smaller number first, and how near their whole texts are (0 to 1)."""

    one: int
    other: int
    similarity: float


def near_pairs(bands: Hashes, rows: npt.NDArray[np.int64], texts: Callable[[int], Texts], least: float) -> list[Pair]:
    """All pairs among `rows` that share at least `least` of the word runs of the whole and of the answer alone.

    Rows with nearly the same prompt and another answer are no duplicates: they teach the difference. In each bucket a
    row is held against the first rows that are no duplicates of each other: a pair inside a large cluster may be
    missing, but each of its rows meets the cluster's first.

    Args:
        bands: of all rows, rows x BANDS.
        rows: the numbers of those to look at, in the order in which they count as first.
        texts: normalised prompt and answer of a row.
        least: Jaccard similarity, 0.5 to 1.
    """

    @lru_cache(maxsize=100_000)
    def sets(row: int) -> Sets:
        asked, answered = (words(text) for text in texts(row))
        return run_set([*asked, BREAK, *answered]), run_set(answered)

    found: dict[tuple[int, int], float] = {}
    for bucket in _buckets(bands, rows):
        _meet(bucket, sets, least, found)
    return [Pair(one, other, value) for (one, other), value in sorted(found.items()) if value]


def _buckets(bands: Hashes, rows: npt.NDArray[np.int64]) -> Iterator[list[int]]:
    """Rows that share a band, each bucket in the order of `rows`."""
    for band in range(bands.shape[1]):
        values = bands[rows, band]
        order = np.argsort(values, kind="stable")
        ordered = values[order]
        edges = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1], [True]]))
        sizes = np.diff(edges)
        for start, size in zip(edges[:-1][sizes > 1], sizes[sizes > 1], strict=True):
            if ordered[start]:
                yield rows[order[start : start + size]].tolist()


def _meet(
    bucket: list[int], sets: Callable[[int], Sets], least: float, found: dict[tuple[int, int], float]
) -> None:
    leaders: list[int] = []
    for row in bucket:
        followed = False
        for leader in leaders:
            pair = (min(row, leader), max(row, leader))
            if pair not in found:
                found[pair] = _similarity(sets(leader), sets(row), least)
            if found[pair]:
                followed = True
                break
        if not followed and len(leaders) < LEADERS:
            leaders.append(row)


def _similarity(one: Sets, other: Sets, least: float) -> float:
    whole = jaccard(one[0], other[0])
    return whole if whole >= least and jaccard(one[1], other[1]) >= least else 0.0
