"""Parquet, read in batches with pyarrow. Nested columns become lists and objects, without the keys that Arrow adds.

A column of structs has each key in every row, null where the row had none; those nulls are dropped again.
"""

import datetime as dt
import decimal
import math
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tunegate.core.errors import DataError
from tunegate.prepare.containers import DataFile
from tunegate.prepare.rawrow import CHUNK, Chunk, RawRow, batched
from tunegate.prepare.streams import needs, unpacking
from tunegate.prepare.strict import DEEPEST, unwritable

if TYPE_CHECKING:
    import pyarrow as pa

BATCH = 64  # rows decoded at once: a dictionary lets a small file hold large texts many times
MEND = "write the file again, with pyarrow or pandas"


@dataclass(frozen=True, slots=True)
class ArrowChunk(Chunk):
    """Record batches in Arrow's stream format, and the position of their first row."""

    name: str
    first: int
    data: bytes

    def rows(self) -> list[RawRow]:
        """Turn the batches into rows."""
        import pyarrow as pa

        with pa.ipc.open_stream(self.data) as stream:
            pairs = [pair for batch in stream for pair in _values(batch)]
        return [_row(self.name, self.first + at, *pair) for at, pair in enumerate(pairs)]


def parquet_chunks(file: DataFile, size: int) -> Iterator[ArrowChunk]:
    """Chunks of a Parquet file.

    Raises:
        DataError: not Parquet, damaged, or two columns of one name; batches before the damage are given first.
        MachineError: pyarrow is not installed.
    """
    first = 1
    for parts in batched(_batches(file), lambda part: int(part.nbytes), max(1, size // BATCH)):
        yield ArrowChunk(file.name, first, _packed(parts))
        first += sum(part.num_rows for part in parts)


def _batches(file: DataFile) -> Iterator["pa.RecordBatch"]:
    """Batches of at most BATCH rows and, if they have several rows, about CHUNK bytes."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise needs("pyarrow", file.path) from None
    with ExitStack() as stack:
        source = _source(file, stack)
        try:
            # Not memory-mapped and not buffered before: a row group may be larger than the memory.
            table = stack.enter_context(pq.ParquetFile(source, pre_buffer=False, page_checksum_verification=True))
            _check_names(file.path, table.schema_arrow.names)
            count = 0
            for batch in table.iter_batches(batch_size=BATCH):
                count += batch.num_rows
                yield from _parts(batch)
            _check_count(table.metadata, count)
        except (pa.ArrowException, OSError, ValueError) as fault:
            said = str(fault).strip().partition("\n")[0][:300]
            raise DataError(f"{file.path}: not a readable Parquet file: {said}", next_step=MEND) from None


def _source(file: DataFile, stack: ExitStack) -> Any:
    """What pyarrow reads: the path, or a packed file's content, unpacked on disk since Parquet is read from its end."""
    if not file.packing:
        return file.path
    spare = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - the stack closes it
    with unpacking(file) as stream:
        shutil.copyfileobj(stream, spare, 1 << 20)
    spare.seek(0)
    return spare


def _check_names(path: Path, names: list[str]) -> None:
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise DataError(f"{path}: two columns are called {', '.join(twice)[:200]}", next_step="rename one of them")


def _check_count(about: Any, count: int) -> None:
    """Where the head of a page is damaged pyarrow ends early, without a word (found by fuzzing): counts differ."""
    groups = sum(about.row_group(number).num_rows for number in range(about.num_row_groups))
    if not groups == about.num_rows == count:
        raise ValueError(f"it has {count} rows where it names {about.num_rows}, and {groups} in its groups")


def _parts(batch: "pa.RecordBatch") -> Iterator["pa.RecordBatch"]:
    """A batch in slices of about CHUNK bytes."""
    count = max(1, min(batch.num_rows, math.ceil(batch.nbytes / CHUNK)))
    step = max(1, math.ceil(batch.num_rows / count))
    for start in range(0, batch.num_rows, step):
        yield batch.slice(start, step)


def _packed(batches: "list[pa.RecordBatch]") -> bytes:
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batches[0].schema) as stream:
        for batch in batches:
            stream.write_batch(batch)
    packed: bytes = sink.getvalue().to_pybytes()
    return packed


def _values(batch: "pa.RecordBatch") -> Iterator[tuple[dict[str, Any], str]]:
    """Each row, and a reason if its texts cannot be read."""
    try:
        for row in batch.to_pylist():
            yield row, ""
    except (UnicodeDecodeError, ValueError, OverflowError):
        if batch.num_rows > 1:
            for at in range(batch.num_rows):
                yield from _values(batch.slice(at, 1))
        else:
            yield _cell_by_cell(batch)


def _cell_by_cell(batch: "pa.RecordBatch") -> tuple[dict[str, Any], str]:
    row: dict[str, Any] = {}
    reason = ""
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        try:
            row[name] = column[0].as_py()
        except (UnicodeDecodeError, ValueError, OverflowError) as fault:
            row[name] = "(not to be read)"
            reason = f"{name}: {'not UTF-8' if isinstance(fault, UnicodeDecodeError) else fault}"
    return row, reason


def _row(name: str, line: int, row: dict[str, Any], reason: str) -> RawRow:
    try:
        content = {key: _plain(value, 0) for key, value in row.items()}
    except UnicodeDecodeError:
        return RawRow(name, line, ascii(row)[:1000], "encoding", "a binary column holds no UTF-8")
    except ValueError as fault:
        return RawRow(name, line, ascii(row)[:1000], "json_invalid", str(fault))
    if reason := reason or unwritable(content):
        return RawRow(name, line, ascii(content)[:1000], "encoding", reason)
    return RawRow(name, line, content)


def _plain(value: Any, depth: int) -> Any:
    """A value as JSON has it."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if depth > DEEPEST:
        raise ValueError(f"nested too deep, more than {DEEPEST} levels")
    if isinstance(value, dict):
        return {str(key): _plain(part, depth + 1) for key, part in value.items() if part is not None}
    if isinstance(value, list):
        return [_plain(part, depth + 1) for part in value]
    if isinstance(value, tuple):  # an entry of a map
        return [_plain(part, depth + 1) for part in value]
    for kinds, change in _CHANGES:
        if isinstance(value, kinds):
            return change(value)
    return str(value)


def _number(value: float) -> float | None:
    """NaN is what pandas writes for a missing value."""
    if math.isinf(value):
        raise ValueError("infinity is not a number of JSON")
    return None if math.isnan(value) else value


_CHANGES: tuple[tuple[type[Any] | tuple[type[Any], ...], Callable[[Any], Any]], ...] = (
    (float, _number),
    (bytes, lambda value: value.decode("utf-8")),
    ((dt.date, dt.time), lambda value: value.isoformat()),
    (decimal.Decimal, str),
)
