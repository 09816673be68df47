"""JSONL: a row a line. The parsing is left to whoever asks a chunk for its rows."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tunegate.prepare.rawrow import Chunk, RawRow, batched
from tunegate.prepare.strict import read_json

Numbered = tuple[int, bytes]


@dataclass(frozen=True, slots=True)
class JsonChunk(Chunk):
    """Raw rows with their lines (or positions in an array)."""

    name: str
    raw: list[Numbered]

    def rows(self) -> list[RawRow]:
        """Parse them."""
        return [RawRow(self.name, line, *read_json(raw)) for line, raw in self.raw]


def line_chunks(name: str, found: Iterable[bytes], size: int) -> Iterator[JsonChunk]:
    """Chunks of physical lines; a line with nothing but space is no row."""
    return json_chunks(name, ((number, raw) for number, raw in enumerate(found, 1) if not raw.isspace()), size)


def json_chunks(name: str, found: Iterable[Numbered], size: int) -> Iterator[JsonChunk]:
    """Chunks of numbered rows."""
    return (JsonChunk(name, raw) for raw in batched(found, _weight, size))


def _weight(numbered: Numbered) -> int:
    return len(numbered[1])
