"""CSV and TSV: the first line names the columns; a quoted field may hold line breaks."""

import csv
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from tunegate.core.errors import DataError
from tunegate.prepare.containers import DataFile
from tunegate.prepare.rawrow import CHUNK
from tunegate.prepare.rawrow import Chunk, RawRow
from tunegate.prepare.streams import blocks, lines
from tunegate.prepare.strict import unwritable

MEND = "mend the quotes there: a field with a quote is quoted, its quotes are doubled"


@dataclass(frozen=True, slots=True)
class TableChunk(Chunk):
    """Rows of a table with the line on which each begins."""

    name: str
    header: list[str]
    cells: list[tuple[int, list[str]]]

    def rows(self) -> list[RawRow]:
        """Name the cells."""
        return [self._row(line, cells) for line, cells in self.cells]

    def _row(self, line: int, cells: list[str]) -> RawRow:
        if reason := unwritable(cells):
            shown = [cell.encode("utf-8", "replace").decode().replace("\0", "?") for cell in cells]
            bytes_wrong = "not UTF-8" if "surrogate" in reason else reason
            return RawRow(self.name, line, shown, "encoding", bytes_wrong)
        if len(cells) != len(self.header):
            found = f"found {len(cells)} cells, expected {len(self.header)}: {', '.join(self.header)}"
            return RawRow(self.name, line, cells, "ragged", found)
        return RawRow(self.name, line, dict(zip(self.header, cells, strict=True)))


def read_table(file: DataFile, size: int) -> Iterator[TableChunk]:
    """Chunks of a table's rows.

    Raises:
        DataError: the header is no header, or a quote is never closed; after the rows before it were given.
    """
    csv.field_size_limit(sys.maxsize)
    # Bytes that are no UTF-8 become half surrogates, which no UTF-8 text holds: the row is rejected, not the file.
    text = (line.decode("utf-8", "surrogateescape") for line in lines(blocks(file)))
    reader = csv.reader(text, delimiter="\t" if file.kind == "tsv" else ",", strict=True)
    header: list[str] = []
    held: list[tuple[int, list[str]]] = []
    weight, start = 0, 1
    try:
        for cells in reader:
            if cells and not header:
                header = _header(file, cells)
            elif cells:
                held.append((start, cells))
                weight += sum(map(len, cells))
            start = reader.line_num + 1
            if len(held) >= size or weight >= CHUNK:
                yield TableChunk(file.name, header, held)
                held, weight = [], 0
    except (csv.Error, DataError) as fault:
        if held:
            yield TableChunk(file.name, header, held)
        if isinstance(fault, DataError):
            raise
        raise DataError(f"{file.path}:{start}: not a readable table: {fault}", next_step=MEND) from None
    if held:
        yield TableChunk(file.name, header, held)


def _header(file: DataFile, cells: list[str]) -> list[str]:
    if len(set(cells)) != len(cells) or "" in cells or unwritable(cells):
        shown = ", ".join(cell.encode("utf-8", "replace").decode() for cell in cells)[:300]
        raise DataError(f"{file.path}:1: the header must name each column once, found {shown}", next_step="mend line 1")
    return cells
