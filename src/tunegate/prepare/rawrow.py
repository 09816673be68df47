"""One raw row, and a chunk of them on its way to a worker process."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple, TypeVar

from tunegate.core.errors import DataError

CHUNK = 4 << 20  # bytes after which a chunk ends
T = TypeVar("T")


class RawRow(NamedTuple):
    """One raw row: where it stands, its content, and the code and reason if it could not be read.

    `line` counts the lines of the (unpacked) text from 1; in an array and in Parquet it counts the rows. The content
    can always be written as JSON in UTF-8.
    """

    file: str
    line: int
    content: Any
    code: str = ""
    reason: str = ""


class Chunk(ABC):
    """Some rows of one file that follow each other. It is small (about 4 MB) and can be sent to another process."""

    __slots__ = ()
    name: str

    @abstractmethod
    def rows(self) -> list[RawRow]:
        """Parse the rows; this is the slow part, done where it is called."""


def batched(found: Iterable[T], weigh: Callable[[T], int], size: int) -> Iterator[list[T]]:
    """Lists of at most `size` things and about CHUNK bytes. What came before a DataError is given before it."""
    held: list[T] = []
    weight = 0
    try:
        for thing in found:
            held.append(thing)
            weight += weigh(thing)
            if len(held) >= size or weight >= CHUNK:
                full, held, weight = held, [], 0
                yield full
    except DataError as fault:
        if held:
            yield held
        raise fault from None
    if held:
        yield held
