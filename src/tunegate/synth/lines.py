"""A JSONL file that is only added to: each line is on the disk before the next step, one that a kill cut is cut off."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from tunegate.core.files import parse_json, write_bytes


def whole_lines(path: Path) -> list[str]:
    """The lines of a file, without the one that a kill cut short. A last line that is whole but has no end counts."""
    if not path.is_file():
        return []
    *lines, last = path.read_bytes().split(b"\n")
    if last.strip() and _is_json(last):
        lines.append(last)
    return [line.decode("utf-8", "replace") for line in lines if line.strip()]


class Lines:
    """Adds lines to a file. The file is written anew before the first one: DVC may have linked it to its cache."""

    def __init__(self, path: Path) -> None:
        """Nothing is opened before the first line."""
        self._path = path
        self._stream: BinaryIO | None = None

    def add(self, lines: Iterable[str]) -> None:
        """Add lines (each with its newline) and see them to the disk."""
        text = "".join(lines)
        if not text:
            return
        if self._stream is None:
            self._stream = self._open()
        self._stream.write(text.encode("utf-8"))
        self._stream.flush()
        os.fsync(self._stream.fileno())

    def _open(self) -> BinaryIO:
        before = "".join(f"{line}\n" for line in whole_lines(self._path))
        write_bytes(self._path, before.encode("utf-8"))
        return self._path.open("ab")

    def close(self) -> None:
        """Close the file."""
        if self._stream is not None:
            self._stream.close()


@contextmanager
def adding(path: Path) -> Iterator[Lines]:
    """Lines to add to `path`, closed at the end."""
    lines = Lines(path)
    try:
        yield lines
    finally:
        lines.close()


def _is_json(line: bytes) -> bool:
    try:
        parse_json(line.decode("utf-8"))
    except ValueError:
        return False
    return True
