"""Read any file that may hold rows, unit by unit, without holding it in memory.

A row of JSON lines, of an array or of a table is a JSON value, anything else a line of text with its escapes undone.
What cannot be read is an error, never nothing: a file that was not searched must be named.
"""

import csv
import gzip
import html
import io
import json
import zlib
from collections.abc import Callable, Iterator
from pathlib import PurePath
from typing import Any, BinaryIO, NamedTuple, cast

from tunegate.core.errors import DataError
from tunegate.trace.query import unescaped

LONGEST = 64 << 20  # bytes of a line, and of a JSON array that is parsed whole; beyond that pieces of text
OVERLAP = 1 << 16  # characters that two pieces of one line share, so that no text is cut in two
TABLES = {".csv": ",", ".tsv": "\t"}
BY_HAND = "search it by hand, or convert it"


class Unit(NamedTuple):
    """The number of a line (of a JSON array or Parquet: the position), from 1, and what stands there."""

    number: int
    value: Any


Worth = Callable[[str], bool]


def units(name: str, stream: BinaryIO, worth: Worth) -> Iterator[Unit]:
    """The units of a file whose content is `stream`.

    Args:
        name: the file's name; its ending says what it is.
        stream: its bytes, from the start. Of Parquet it must be seekable.
        worth: whether a line of JSON is worth parsing; it sees the line as it stands.

    Raises:
        DataError: it cannot be read to its end; units before that place are given first.
    """
    path = PurePath(name.lower())
    try:
        if path.suffix in {".gz", ".zst"}:
            with _unpacked(path.suffix, stream) as plain:
                yield from _units(PurePath(path.stem).suffix, plain, worth)
        else:
            yield from _units(path.suffix, stream, worth)
    except (EOFError, zlib.error, csv.Error, OSError) as fault:
        raise DataError(f"damaged: {fault}", next_step=BY_HAND) from None
    except ImportError as fault:
        raise DataError(f"needs the package {fault.name}", next_step="install the extra `data`") from None
    except Exception as fault:
        if type(fault).__name__ not in {"ZstdError", "ArrowInvalid"}:
            raise
        raise DataError(f"damaged: {fault}", next_step=BY_HAND) from None


def _unpacked(suffix: str, stream: BinaryIO) -> BinaryIO:
    if suffix == ".gz":
        return cast("BinaryIO", gzip.open(stream))
    from backports import zstd

    return cast("BinaryIO", zstd.open(stream))


def _units(suffix: str, stream: BinaryIO, worth: Worth) -> Iterator[Unit]:
    if suffix in TABLES:
        return _table(stream, TABLES[suffix])
    if suffix == ".parquet":
        return _parquet(stream)
    if suffix == ".json":
        return _array(stream)
    if suffix in {".jsonl", ".ndjson"}:
        return (Unit(number, _parsed(line)) for number, line in lines(stream) if worth(line))
    return (Unit(number, unescaped(html.unescape(line))) for number, line in lines(stream))


def lines(stream: BinaryIO) -> Iterator[tuple[int, str]]:
    """Lines with their numbers, from 1. A line of more than LONGEST bytes comes in pieces that overlap."""
    number, carried = 1, ""
    if (head := stream.read(2)) in {b"\xff\xfe", b"\xfe\xff"}:
        wide = io.TextIOWrapper(stream, encoding="utf-16-le" if head == b"\xff\xfe" else "utf-16-be", errors="replace")
        yield from enumerate(wide, 1)
        return
    while piece := head + stream.readline(LONGEST):
        head = b""
        text = carried + _decoded(piece)
        yield number, text
        ended = piece.endswith(b"\n")
        number, carried = (number + 1, "") if ended else (number, text[-OVERLAP:])


def _decoded(piece: bytes) -> str:
    try:
        return piece.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError:
        return piece.decode("cp1252", "replace")  # of what is no UTF-8 the likeliest


def _parsed(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return unescaped(line)


def _array(stream: BinaryIO) -> Iterator[Unit]:
    """The elements of an array; another JSON value, or one too large to be parsed whole, as lines of text."""
    begin = stream.read(LONGEST + 1)
    if len(begin) <= LONGEST and isinstance(found := _parsed(_decoded(begin)), list):
        yield from (Unit(number, value) for number, value in enumerate(found, 1))
        return
    rest = io.BufferedReader(_Chained(begin, stream))
    yield from (Unit(number, unescaped(line)) for number, line in lines(rest))


class _Chained(io.RawIOBase):
    """What was read already, then the rest."""

    def __init__(self, begin: bytes, rest: BinaryIO) -> None:
        super().__init__()
        self._begin, self._rest = io.BytesIO(begin), rest

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill `buffer`; the number of bytes."""
        found = self._begin.read(len(buffer)) or self._rest.read(len(buffer))
        buffer[: len(found)] = found
        return len(found)


def _table(stream: BinaryIO, delimiter: str) -> Iterator[Unit]:
    csv.field_size_limit(LONGEST)
    reader = csv.reader((line for _, line in lines(stream)), delimiter=delimiter)
    header: list[str] | None = None
    start = 1
    for cells in reader:
        number, start = start, reader.line_num + 1
        if header is None:
            header = cells
        names = header if len(header) == len(cells) else [str(at) for at in range(len(cells))]
        yield Unit(number, dict(zip(names, cells, strict=True)))


def _parquet(stream: BinaryIO) -> Iterator[Unit]:
    from pyarrow import parquet

    number = 0
    for batch in parquet.ParquetFile(stream).iter_batches(batch_size=1024):
        for row in batch.to_pylist():
            number += 1
            yield Unit(number, row)
