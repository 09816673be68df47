"""Numbers that stand for texts: hashes of words and of runs of words.

All texts of a chunk are worked on at once, as one array of bytes, since numpy is fast on long arrays only.
"""

import hashlib
from collections.abc import Sequence

import numpy as np

from tunegate.prepare.minhash import BASE, Counts, Hashes, mixed
from tunegate.prepare.normalise import spaced

SHINGLE = 3  # words in a run whose sets are compared (Jaccard)
NGRAM = 13  # words; the length that GPT-3 (arXiv:2005.14165, appendix C) and most suites since use
BREAK = "\0"  # a word of its own between prompt and answer: no run of words crosses it unseen
END = "\x1f"  # of a text among others; space to str.split, so no normalised text holds it
LONG = 64  # bytes; a longer word is no word of a language
_PIECE = 8  # bytes that are read as one number
_KEEP = np.array([(1 << 8 * count) - 1 for count in range(_PIECE + 1)], dtype=np.uint64)


def flat(texts: Sequence[str]) -> tuple[Hashes, Counts]:
    """Word hashes of all normalised texts one after the other, and the number of words of each.

    The hash is the same in each process and on each machine.
    """
    buffer = "".join([spaced(text) + END for text in texts]).encode() + bytes(_PIECE)
    said = np.frombuffer(buffer, dtype=np.uint8)[:-_PIECE]
    ends_text = said == ord(END)
    inside = ~((said == ord(" ")) | (said == ord("\n")) | ends_text)
    edges = np.flatnonzero(np.diff(inside, prepend=False))
    starts, ends = edges[::2], edges[1::2]
    counts = np.diff(np.searchsorted(starts, np.flatnonzero(ends_text)), prepend=0)
    return _hashes(buffer, starts, ends), counts


def _hashes(buffer: bytes, starts: Counts, ends: Counts) -> Hashes:
    """A hash of the bytes between each start and end, read 8 at a time."""
    pieces: Hashes = np.ndarray(len(buffer) - _PIECE + 1, dtype="<u8", buffer=buffer, strides=(1,))
    lengths = ends - starts
    found = lengths.view(np.uint64).copy()
    live = np.arange(len(starts))
    for at in range(0, LONG, _PIECE):
        piece = pieces[starts[live] + at] & _KEEP[np.minimum(lengths[live] - at, _PIECE)]
        found[live] = mixed(found[live] * BASE + piece)
        live = live[lengths[live] > at + _PIECE]
    for word in live.tolist():
        whole = buffer[starts[word] : ends[word]]
        found[word] = int.from_bytes(hashlib.blake2b(whole, digest_size=8).digest(), "little")
    return found


def runs(words: Hashes, lengths: Counts, size: int, *, short: bool) -> tuple[Hashes, Counts]:
    """Hashes of all runs of `size` words inside each text, and how many each text has.

    `short`: a text with fewer words counts as one run; otherwise it has none. A text without words has none.
    """
    counts = np.maximum(lengths - size + 1, 0)
    ends = np.cumsum(lengths)
    starts = ends - lengths
    found = np.zeros(max(0, len(words) - size + 1), dtype=np.uint64)
    for at in range(size):
        found = found * BASE + words[at : len(words) - size + 1 + at] if len(found) else found
    inside = np.zeros(len(found) + 1, dtype=np.int64)
    has = counts > 0
    np.add.at(inside, starts[has], 1)
    np.add.at(inside, starts[has] + counts[has], -1)
    found = mixed(found[np.cumsum(inside[:-1]) > 0])
    few = np.flatnonzero((lengths > 0) & (lengths < size))
    if not short or not len(few):
        return found, counts
    places = np.cumsum(counts)[few]
    counts[few] = 1
    return np.insert(found, places, _whole(words, starts[few], lengths[few])), counts


def _whole(words: Hashes, starts: Counts, lengths: Counts) -> Hashes:
    """A hash of each short text as one run."""
    value = lengths.view(np.uint64).copy()
    for at in range(lengths.max()):
        longer = lengths > at
        value[longer] = value[longer] * BASE + words[starts[longer] + at]
    return mixed(value)


def run_set(words: Sequence[str]) -> frozenset[tuple[str, ...]]:
    """The runs of SHINGLE words of a text as a set; a shorter text is one run, one without words none."""
    if len(words) < SHINGLE:
        return frozenset([tuple(words)]) if words else frozenset()
    return frozenset(zip(*(words[at:] for at in range(SHINGLE)), strict=False))


def jaccard(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> float:
    """Shared runs as a share of all runs; two texts without words are the same."""
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared) if one or other else 1.0
