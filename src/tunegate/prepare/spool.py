"""Rows on disk while the stage decides about them: memory holds where each begins, not what it says."""

import os
from array import array
from collections.abc import Iterable, Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tunegate.core.files import parse_json

Places = npt.NDArray[np.int64]


class Stored(NamedTuple):
    """Lines of a spool, to be read where they are needed: in a worker, without a way through this process."""

    path: Path
    starts: Places
    ends: Places

    def read(self) -> list[bytes]:
        """Their bytes."""
        if not len(self.starts):
            return []
        first, last = int(self.starts.min()), int(self.ends.max())
        spans = list(zip(self.starts.tolist(), self.ends.tolist(), strict=True))
        with self.path.open("rb") as stream:
            if last - first > 2 * int((self.ends - self.starts).sum()):
                return [os.pread(stream.fileno(), end - start, start) for start, end in spans]
            whole = os.pread(stream.fileno(), last - first, first)
        return [whole[start - first : end - first] for start, end in spans]


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
        self._places: Places = np.frombuffer(self._ends, dtype=np.int64)

    def line(self, number: int) -> bytes:
        """One line's bytes."""
        start = self._ends[number]
        return os.pread(self._reading.fileno(), self._ends[number + 1] - start, start)

    def some(self, numbers: Places) -> Stored:
        """Several lines, to be read elsewhere while the spool is there."""
        return Stored(self._path, self._places[numbers], self._places[numbers + 1])

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
