"""Read raw files into rows: JSONL, a JSON array, CSV, TSV and Parquet, plain or packed with gzip or zstd.

A row that cannot be read becomes a row with a code; a file that cannot be read is an error, after the rows before the
damage. Everything is streamed: a chunk is what is in memory.
"""

from collections.abc import Iterator

from tunegate.prepare.containers import DataFile, data_files
from tunegate.prepare.json_array import elements
from tunegate.prepare.json_lines import json_chunks, line_chunks
from tunegate.prepare.rawrow import Chunk, RawRow
from tunegate.prepare.streams import blocks, lines
from tunegate.prepare.tables import table_chunks

__all__ = ["Chunk", "DataFile", "RawRow", "data_files", "read_chunks", "read_rows"]


def read_chunks(file: DataFile, size: int = 2000) -> Iterator[Chunk]:
    """The file in chunks of at most `size` rows and about 4 MB, in order. Their rows are not parsed yet.

    Raises:
        DataError: the file as a whole cannot be read: damaged or cut off, not UTF-8, a .json file that is no array,
            broken quotes in a table. All chunks before that place have been given by then.
    """
    if file.kind == "parquet":
        from tunegate.prepare.parquet import parquet_chunks

        yield from parquet_chunks(file, size)
    elif file.kind == "json":
        yield from json_chunks(file.name, elements(file.path, blocks(file)), size)
    elif file.kind == "jsonl":
        yield from line_chunks(file.name, lines(blocks(file)), size)
    else:
        yield from table_chunks(file.path, file.name, file.kind, lines(blocks(file)), size)


def read_rows(file: DataFile) -> Iterator[RawRow]:
    """All rows of a file in order.

    Raises:
        DataError: as `read_chunks`.
    """
    for chunk in read_chunks(file):
        yield from chunk.rows()
