"""Our deduplication alone, in one process, on texts in memory: `python benchmarks/data_ours.py ROWS.jsonl OUT.json`."""

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from data_clock import LEAST, SHINGLE, clocked, turns_of

from tunegate.prepare.fingerprints import runs
from tunegate.prepare.keep import drop
from tunegate.prepare.minhash import bands
from tunegate.prepare.near import near_pairs
from tunegate.prepare.normalise import normal
from tunegate.prepare.traces import pack, traces_of

CHUNK = 2000  # rows, as in the stage


def dedup(rows: Sequence[tuple[str, str]]) -> list[int]:
    """The numbers of the rows that go, by the steps that the stage takes."""
    packed, banded = [], []
    for start in range(0, len(rows), CHUNK):
        prompts, answers = zip(*rows[start : start + CHUNK], strict=True)
        traces = traces_of([*map(normal, prompts)], [*map(normal, answers)], [()] * len(prompts))
        banded.append(bands(*runs(*traces.whole(), SHINGLE, short=True)))
        packed += pack(traces)
    pairs = near_pairs(np.concatenate(banded), np.arange(len(rows)), lambda some: [packed[row] for row in some], LEAST)
    return [gone.row for gone in drop(pairs, range(len(rows)))]


if __name__ == "__main__":
    turns = turns_of(Path(sys.argv[1]))
    clocked(lambda: dedup(turns), Path(sys.argv[2]))
