"""Parquet, a batch of rows at a time."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tunegate.core.errors import DataError
from tunegate.prepare.containers import DataFile
from tunegate.prepare.rawrow import Chunk, RawRow
from tunegate.prepare.streams import COPY_AGAIN, unpacking
from tunegate.prepare.strict import unwritable

BATCH = 500  # rows; a batch is taken apart before it is known how much it weighs


@dataclass(frozen=True, slots=True)
class ParquetChunk(Chunk):
    """Rows of a Parquet file, as Python values."""

    name: str
    found: list[tuple[int, dict[str, Any]]]

    def rows(self) -> list[RawRow]:
        """Check that each row can be written as JSON."""
        return [self._row(position, row) for position, row in self.found]

    def _row(self, position: int, row: dict[str, Any]) -> RawRow:
        plain = _plain(row)
        if reason := unwritable(plain):
            return RawRow(self.name, position, repr(plain)[:1000], "encoding", reason)
        return RawRow(self.name, position, plain)


def read_parquet(file: DataFile, size: int) -> Iterator[ParquetChunk]:
    """Chunks of a Parquet file's rows.

    Raises:
        DataError: pyarrow is not installed, or the file is damaged; after the rows before the damage were given.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise DataError(f"{file.path}: reading Parquet needs pyarrow", next_step="pip install pyarrow") from None
    position = 0
    try:
        with unpacking(file) as stream:
            # Parquet is read from its end: a packed one has to be unpacked whole.
            source = pa.BufferReader(stream.read()) if file.packing else file.path
            with pq.ParquetFile(source) as table:
                for batch in table.iter_batches(batch_size=min(size, BATCH)):
                    rows = batch.to_pylist()
                    yield ParquetChunk(file.name, list(enumerate(rows, position + 1)))
                    position += len(rows)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as fault:
        said = str(fault).splitlines()[0][:300] if str(fault) else type(fault).__name__
        raise DataError(f"{file.path}: not readable as Parquet: {said}", next_step=COPY_AGAIN) from None


def _plain(value: Any) -> Any:
    """JSON values only: Arrow gives every struct the keys of all, empty ones as null (ms-swift issue 10125)."""
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items() if part is not None}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    return value if isinstance(value, str | int | bool) or value is None else str(value)
