"""What a row says, as hashes of its words: later steps compare rows by it and need not read their text again."""

from array import array
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tunegate.prepare.fingerprints import BREAK, flat
from tunegate.prepare.minhash import Counts, Hashes
from tunegate.prepare.spool import Stored

BREAK_HASH = flat([BREAK])[0][0]
Packed = Sequence[bytes] | Stored
_HEAD = 2  # numbers in front: how many words the prompt has, how many turns


class Words(NamedTuple):
    """Word hashes of several texts one after the other, and how many each text has."""

    hashes: Hashes
    counts: Counts

    def take(self, texts: Counts) -> "Words":
        """Some of the texts, in this order."""
        starts = np.cumsum(self.counts) - self.counts
        return Words(self.hashes[spans(starts[texts], self.counts[texts])], self.counts[texts])


class Traces(NamedTuple):
    """The words of the prompts and of the answers of some rows, and a key of each user turn where there are several."""

    asked: Words
    answered: Words
    turns: Words

    def whole(self) -> Words:
        """Prompt and answer as one text, in which no run of words crosses from the one to the other unseen."""
        asked = self.asked.counts
        places = np.cumsum(asked)
        joined = np.zeros(len(self.asked.hashes) + len(self.answered.hashes), dtype=np.uint64)
        before = np.cumsum(self.answered.counts) - self.answered.counts
        joined[np.arange(len(self.asked.hashes)) + np.repeat(before, asked)] = self.asked.hashes
        joined[np.arange(len(self.answered.hashes)) + np.repeat(places, self.answered.counts)] = self.answered.hashes
        return Words(np.insert(joined, places + before, BREAK_HASH), asked + self.answered.counts + 1)


def traces_of(prompts: Sequence[str], answers: Sequence[str], turns: Sequence[Sequence[int]]) -> Traces:
    """The traces of normalised prompts and answers, and of the keys of their turns."""
    keys = np.array([key for some in turns for key in some], dtype=np.uint64)
    return Traces(
        Words(*flat(prompts)),
        Words(*flat(answers)),
        Words(keys, np.array([len(some) for some in turns], dtype=np.int64)),
    )


def pack(traces: Traces) -> list[bytes]:
    """Each row's trace as bytes to keep."""
    parts = [(words.hashes.tobytes(), (np.cumsum(words.counts) * 8).tolist()) for words in traces]
    starts = [0] * len(parts)
    packed = []
    for at in range(len(traces.asked.counts)):
        pieces = [held[start : ends[at]] for (held, ends), start in zip(parts, starts, strict=True)]
        starts = [ends[at] for _, ends in parts]
        head = array("Q", (len(pieces[0]) >> 3, len(pieces[2]) >> 3))
        packed.append(b"".join([head.tobytes(), *pieces]))
    return packed


def unpack(packed: Packed) -> Traces:
    """The traces of rows that `pack` made bytes of."""
    lines = packed.read() if isinstance(packed, Stored) else packed
    numbers = np.frombuffer(b"".join(lines), dtype=np.uint64)
    sizes = np.array([len(line) >> 3 for line in lines], dtype=np.int64)
    starts = np.cumsum(sizes) - sizes
    asked, turns = (numbers[starts + at].view(np.int64) for at in range(_HEAD))
    answered = sizes - asked - turns - _HEAD
    first = starts + _HEAD
    return Traces(
        _cut(numbers, first, asked),
        _cut(numbers, first + asked, answered),
        _cut(numbers, first + asked + answered, turns),
    )


def joined(*parts: Words) -> Words:
    """All texts of several in one."""
    return Words(np.concatenate([part.hashes for part in parts]), np.concatenate([part.counts for part in parts]))


def spans(starts: Counts, counts: Counts) -> Counts:
    """All places from each start on, as many as each count says."""
    places: Counts = np.arange(counts.sum()) + np.repeat(starts - (np.cumsum(counts) - counts), counts)
    return places


def _cut(numbers: Hashes, starts: Counts, counts: Counts) -> Words:
    return Words(numbers[spans(starts, counts)], counts)
