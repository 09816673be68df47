"""Numbers that stand for texts: hashed runs of words, and MinHash bands that near-duplicates share.

All rows of a chunk are worked on at once, as one flat array of word hashes, since numpy is fast on long arrays only.
"""

import hashlib
from collections.abc import Iterable, Sequence
from itertools import chain

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]
SHINGLE = 3  # words in a run whose sets are compared (Jaccard)
NGRAM = 13  # words; the length that GPT-3 (arXiv:2005.14165, appendix C) and most suites since use
BANDS, ROWS = 20, 6  # of the MinHash: two texts of Jaccard s meet with chance 1 - (1 - s^6)^20: 0.998 at s = 0.8
SEED = 20_265
BREAK = "\0"  # stands between prompt and answer: no run of words crosses it unseen
_BASE = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xD6E8FEB86659FD93)
_KNOWN_WORDS = 2_000_000


class Vocabulary:
    """Word hashes, remembered: words come again. The hash is BLAKE2b, so it is the same in each process."""

    def __init__(self) -> None:
        """Start with no word."""
        self._known: dict[str, int] = {}

    def hashes(self, words: Iterable[str]) -> list[int]:
        """64 bits for each word."""
        known = self._known
        if len(known) > _KNOWN_WORDS:
            known.clear()
        found = []
        for word in words:
            value = known.get(word)
            if value is None:
                value = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "little")
                known[word] = value
            found.append(value)
        return found


def flat(vocabulary: Vocabulary, texts: Sequence[Sequence[str]]) -> tuple[Hashes, npt.NDArray[np.int64]]:
    """Word hashes of all texts one after the other, and the number of words of each."""
    lengths = np.fromiter((len(words) for words in texts), dtype=np.int64, count=len(texts))
    found = vocabulary.hashes(word for words in texts for word in words)
    return np.array(found, dtype=np.uint64), lengths


def runs(
    words: Hashes, lengths: npt.NDArray[np.int64], size: int, *, short: bool
) -> tuple[Hashes, npt.NDArray[np.int64]]:
    """Hashes of all runs of `size` words inside each text, and how many each text has.

    `short`: a text with fewer words counts as one run; otherwise it has none. A text without words has none.
    """
    counts = np.maximum(lengths - size + 1, 0)
    ends = np.cumsum(lengths)
    starts = ends - lengths
    found = np.zeros(max(0, len(words) - size + 1), dtype=np.uint64)
    for at in range(size):
        found = found * _BASE + words[at : len(words) - size + 1 + at] if len(found) else found
    inside = np.zeros(len(found) + 1, dtype=np.int64)
    has = counts > 0
    np.add.at(inside, starts[has], 1)
    np.add.at(inside, starts[has] + counts[has], -1)
    found = _mixed(found[np.cumsum(inside[:-1]) > 0])
    if not short:
        return found, counts
    few = np.flatnonzero((lengths > 0) & (lengths < size))
    if not len(few):
        return found, counts
    at = np.cumsum(counts)[few]
    whole = [_chain(words[starts[n] : ends[n]]) for n in few]
    counts = counts.copy()
    counts[few] = 1
    return np.insert(found, at, np.array(whole, dtype=np.uint64)), counts


def _chain(words: Hashes) -> int:
    value = np.array([len(words)], dtype=np.uint64)
    for word in words:
        value = value * _BASE + word
    return int(_mixed(value)[0])


def _mixed(values: Hashes) -> Hashes:
    """Spread the bits: sums of products have patterns that MinHash would see."""
    values = (values ^ (values >> np.uint64(32))) * _MIX
    mixed: Hashes = values ^ (values >> np.uint64(32))
    return mixed


def bands(shingles: Hashes, counts: npt.NDArray[np.int64]) -> Hashes:
    """BANDS hashes a text from the MinHash of its shingles (shape texts x BANDS); texts without shingles get zeros.

    Broder 1997 (MinHash); Leskovec, Rajaraman, Ullman: Mining of Massive Datasets, section 3.4 (bands).
    """
    from rensa import RMinHash

    out = np.zeros((len(counts), BANDS), dtype=np.uint64)
    some = np.flatnonzero(counts)
    if not len(some):
        return out
    offsets = np.concatenate([[0], np.cumsum(counts[some])]).astype(np.uint64)
    matrix = RMinHash.digest_matrix_from_flat_token_hashes(
        np.ascontiguousarray(shingles), offsets, num_perm=BANDS * ROWS, seed=SEED
    )
    numbers = chain.from_iterable(matrix.to_rows())
    least = np.fromiter(numbers, dtype=np.uint64, count=len(some) * BANDS * ROWS).reshape(len(some), BANDS, ROWS)
    value = np.zeros((len(some), BANDS), dtype=np.uint64)
    for row in range(ROWS):
        value = value * _BASE + least[:, :, row]
    out[some] = np.maximum(_mixed(value), np.uint64(1))  # 0 is kept for "no words"
    return out


def run_set(words: Sequence[str]) -> frozenset[tuple[str, ...]]:
    """The runs of SHINGLE words of a text as a set; a shorter text is one run, one without words none."""
    if len(words) < SHINGLE:
        return frozenset([tuple(words)]) if words else frozenset()
    return frozenset(zip(*(words[at:] for at in range(SHINGLE)), strict=False))


def jaccard(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> float:
    """Shared runs as a share of all runs; two texts without words are the same."""
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared) if one or other else 1.0
