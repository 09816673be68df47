"""Pairs of near-duplicates: rows whose MinHash bands meet, held against each other word run by word run.

The bands only propose (Leskovec, Rajaraman, Ullman: Mining of Massive Datasets, 3.4); the exact Jaccard similarity of
the texts decides, so there are no false pairs.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tunegate.prepare.minhash import Counts, Hashes
from tunegate.prepare.overlap import Shares, jaccards, run_sets
from tunegate.prepare.pool import Mapper, serial
from tunegate.prepare.traces import Packed, unpack

LEADERS = 16  # of one bucket that a row is held against; more would cost time without end on boilerplate
PAIRS = 1 << 12  # measured at once


class Pair(NamedTuple):
    """Two rows, the smaller number first, and how near their whole texts are (0 to 1)."""

    one: int
    other: int
    similarity: float


class Measuring(NamedTuple):
    """Pairs to measure, by their places in `packed`, which holds rows' traces."""

    packed: Packed
    ones: Counts
    others: Counts
    least: float


class Buckets(NamedTuple):
    """Rows that share a band, all buckets one after the other: the bucket of each entry, and its row."""

    bucket: Counts
    row: Counts

    def where(self, keep: npt.NDArray[np.bool_]) -> "Buckets":
        """Some of the entries."""
        return Buckets(self.bucket[keep], self.row[keep])


def near_pairs(
    bands: Hashes, rows: Counts, traces: Callable[[Counts], Packed], least: float, mapper: Mapper = serial
) -> list[Pair]:
    """All pairs among `rows` that share at least `least` of the word runs of the whole and of the answer alone.

    Rows with nearly the same prompt and another answer are no duplicates: they teach the difference. In each bucket a
    row is held against the first rows that are no duplicates of each other: a pair inside a large cluster may be
    missing, but each of its rows meets the cluster's first.

    Args:
        bands: of all rows, rows x BANDS.
        rows: the numbers of those to look at, in the order in which they count as first.
        traces: what rows say, packed (traces.py).
        least: Jaccard similarity, 0.5 to 1.
        mapper: does the measuring.
    """
    size = max(len(rows), 1)
    known, near, values = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0)
    buckets = _buckets(bands[rows])
    for _ in range(LEADERS):
        if not len(buckets.row):
            break
        first = np.diff(buckets.bucket, prepend=-1) != 0
        leaders = buckets.row[first][np.cumsum(first) - 1]
        keys = leaders * size + buckets.row
        fresh = _each(keys[~first])
        fresh = fresh[~_among(fresh, known)]
        measured = np.concatenate([*mapper(measure, _tasks(rows, fresh, traces, least))] or [np.zeros(0)])
        known = np.sort(np.concatenate([known, fresh]))
        near, values = np.concatenate([near, fresh[measured > 0]]), np.concatenate([values, measured[measured > 0]])
        buckets = _shared(buckets.where(~first & ~_among(keys, np.sort(near))))
    pairs = np.sort(rows[np.stack([near // size, near % size], axis=1)], axis=1)
    return sorted(Pair(one, other, value) for (one, other), value in zip(pairs.tolist(), values.tolist(), strict=True))


def measure(task: Measuring) -> Shares:
    """How near the whole texts of each pair are; 0 where they or the answers alone are less near than `least`."""
    traces = unpack(task.packed)
    whole = jaccards(run_sets(traces.whole()), task.ones, task.others)
    answer = jaccards(run_sets(traces.answered), task.ones, task.others)
    return np.where((whole >= task.least) & (answer >= task.least), whole, 0.0)


def _buckets(bands: Hashes) -> Buckets:
    """The rows by bucket, of all bands, in each the first ones first. A row's number is its place in `bands`."""
    found, seen = [], 0
    for band in bands.T:
        order = np.argsort(band, kind="stable")
        ordered = band[order]
        bucket = np.cumsum(np.diff(ordered, prepend=ordered[:1]) != 0) + seen
        seen += len(order)
        found.append(_shared(Buckets(bucket, order).where(ordered > 0)))
    return Buckets(*map(np.concatenate, zip(*found, strict=True)))


def _shared(buckets: Buckets) -> Buckets:
    """Without the buckets of one row."""
    edges = np.diff(buckets.bucket, prepend=-1, append=-1) != 0
    return buckets.where(~(edges[1:] & edges[:-1]))


def _each(keys: Counts) -> Counts:
    """The keys in order, each once."""
    ordered = np.sort(keys)
    each: Counts = ordered[np.diff(ordered, prepend=-1) != 0]
    return each


def _among(keys: Counts, known: Counts) -> npt.NDArray[np.bool_]:
    """Which keys are among the known ones, which are in order."""
    if not len(known):
        return np.zeros(len(keys), dtype=np.bool_)
    found: npt.NDArray[np.bool_] = known[np.minimum(np.searchsorted(known, keys), len(known) - 1)] == keys
    return found


def _tasks(rows: Counts, keys: Counts, traces: Callable[[Counts], Packed], least: float) -> Iterator[Measuring]:
    for start in range(0, len(keys), PAIRS):
        some = keys[start : start + PAIRS]
        ones, others = some // len(rows), some % len(rows)
        places = _each(np.concatenate([ones, others]))
        ones, others = np.searchsorted(places, ones), np.searchsorted(places, others)
        yield Measuring(traces(rows[places]), ones, others, least)
