"""How many of the planted duplicates a tool found, and how many of the rows it dropped were none.

Similarity is the Jaccard similarity of the sets of word 3-grams of the normalised texts, exactly, in a few lines that
share nothing with the code that is measured but the normalising.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from math import ceil
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from data_clock import LEAST, SHINGLE, turns_of

from tunegate.prepare.normalise import normal, words

BORDER = 0.7  # a dropped row without a kept one as near as this is a loss
BANDS = ("exact", "0.9 to 1", "0.8 to 0.9", "0.7 to 0.8", "other answer")


class Marks(NamedTuple):
    """Found and planted pairs of each band, dropped rows, and those of them that no near row was kept for."""

    found: dict[str, int]
    planted: dict[str, int]
    dropped: int
    lost: int


class Truth:
    """The rows, and the similarity of those pairs that were planted."""

    def __init__(self, path: Path) -> None:
        self._sets = [self._both(*(words(normal(text)) for text in turns)) for turns in turns_of(path)]
        planted = json.loads(path.with_suffix(".planted.json").read_text(encoding="utf-8"))
        self.pairs: dict[str, list[tuple[int, int]]] = {band: [] for band in BANDS}
        self._relatives = defaultdict(set)
        for row, source, _ in planted:
            self._relatives[row].add(source)
            self._relatives[source].add(row)
        for row, source, _ in planted:
            # Of larger families a row may be gone because of a third one: that says nothing of the pair.
            if len(self._relatives[source]) == 1 and (band := self._band(row, source)):
                self.pairs[band].append((row, source))
        owners = [np.full(len(runs), row) for row, (runs, _) in enumerate(self._sets)]
        hashes = np.array([hash(run) for runs, _ in self._sets for run in runs], dtype=np.int64)
        order = np.argsort(hashes, kind="stable")
        self._hashes, self._owners = hashes[order], np.concatenate(owners)[order]

    @staticmethod
    def _both(asked: list[str], answered: list[str]) -> tuple[frozenset[tuple[str, ...]], frozenset[tuple[str, ...]]]:
        return runs_of([*asked, "", *answered]), runs_of(answered)

    def _band(self, one: int, other: int) -> str | None:
        (whole, answer), (whole_other, answer_other) = self._sets[one], self._sets[other]
        value = jaccard(whole, whole_other)
        if value < BORDER:
            return None
        if jaccard(answer, answer_other) < LEAST:
            return "other answer"
        return BANDS[0] if value == 1 else BANDS[1] if value >= 0.9 else BANDS[2] if value >= LEAST else BANDS[3]

    def marks(self, dropped: Sequence[int]) -> Marks:
        """What a tool is worth that drops these rows. A pair is found if not both of its rows are kept."""
        gone = np.zeros(len(self._sets), dtype=np.bool_)
        gone[dropped] = True
        found = {
            band: sum(bool(gone[one] or gone[other]) for one, other in pairs) for band, pairs in self.pairs.items()
        }
        lost = sum(
            not any(self._near(row, other) for other in self._relatives[row] if not gone[other])
            and not any(self._near(row, other) for other in self._sharing(row).tolist() if not gone[other])
            for row in dropped
        )
        return Marks(found, {band: len(pairs) for band, pairs in self.pairs.items()}, len(dropped), lost)

    def _near(self, one: int, other: int) -> bool:
        return one != other and jaccard(self._sets[one][0], self._sets[other][0]) >= BORDER

    def _sharing(self, row: int) -> npt.NDArray[np.int64]:
        """All rows that share one of the rarest runs: with fewer in common no row is near."""
        mine = np.array([hash(run) for run in self._sets[row][0]], dtype=np.int64)
        starts, ends = np.searchsorted(self._hashes, mine, "left"), np.searchsorted(self._hashes, mine, "right")
        rarest = np.argsort(ends - starts)[: len(mine) - ceil(BORDER * len(mine)) + 1]
        return np.unique(np.concatenate([self._owners[starts[at] : ends[at]] for at in rarest]))


def runs_of(said: Sequence[str]) -> frozenset[tuple[str, ...]]:
    """The word 3-grams of a text."""
    return frozenset(zip(*(said[at:] for at in range(SHINGLE)), strict=False))


def jaccard(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> float:
    """Shared 3-grams as a share of all."""
    return len(one & other) / len(one | other)
