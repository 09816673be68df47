"""All rows of one run: their facts in memory, their text in the spool, and what was decided about each."""

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tunegate.prepare.cleaner import Cleaned, Made
from tunegate.prepare.codes import CODES
from tunegate.prepare.facts import FACTS, RANK, SPLITS, Facts
from tunegate.prepare.minhash import BANDS, Hashes
from tunegate.prepare.queue_entry import GONE
from tunegate.prepare.reject_line import file_name, reject_line
from tunegate.prepare.spool import Spool

KEPT = 0
CODE_NAMES = ("", *CODES)
NUMBER = {name: number for number, name in enumerate(CODE_NAMES)}
MOST_LABELS = 1000  # more different answers are no classification
Rows = npt.NDArray[np.int64]


@dataclass
class File:
    """One raw file and what its rows came to before they were held against others."""

    name: str
    split: str
    container: str
    rows: int = 0
    formats: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)


@dataclass
class Why:
    """Why a row was dropped: the row that it meets, how near, or words for a person."""

    other: int | None = None
    similarity: float = 1.0
    words: str = ""


class Table:
    """Rows by number, from 0, in the order they were read."""

    def __init__(self, folder: Path) -> None:
        """`folder`: where the spools stand; it is there and for this run alone."""
        self.spool_folder = folder
        self.spool = Spool(folder / "rows.spool")
        self.traces = Spool(folder / "traces.spool")
        self.early = Spool(folder / "rejects.spool")
        self.queue = Spool(folder / "queue.spool")
        self.queue_rows: list[int] = []
        self.reviewed: Counter[str] = Counter()
        self.early_place: list[tuple[int, int]] = []
        self.files: list[File] = []
        self.templates: list[str] = []
        self.labels: dict[int, str] | None = {}
        self.private: Counter[str] = Counter()
        self.private_rows: Counter[str] = Counter()
        self.why: dict[int, Why] = {}
        self._facts: list[Facts] = []
        self._bands: list[Hashes] = []

    def add(self, cleaned: Cleaned) -> None:
        """Take in what a worker made of a chunk."""
        made, before = cleaned.made, len(self.spool)
        file = self.files[made.task.file]
        file.rows += made.read
        file.formats.update(made.formats)
        file.rejected.update(reject.code for reject in made.rejects)
        self.templates = [*dict.fromkeys([*self.templates, *cleaned.templates])]
        here = np.array([self.templates.index(name) for name in cleaned.templates] or [0], dtype=np.int16)
        cleaned.facts["template"] = here[cleaned.facts["template"]]
        self._facts.append(cleaned.facts)
        self._bands.append(cleaned.bands)
        self.spool.add(cleaned.lines)
        self.traces.add(cleaned.traces)
        self._labels(cleaned.labels)
        self._people(made, before)
        name = file_name(file.name, made.task.split)
        for reject in made.rejects:
            self.early.add([reject_line(name, reject.line, reject.code, reject.reason, reject.content)])
            self.early_place.append((made.task.file, reject.line))

    def _people(self, made: Made, before: int) -> None:
        """Private data, and what reviewers decided or have to."""
        for kind, count in made.private:
            self.private[kind] += count
            self.private_rows[kind] += 1
        self.reviewed.update(made.reviewed)
        self.queue.add(entry.line for entry in made.queue)
        self.queue_rows += [entry.row if entry.row == GONE else before + entry.row for entry in made.queue]

    def _labels(self, labels: dict[int, str]) -> None:
        if self.labels is not None:
            self.labels.update(labels)
            if len(self.labels) > MOST_LABELS:
                self.labels = None

    def seal(self) -> None:
        """All rows are in."""
        self.spool.seal()
        self.traces.seal()
        self.early.seal()
        self.queue.seal()
        self.facts: Facts = np.concatenate([np.zeros(0, dtype=FACTS), *self._facts])
        self.bands: Hashes = np.concatenate([np.zeros((0, BANDS), dtype=np.uint64), *self._bands])
        self.codes = np.zeros(len(self.facts), dtype=np.int16)
        self._facts.clear()
        self._bands.clear()

    def alive(self, *splits: int) -> Rows:
        """The numbers of the rows that are still kept, of some splits or of all."""
        kept = self.codes == KEPT
        if splits:
            kept &= np.isin(self.facts["split"], splits)
        return np.flatnonzero(kept)

    def ranked(self) -> Rows:
        """The rows that are still kept, of two duplicates the one that stays first; no file's place or name matters."""
        kept: Rows = self._order[self.codes[self._order] == KEPT]
        return kept

    @cached_property
    def _order(self) -> Rows:
        facts = self.facts
        return np.lexsort((facts["raw"], facts["nameless"], facts["synthetic"], RANK[facts["split"]]))

    def drop(self, row: int, code: str, why: Why) -> None:
        """Reject a row that was still kept."""
        if self.codes[row] == KEPT:
            self.codes[row] = NUMBER[code]
            self.why[row] = why

    def row(self, number: int) -> dict[str, Any]:
        """A row as a JSON object."""
        return self.spool.row(number)

    def where(self, number: int) -> str:
        """File and line of a row."""
        facts = self.facts[number]
        return f"{self.files[facts['file']].name}:{facts['line']}"

    def count(self, code: str, *splits: int) -> int:
        """How many rows were dropped under a code after they were read."""
        hit = self.codes == NUMBER[code]
        return int(np.sum(hit & np.isin(self.facts["split"], splits) if splits else hit))

    def rejected(self, split: int) -> Counter[str]:
        """All rejects of a split by code, those of reading included (they count where their file stands)."""
        found: Counter[str] = Counter()
        for file in self.files:
            if file.split == SPLITS[split]:
                found.update(file.rejected)
        for number, count in zip(*np.unique(self.codes[self.facts["split"] == split], return_counts=True), strict=True):
            if number != KEPT:
                found[CODE_NAMES[number]] += int(count)
        return found

    def close(self) -> None:
        """Remove the spools."""
        self.spool.remove()
        self.traces.remove()
        self.early.remove()
        self.queue.remove()
