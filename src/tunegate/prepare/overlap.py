"""The exact Jaccard similarity of many pairs of texts at once: shared runs of words as a share of all runs."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tunegate.prepare.fingerprints import SHINGLE, runs
from tunegate.prepare.minhash import Counts, Hashes
from tunegate.prepare.traces import Words, spans

Shares = npt.NDArray[np.float64]
HASH_BITS = 48  # of a run's hash; two texts of 100 runs share one by chance in 1 of 10^10 cases
MOST = 1 << 64 - HASH_BITS  # texts, or pairs, at once: their number stands in the other bits
_BITS = np.uint64(HASH_BITS)
_HASH = np.uint64((1 << HASH_BITS) - 1)


class RunSets(NamedTuple):
    """The runs of each text, each once, as hashes one after the other; where a text's begin, and how many it has."""

    hashes: Hashes
    starts: Counts
    counts: Counts


def run_sets(words: Words) -> RunSets:
    """The runs of at most MOST texts; a text with fewer than SHINGLE words is one run, one without words has none."""
    hashes, counts = runs(*words, SHINGLE, short=True)
    keys = _numbered(np.repeat(np.arange(len(counts)), counts), hashes & _HASH)
    keys.sort()
    keys = keys[np.diff(keys, prepend=~keys[:1]) != 0]
    counts = np.bincount((keys >> _BITS).view(np.int64), minlength=len(words.counts))
    return RunSets(keys & _HASH, np.cumsum(counts) - counts, counts)


def jaccards(sets: RunSets, ones: Counts, others: Counts) -> Shares:
    """The similarity of texts `ones[n]` and `others[n]`, at most MOST pairs; two texts without words are the same."""
    keys = np.concatenate([_keys(sets, ones), _keys(sets, others)])
    keys.sort()
    met = keys[1:][keys[1:] == keys[:-1]] >> _BITS
    shared = np.bincount(met.view(np.int64), minlength=len(ones))
    together = sets.counts[ones] + sets.counts[others] - shared
    return np.where(together > 0, shared / np.maximum(together, 1), 1.0)


def _keys(sets: RunSets, texts: Counts) -> Hashes:
    """A number for each pair and each run of its text."""
    counts = sets.counts[texts]
    return _numbered(np.repeat(np.arange(len(texts)), counts), sets.hashes[spans(sets.starts[texts], counts)])


def _numbered(numbers: Counts, hashes: Hashes) -> Hashes:
    return (numbers.view(np.uint64) << _BITS) | hashes
