"""Rows on disk while the stage decides about them: memory holds where each begins, not what it says."""

import os
from array import array
from collections.abc import Iterable, Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any

from tunegate.core.files import parse_json


class Spool:
    """A temporary file of lines in the order they came; any line can be read again by its number, from 0."""

    def __init__(self, path: Path) -> None:
        """Make the file anew."""
        self._path = path
        self._ends = array("q", [0])
        self._stream = path.open("wb")

    def __len__(self) -> int:
        """How many lines there are."""
        return len(self._ends) - 1

    def add(self, lines: Iterable[bytes]) -> None:
        """Append lines, each with its newline."""
        some = list(lines)
        self._stream.write(b"".join(some))
        self._ends.extend(accumulate(map(len, some), initial=self._ends.pop()))

    def seal(self) -> None:
        """All is written: from here on it is read."""
        self._stream.close()
        self._reading = self._path.open("rb")

    def line(self, number: int) -> bytes:
        """One line's bytes."""
        start = self._ends[number]
        return os.pread(self._reading.fileno(), self._ends[number + 1] - start, start)

    def row(self, number: int) -> dict[str, Any]:
        """One line as the JSON object that it is."""
        found: dict[str, Any] = parse_json(self.line(number).decode("utf-8"))
        return found

    def lines(self) -> Iterator[bytes]:
        """All lines in order."""
        with self._path.open("rb") as stream:
            yield from stream

    def remove(self) -> None:
        """Close and delete the file."""
        self._stream.close()
        if hasattr(self, "_reading"):
            self._reading.close()
        self._path.unlink(missing_ok=True)
