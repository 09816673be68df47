"""CSV and TSV: a header, then rows. Cells stay text; a row with other cells than the header has is `ragged`.

Quotes that cannot be read are an error of the file: nobody can say where the next row begins.
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tunegate.core.errors import DataError
from tunegate.prepare.rawrow import Chunk, RawRow, batched
from tunegate.prepare.streams import LONGEST

LONGEST_FIELD = LONGEST  # characters
QUOTES = "mend the quotes there: a field with a quote is quoted, and its quotes are doubled"
Record = tuple[int, list[str], int]  # the line it begins at, its cells, about its bytes


@dataclass(frozen=True, slots=True)
class TableChunk(Chunk):
    """Rows of cells."""

    name: str
    header: list[str]
    records: list[Record]

    def rows(self) -> list[RawRow]:
        """Name the cells."""
        return [self._row(line, cells) for line, cells, _ in self.records]

    def _row(self, line: int, cells: list[str]) -> RawRow:
        if reason := _unreadable(cells):
            shown: list[Any] = [cell.encode("utf-8", "surrogateescape").decode("utf-8", "replace") for cell in cells]
            return RawRow(self.name, line, shown, "encoding", reason)
        if len(cells) != len(self.header):
            reason = f"found {len(cells)} columns, expected {len(self.header)}: {', '.join(self.header)[:200]}"
            return RawRow(self.name, line, cells, "ragged", reason)
        return RawRow(self.name, line, dict(zip(self.header, cells, strict=True)))


def _unreadable(cells: list[str]) -> str:
    for cell in cells:
        if "\0" in cell:
            return "a NUL character in a text"
        if not cell.isascii():
            try:
                cell.encode("utf-8")
            except UnicodeEncodeError:
                return "not UTF-8"
    return ""


def table_chunks(path: Path, name: str, kind: str, found: Iterable[bytes], size: int) -> Iterator[TableChunk]:
    """Chunks of the rows below the header; a line without cells is no row.

    Raises:
        DataError: the header names no or the same columns, or quotes cannot be read; rows before are given first.
    """
    records = _records(path, kind, found)
    first = next(records, None)
    if first is None:
        return
    header = _header(path, first, kind)
    for held in batched(records, _weight, size):
        yield TableChunk(name, header, held)


def _weight(record: Record) -> int:
    return record[2]


def _records(path: Path, kind: str, found: Iterable[bytes]) -> Iterator[Record]:
    csv.field_size_limit(LONGEST_FIELD)
    feed = _Feed(path, found)
    reader = csv.reader(feed, delimiter="\t" if kind == "tsv" else ",", strict=True)
    start = 1
    try:
        for cells in reader:
            if cells and (len(cells) > 1 or cells[0].strip()):
                yield start, cells, feed.weight
            start, feed.weight = reader.line_num + 1, 0
    except csv.Error as fault:
        raise DataError(f"{path}:{start}: not a readable table: {_said(fault)}", next_step=QUOTES) from None


def _said(fault: csv.Error) -> str:
    known = {
        "unexpected end of data": "a quoted field that begins in this row is never closed",
        f"field larger than field limit ({LONGEST_FIELD})": (
            f"a field that begins in this row has over {LONGEST_FIELD >> 20} million characters; is a quote missing?"
        ),
    }
    return known.get(str(fault), str(fault))


class _Feed:
    """Decoded lines for the csv module; what is not UTF-8 comes as surrogates, so that the row can be told apart."""

    def __init__(self, path: Path, found: Iterable[bytes]) -> None:
        self.weight = 0
        self._path = path
        self._found = iter(found)

    def __iter__(self) -> "_Feed":
        return self

    def __next__(self) -> str:
        raw = next(self._found)
        self.weight += len(raw)
        if len(raw) > LONGEST:
            raise DataError(f"{self._path}: a line has more than {LONGEST >> 20} MB", next_step=QUOTES)
        return raw.decode("utf-8", "surrogateescape")


def _header(path: Path, record: Record, kind: str) -> list[str]:
    """The columns' names. The first may be empty: pandas writes its row numbers so."""
    line, cells, _ = record
    names = [cell.strip() for cell in cells]
    if reason := _unreadable(names):
        raise DataError(f"{path}:{line}: the header: {reason}", next_step="save the file as UTF-8")
    if len(set(names)) != len(names) or "" in names[1:]:
        raise DataError(
            f"{path}:{line}: the header must name each column once, found {str(cells)[:300]}",
            next_step="mend the header",
        )
    wanted = "a tab" if kind == "tsv" else "a comma"
    if len(names) == 1:
        raise DataError(
            f"{path}:{line}: the header has one column, {names[0][:200]!r}",
            next_step=f"separate the columns with {wanted} (in a .csv a comma, in a .tsv a tab)",
        )
    return names
