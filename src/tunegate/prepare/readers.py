"""Read raw files into rows, whatever contains them: JSONL, a JSON array, CSV and TSV, Parquet; plain, .gz or .zst.

A row that cannot be read becomes a row with a code; a file that cannot be read as a whole raises, after its sound rows.
"""

from collections.abc import Iterator

from tunegate.prepare.containers import DataFile, data_files
from tunegate.prepare.json_array import elements
from tunegate.prepare.json_lines import json_chunks, line_chunks
from tunegate.prepare.parquet import read_parquet
from tunegate.prepare.rawrow import Chunk, RawRow
from tunegate.prepare.streams import blocks, lines
from tunegate.prepare.tables import read_table

__all__ = ["Chunk", "DataFile", "RawRow", "data_files", "read_chunks", "read_rows"]


def read_chunks(file: DataFile, size: int = 2000) -> Iterator[Chunk]:
    """The rows of one file in chunks of at most `size` rows and about 4 MB.

    Raises:
        DataError: the file as a whole cannot be read.
    """
    if file.kind == "jsonl":
        return line_chunks(file.name, lines(blocks(file)), size)
    if file.kind == "json":
        return json_chunks(file.name, elements(file.path, blocks(file)), size)
    return read_parquet(file, size) if file.kind == "parquet" else read_table(file, size)


def read_rows(file: DataFile) -> Iterator[RawRow]:
    """All rows of one file, in order."""
    for chunk in read_chunks(file):
        yield from chunk.rows()
