"""Hold rows against what is held out: in worker processes by hashes, a chunk at a time; then what all hits tell."""

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tunegate.prepare.fingerprints import NGRAM, runs
from tunegate.prepare.heldout import HeldOut, prompt_sketch
from tunegate.prepare.minhash import BINS, Counts, Hashes, Sketch
from tunegate.prepare.normalise import words
from tunegate.prepare.overlap import Shares, jaccards, run_sets
from tunegate.prepare.rowtext import compared
from tunegate.prepare.traces import Packed, Traces, Words, joined, spans, unpack

MOST_CANDIDATES = 64  # held-out prompts that one row is held against, the rarest first; only boilerplate meets more
DOUBT = 0.2  # of the share of bins that agree: five times its standard deviation at a similarity of 0.8
PAIRS = 1 << 14  # measured at once


class ScanTask(NamedTuple):
    """Rows to hold against the index in `heldout`: their numbers, traces (packed) and the keys of their prompts.

    Only documents below the number `below` count. `near` None: no near-duplicates.
    """

    heldout: Path
    near: float | None
    below: int
    rows: Counts
    packed: Packed
    keys: Hashes


class Same(NamedTuple):
    """Rows that ask what a document asks, and how near that is."""

    rows: Counts
    documents: Counts
    similarities: Shares


class Scanned(NamedTuple):
    """What a chunk met: prompts, for each row and suite the nearest; and 13 words in a row, each once for a row.

    `places`: where the 13 words begin in the prompt; in the answer at -1 - place.
    """

    same: Same
    rows: Counts
    grams: Hashes
    places: Counts


class Hit(NamedTuple):
    """A row that meets a document: by (nearly) its prompt (`similarity`), or by 13 words (their hash and place)."""

    row: int
    suite: int
    document: int
    similarity: float | None
    gram: int = 0
    place: int = 0


def scan(task: ScanTask) -> Scanned:
    """All hits of a chunk."""
    heldout, traces = _heldout(task.heldout), unpack(task.packed)
    met = [_asks(heldout, traces, task)]
    if task.near is not None:
        met.append(_nearly(heldout, traces.asked, task.near))
    rows, documents, similarities = map(np.concatenate, zip(*met, strict=True))
    few = documents < task.below
    same = _nearest(heldout, Same(rows[few], documents[few], similarities[few]))
    gram_rows, grams, places = _words_met(heldout, traces, task.below)
    return Scanned(same._replace(rows=task.rows[same.rows]), task.rows[gram_rows], grams, places)


@lru_cache(maxsize=1)
def _heldout(folder: Path) -> HeldOut:
    return HeldOut(folder)


def _asks(heldout: HeldOut, traces: Traces, task: ScanTask) -> Same:
    """Rows whose prompt is a document's; of a general task's, also if one of their user turns is."""
    turns = np.repeat(np.arange(len(task.keys)), traces.turns.counts)
    rows = np.concatenate([np.arange(len(task.keys)), turns])
    keys = np.concatenate([task.keys, traces.turns.hashes])
    starts = np.searchsorted(heldout.key, keys, "left")
    counts = np.searchsorted(heldout.key, keys, "right") - starts
    documents = heldout.key_owner[spans(starts, counts)]
    turn = np.repeat(np.arange(len(keys)) >= len(task.keys), counts)
    keep = ~turn | (documents >= heldout.own)
    return Same(np.repeat(rows, counts)[keep], documents[keep], np.ones(int(keep.sum())))


def _nearly(heldout: HeldOut, asked: Words, least: float) -> Same:
    """Rows whose prompt shares at least `least` of its word runs (Jaccard) with a document's."""
    sketch = prompt_sketch(asked)
    rows, prompts = _likely(heldout, sketch, *_candidates(heldout, sketch.bands), least - DOUBT)
    values = [np.zeros(0)]
    for start in range(0, len(rows), PAIRS):
        mine, ones = np.unique(rows[start : start + PAIRS], return_inverse=True)
        theirs, others = np.unique(prompts[start : start + PAIRS], return_inverse=True)
        both = joined(asked.take(mine), heldout.prompts(theirs))
        values.append(jaccards(run_sets(both), ones, others + len(mine)))
    similarities = np.concatenate(values)
    near = similarities >= least
    return Same(rows[near], heldout.owner[prompts[near]], similarities[near])


def _candidates(heldout: HeldOut, bands: Hashes) -> tuple[Counts, Counts]:
    """Rows and the prompts whose MinHash bands meet theirs, each pair once; of many those in the smallest buckets."""
    found = [_buckets(number, known, bands[:, number]) for number, known in enumerate(heldout.band)]
    band, rows, starts, sizes = map(np.concatenate, zip(*found, strict=True))
    order = np.lexsort((band, sizes, rows))
    band, rows, starts, sizes = band[order], rows[order], starts[order], sizes[order]
    before = np.cumsum(sizes) - sizes
    before -= np.repeat(before[np.diff(rows, prepend=-1) != 0], np.unique(rows, return_counts=True)[1])
    sizes = np.clip(MOST_CANDIDATES - before, 0, sizes)
    prompts = heldout.band_prompt[np.repeat(band, sizes), spans(starts, sizes)]
    pairs = np.sort(np.repeat(rows, sizes) * len(heldout.owner) + prompts)
    pairs = pairs[np.diff(pairs, prepend=-1) != 0]
    return pairs // len(heldout.owner), pairs % len(heldout.owner)


def _buckets(number: int, known: Hashes, mine: Hashes) -> tuple[Counts, Counts, Counts, Counts]:
    """Rows whose band is among the known ones: the band, the row, where the band begins there and how often it is."""
    order = np.argsort(mine)
    starts = np.empty_like(order)
    starts[order] = np.searchsorted(known, mine[order])
    rows = (
        np.flatnonzero((known[np.minimum(starts, len(known) - 1)] == mine) & (mine > 0)) if len(known) else starts[:0]
    )
    sizes = np.searchsorted(known, mine[rows], "right") - starts[rows]
    return np.full(len(rows), number), rows, starts[rows], sizes


def _likely(heldout: HeldOut, sketch: Sketch, rows: Counts, prompts: Counts, least: float) -> tuple[Counts, Counts]:
    """Those pairs that may be near: measuring one exactly takes 20 times as long as comparing the bits of the bins."""
    agree = [np.zeros(0, dtype=np.bool_)]
    for start in range(0, len(rows), PAIRS):
        theirs, mine = heldout.bits[prompts[start : start + PAIRS]], sketch.bits[rows[start : start + PAIRS]]
        agree.append(np.count_nonzero(theirs == mine, axis=1) >= least * BINS)
    likely = np.concatenate(agree)
    return rows[likely], prompts[likely]


def _nearest(heldout: HeldOut, same: Same) -> Same:
    """For each row and suite the nearest document, of several the first."""
    suites = heldout.suite[same.documents]
    order = np.lexsort((same.documents, -same.similarities, suites, same.rows))
    rows, documents, similarities = (values[order] for values in same)
    first = (np.diff(rows, prepend=-1) != 0) | (np.diff(suites[order], prepend=-1) != 0)
    return Same(rows[first], documents[first], similarities[first])


def _words_met(heldout: HeldOut, traces: Traces, below: int) -> tuple[Counts, Hashes, Counts]:
    """Rows and the runs of 13 words that they share with a document, each pair once, and the places of these."""
    found = []
    for texts, answered in ((traces.asked, False), (traces.answered, True)):
        grams, counts = runs(*texts, NGRAM, short=False)
        met, documents = heldout.met(grams)
        met = met[documents < below]
        rows = np.repeat(np.arange(len(counts)), counts)[met]
        places = met - (np.cumsum(counts) - counts)[rows]
        found.append((rows, grams[met], -1 - places if answered else places))
    rows, grams, places = map(np.concatenate, zip(*found, strict=True))
    order = np.lexsort((places, grams, rows))
    rows, grams, places = rows[order], grams[order], places[order]
    first = np.ones(len(rows), dtype=np.bool_)
    first[1:] = (rows[1:] != rows[:-1]) | (grams[1:] != grams[:-1])
    return rows[first], grams[first], places[first]


def hits_of(scanned: Iterable[Scanned], heldout: HeldOut, common: int) -> list[Hit]:
    """What all chunks met: for each row and suite by its prompt, and by the first telling run of 13 words.

    A run that stands in more than `common` training rows is boilerplate and tells nothing. GPT-3 (arXiv:2005.14165,
    appendix C) and lm-eval's decontamination leave such runs out too.
    """
    chunks = list(scanned)
    same = Same(*map(np.concatenate, zip(*(chunk.same for chunk in chunks), strict=True)))
    rows = np.concatenate([chunk.rows for chunk in chunks])
    grams = np.concatenate([chunk.grams for chunk in chunks])
    places = np.concatenate([chunk.places for chunk in chunks])
    _, kind, often = np.unique(grams, return_inverse=True, return_counts=True)
    telling = often[kind] <= common
    return [*_by_prompt(heldout, same), *_by_words(heldout, rows[telling], grams[telling], places[telling])]


def _by_prompt(heldout: HeldOut, same: Same) -> list[Hit]:
    suites = heldout.suite[same.documents].tolist()
    found = zip(same.rows.tolist(), suites, same.documents.tolist(), same.similarities.tolist(), strict=True)
    return [Hit(*one) for one in found]


def _by_words(heldout: HeldOut, rows: Counts, grams: Hashes, places: Counts) -> list[Hit]:
    starts = np.searchsorted(heldout.gram, grams, "left")
    counts = np.searchsorted(heldout.gram, grams, "right") - starts
    documents = heldout.gram_owner[spans(starts, counts)]
    suites, owner = heldout.suite[documents], np.repeat(np.arange(len(rows)), counts)
    order = np.lexsort((documents, grams[owner], suites, rows[owner]))
    owner, suites, documents = owner[order], suites[order], documents[order]
    rows, grams, places = rows[owner], grams[owner], places[owner]
    first = (np.diff(rows, prepend=-1) != 0) | (np.diff(suites, prepend=-1) != 0)
    parts = (values[first].tolist() for values in (rows, suites, documents, grams, places))
    return [Hit(row, suite, document, None, *gram) for row, suite, document, *gram in zip(*parts, strict=True)]


def run_of(line: bytes, place: int) -> str:
    """The run of 13 words that begins at this place of a stored row."""
    prompt, answer = compared(line)
    at = place if place >= 0 else -1 - place
    return " ".join(words(prompt if place >= 0 else answer)[at : at + NGRAM])
