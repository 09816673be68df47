"""The bytes of a data file, unpacked, in blocks, and the lines in them. Memory does not grow with the file.

What was read before a damaged place is given first; then comes one DataError for the file.
"""

import gzip
import sys
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from tunegate.core.errors import DataError, MachineError
from tunegate.prepare.containers import DataFile

BLOCK = 1 << 20
LONGEST = 16 << 20  # bytes of one row; a longer one is no training row but a broken file or a bomb
ENDS = (b"\n", b"\r")
BOM = b"\xef\xbb\xbf"
SAVE_UTF8 = "save the file as UTF-8"
COPY_AGAIN = "make or copy the file again"
MAGIC = {
    b"\x1f\x8b": "is packed with gzip: its name should end in .gz",
    b"\x28\xb5\x2f\xfd": "is packed with zstd: its name should end in .zst",
    b"PAR1": "is Parquet: its name should end in .parquet",
    b"PK\x03\x04": "is a zip file (an .xlsx is one): unpack it, or save it as CSV",
    b"BZh": "is packed with bzip2: unpack it",
    b"\xfd7zXZ\x00": "is packed with xz: unpack it",
    b"SQLite format 3": "is an SQLite database: export the table as CSV",
}


def blocks(file: DataFile) -> Iterator[bytes]:
    """The bytes of a text file in blocks, unpacked, without the byte order mark.

    Raises:
        DataError: the packed file is damaged or cut off, or this is no UTF-8 text.
    """
    found = _unpacked(file)
    head = next(found, b"")
    while len(head) < 1024 and (more := next(found, b"")):
        head += more
    _look(file.path, head[:1024])
    yield head.removeprefix(BOM)
    yield from found


def _look(path: Path, head: bytes) -> None:
    """Say what a file is that cannot be UTF-8 text."""
    for magic, said in MAGIC.items():
        if head.startswith(magic):
            raise DataError(f"{path}: {said}", next_step="rename or convert it")
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")) or head.count(0) * 3 > len(head)
    if wide:
        raise DataError(f"{path}: not UTF-8: it looks like UTF-16 or UTF-32", next_step=SAVE_UTF8)


def _unpacked(file: DataFile) -> Iterator[bytes]:
    """Blocks of an unpacked file; every fault of the packing is a DataError that comes after what could be read."""
    with unpacking(file) as stream:
        while block := stream.read1(BLOCK):  # type: ignore[attr-defined]
            yield block


@contextmanager
def unpacking(file: DataFile) -> Iterator[BinaryIO]:
    """The file's bytes as a stream, with the faults of gzip and zstd turned into one DataError.

    Raises:
        DataError: damaged, cut off, or not packed as its name says.
    """
    try:
        with _opened(file) as stream:
            yield stream
    except EOFError:
        raise DataError(f"{file.path}: cut off: the {file.packing} data has no end", next_step=COPY_AGAIN) from None
    except (gzip.BadGzipFile, zlib.error) as fault:
        raise DataError(f"{file.path}: damaged or not gzip: {fault}", next_step=COPY_AGAIN) from None
    except Exception as fault:
        if type(fault).__name__ != "ZstdError":
            raise
        raise DataError(f"{file.path}: damaged or not zstd: {fault}", next_step=COPY_AGAIN) from None


def _opened(file: DataFile) -> BinaryIO:
    if file.packing and not file.path.stat().st_size:
        raise DataError(f"{file.path}: an empty file is not {file.packing}", next_step=COPY_AGAIN)
    if file.packing == "gz":
        return gzip.open(file.path)  # type: ignore[return-value]
    if file.packing == "zst":
        return _zstd_opened(file.path)
    return file.path.open("rb")


def _zstd_opened(path: Path) -> BinaryIO:
    try:
        if sys.version_info >= (3, 14):
            from compression import zstd
        else:
            from backports import zstd
    except ImportError:
        raise needs("backports.zstd", path) from None
    return zstd.open(path)  # type: ignore[return-value]


def needs(library: str, path: Path) -> MachineError:
    """The error for a library that the light installation lacks."""
    return MachineError(f"{path}: reading it needs {library}", next_step="pip install 'tunegate[data]'")


def lines(found: Iterable[bytes]) -> Iterator[bytes]:
    r"""Physical lines with their ends (\n, \r\n or \r); of a line over LONGEST only the first LONGEST + 1 bytes."""
    pieces: list[bytes] = []  # of a line whose end has not come yet
    held, carry = 0, b""
    for block in found:
        whole = carry + block
        carry = b"\r" if whole.endswith(b"\r") else b""  # perhaps the first half of \r\n
        parts = (whole[:-1] if carry else whole).splitlines(keepends=True)
        if pieces and parts and parts[0].endswith(ENDS):
            yield _joined([*pieces, parts.pop(0)])
            pieces, held = [], 0
        rest = parts.pop() if parts and not parts[-1].endswith(ENDS) else b""
        yield from parts
        if rest and held <= LONGEST:
            pieces.append(rest)
            held += len(rest)
    if pieces or carry:
        yield _joined([*pieces, carry])


def _joined(pieces: list[bytes]) -> bytes:
    return b"".join(pieces)[: LONGEST + 1]
