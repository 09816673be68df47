"""Rows of training that meet what measures: found against an index of all that is held out, and dropped."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np

from tunegate.core.data_settings import Contamination
from tunegate.prepare.contamination import Hit, ScanTask, hits_of, run_of, scan
from tunegate.prepare.facts import RANK, REPLAY, SPLITS, TEST, TRAIN, VALIDATION
from tunegate.prepare.heldout import (
    Document,
    HeldOut,
    HeldRows,
    Piece,
    document_piece,
    read_documents,
    row_piece,
    write_index,
)
from tunegate.prepare.near import Pair
from tunegate.prepare.pool import Mapper
from tunegate.prepare.table import Rows, Table, Why
from tunegate.records.data_report import SuiteReport

CHUNK = 2000  # rows at once


class Held(NamedTuple):
    """What is held out: rows (`tests` of test first) and documents of general tasks; the suite of each, all names."""

    rows: Rows
    tests: int
    general: Sequence[Document]
    suites: list[int]
    names: list[str]

    def where(self, table: Table, document: int) -> str:
        """File and line of a document."""
        own = len(self.rows)
        return table.where(int(self.rows[document])) if document < own else self.general[document - own].where


def drop_leaks(
    table: Table, settings: Contamination, near: float | None, pairs: Sequence[Pair], tasks: Path, mapper: Mapper
) -> dict[str, SuiteReport]:
    """Drop rows that meet what is held out; say for each suite how many did, and how.

    Raises:
        DataError: the documents of the general tasks cannot be read.
    """
    held = _held(table, [*read_documents(tasks)])
    with TemporaryDirectory(dir=table.spool_folder) as name:
        folder = Path(name)
        write_index(folder, [*_pieces(table, held, mapper, answers=settings.answers)], held.suites, len(held.rows))
        found = mapper(scan, _scan_tasks(table, held, folder, near))
        hits = [*hits_of(found, HeldOut(folder), settings.common), *_crossing(table, held, pairs)]
    split = table.facts["split"]
    by_row: dict[int, dict[str, Hit]] = {}
    for hit in sorted(hits, key=lambda one: (one.row, one.similarity is None, -(one.similarity or 0), one.gram)):
        if split[hit.row] != VALIDATION or held.names[hit.suite] == SPLITS[TEST]:
            by_row.setdefault(hit.row, {}).setdefault(held.names[hit.suite], hit)
    near_counts, by_words = dict.fromkeys(held.names, 0), dict.fromkeys(held.names, 0)
    for row, met in by_row.items():
        for suite, hit in met.items():
            (by_words if hit.similarity is None else near_counts)[suite] += 1
        _drop(table, held, row, met)
    sizes = np.bincount(held.suites, minlength=len(held.names)).tolist()
    return {
        suite: SuiteReport(documents=size, by_words=by_words[suite], by_near=near_counts[suite])
        for suite, size in zip(held.names, sizes, strict=True)
    }


def _held(table: Table, general: Sequence[Document]) -> Held:
    own = {split: table.alive(split) for split in (TEST, VALIDATION)}
    names = [SPLITS[split] for split, rows in own.items() if len(rows)]
    names += dict.fromkeys(document.suite for document in general)
    suites = [names.index(SPLITS[split]) for split, rows in own.items() for _ in range(len(rows))]
    numbers = {name: number for number, name in enumerate(names)}
    suites += [numbers[document.suite] for document in general]
    return Held(np.concatenate([*own.values()]), len(own[TEST]), general, suites, names)


def _pieces(table: Table, held: Held, mapper: Mapper, *, answers: bool) -> Iterator[Piece]:
    asked = table.facts["asked"]
    rows = (HeldRows(table.traces.some(some), asked[some], first, answers)
            for first, some in _chunks(held.rows))  # fmt: skip
    yield from mapper(row_piece, rows)
    yield document_piece(held.general, len(held.rows))


def _scan_tasks(table: Table, held: Held, folder: Path, near: float | None) -> Iterator[ScanTask]:
    asked = table.facts["asked"]
    for splits, below in (((TRAIN, REPLAY), len(held.suites)), ((VALIDATION,), held.tests)):
        for _, rows in _chunks(table.alive(*splits)):
            yield ScanTask(folder, near, below, rows, table.traces.some(rows), asked[rows])


def _chunks(rows: Rows) -> Iterator[tuple[int, Rows]]:
    return ((at, rows[at : at + CHUNK]) for at in range(0, len(rows), CHUNK))


def _crossing(table: Table, held: Held, pairs: Sequence[Pair]) -> Iterator[Hit]:
    """Near-duplicates of which one measures and the other trains: also where only the answers are long and the same."""
    split = table.facts["split"]
    documents = {row: document for document, row in enumerate(held.rows.tolist())}
    for one, other, value in pairs:
        first, second = sorted((one, other), key=lambda row: RANK[split[row]])
        if split[first] != split[second] and split[first] in (TEST, VALIDATION):
            yield Hit(second, held.suites[documents[first]], documents[first], value)


def _drop(table: Table, held: Held, row: int, met: dict[str, Hit]) -> None:
    suite = next((name for name in (SPLITS[TEST], SPLITS[VALIDATION]) if name in met), next(iter(met)))
    code = f"leaked_{suite}" if suite in SPLITS else "contaminated_general"
    hit = met[suite]
    where, what = held.where(table, hit.document), f"in {suite}" if suite in SPLITS else f"of {suite}"
    if hit.similarity is None:
        said = f"shares 13 words in a row with {where} {what}: {run_of(table.spool.line(row), hit.place)}"
    elif hit.similarity == 1:
        said = f"the same prompt as {where} {what}"
    else:
        said = f"nearly the prompt of {where} {what} (Jaccard {hit.similarity:.2f})"
    table.drop(row, code, Why(words=said, similarity=hit.similarity or 0))
