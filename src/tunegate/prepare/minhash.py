"""MinHash of many texts at once, in numpy: 120 numbers a text, as 20 band hashes that near-duplicates share."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]
Counts = npt.NDArray[np.int64]
BANDS, ROWS = 20, 6  # two texts of Jaccard s meet with chance 1 - (1 - s^6)^20: 0.998 at s = 0.8
BINS = BANDS * ROWS
BASE = np.uint64(0x9E3779B97F4A7C15)
ROUNDS = 32
_MIX = np.uint64(0xD6E8FEB86659FD93)
_HALF = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)
_BYTE = np.uint64(0xFF)
_EMPTY = np.uint64(0xFFFFFFFFFFFFFFFF)
_LAST = np.uint64(1 << 63)  # marks what was filled after the last round; no round's number reaches so high
_SALTS = np.arange(1, ROUNDS + BINS + 1, dtype=np.uint64) * BASE


def mixed(values: Hashes) -> Hashes:
    """Spread the bits of each number over all of it: sums of products have patterns that MinHash would see."""
    spread = values.copy()
    _mix(spread, np.empty_like(spread))
    return spread


def _mix(values: Hashes, spare: Hashes) -> None:
    """In place: fresh memory for each step would cost more than the step."""
    for _ in range(2):
        np.right_shift(values, _HALF, out=spare)
        np.bitwise_xor(values, spare, out=values)
        np.multiply(values, _MIX, out=values)
    np.right_shift(values, _HALF, out=spare)
    np.bitwise_xor(values, spare, out=values)


def sketches(runs: Hashes, counts: Counts) -> Hashes:
    """BINS numbers a text (shape texts x BINS); in each bin two texts agree with a chance of their Jaccard similarity.

    Fast similarity sketching (Dahlgaard, Knudsen, Thorup 2017, arXiv:1704.04370): in each round each run falls into one
    bin, and a bin keeps the least hash of the first round that reached it. A text of 80 runs has filled its bins after
    some 8 rounds, where plain MinHash takes 120. Bins still empty after the last round look at all runs.

    Args:
        runs: hashes of all texts one after the other.
        counts: how many each text has, at least 1.
    """
    least = np.full((len(counts), BINS), _EMPTY, dtype=np.uint64)
    owners = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
    first_bin = (owners * BINS).view(np.uint64)
    scratch = np.empty((3, len(runs)), dtype=np.uint64)
    for number in range(0, ROUNDS, 2):
        hashed, half, bins = scratch[:, : len(runs)]
        np.bitwise_xor(runs, _SALTS[number // 2], out=hashed)
        _mix(hashed, half)
        # Two rounds from one hash: its lower half, its upper half.
        np.bitwise_and(hashed, _LOW, out=half)
        _fall(least, half, bins, first_bin, number)
        np.right_shift(hashed, _HALF, out=half)
        _fall(least, half, bins, first_bin, number + 1)
        waiting = (least == _EMPTY).any(axis=1)[owners]
        runs, owners, first_bin = runs[waiting], owners[waiting], first_bin[waiting]
        if not len(runs):
            return least
    _fill(least, runs, owners)
    return least


def _fall(least: Hashes, hashed: Hashes, bins: Hashes, first_bin: Hashes, number: int) -> None:
    """Let each run fall into the bin that its 32 bits say, with what they say beyond that as its hash."""
    np.multiply(hashed, np.uint64(BINS), out=hashed)
    np.right_shift(hashed, _HALF, out=bins)
    np.add(bins, first_bin, out=bins)
    np.bitwise_and(hashed, _LOW, out=hashed)
    np.bitwise_or(hashed, np.uint64(number << 32), out=hashed)
    np.minimum.at(least.reshape(-1), bins.view(np.int64), hashed)


def _fill(filled: Hashes, runs: Hashes, owners: Counts) -> None:
    """Give each empty bin the least hash of all runs of its text, by a hash function of its own."""
    starts = np.flatnonzero(np.diff(owners, prepend=-1))
    texts = owners[starts]
    for number in range(BINS):
        least = np.minimum.reduceat(mixed(runs ^ _SALTS[ROUNDS + number]), starts) | _LAST
        mine = filled[texts, number]
        filled[texts, number] = np.where(mine == _EMPTY, least, mine)


class Sketch(NamedTuple):
    """Of texts: BANDS hashes that near-duplicates share (texts x BANDS), and eight bits of each bin (texts x BINS).

    Two texts of Jaccard s agree in about s of the bins' bits, a 256th of the others aside.
    """

    bands: Hashes
    bits: npt.NDArray[np.uint8]


def sketch(runs: Hashes, counts: Counts) -> Sketch:
    """The MinHash of texts from their runs; texts without runs get zeros.

    Broder 1997 (MinHash); Leskovec, Rajaraman, Ullman: Mining of Massive Datasets, section 3.4 (bands).
    """
    bands, bits = np.zeros((len(counts), BANDS), dtype=np.uint64), np.zeros((len(counts), BINS), dtype=np.uint8)
    some = np.flatnonzero(counts)
    least = sketches(runs, counts[some])
    bits[some] = least & _BYTE
    value = np.zeros((len(some), BANDS), dtype=np.uint64)
    for row in range(ROWS):
        value = value * BASE + least[:, row::ROWS]
    bands[some] = np.maximum(mixed(value), np.uint64(1))  # 0 is kept for "no words"
    return Sketch(bands, bits)


def bands(runs: Hashes, counts: Counts) -> Hashes:
    """The bands alone."""
    return sketch(runs, counts).bands
