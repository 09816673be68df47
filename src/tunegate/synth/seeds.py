"""Which real rows are shown in which request: each row once before any row a second time, the same draw each time."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from tunegate.core.errors import DataError
from tunegate.core.files import parse_json
from tunegate.records.example import Example, read_examples

Draw = tuple[Example, ...]


class Seeds:
    """The real rows, in draws of at most `size`. A draw shares one system turn: the new rows take it over.

    Rows with tools are left out (`left_out`): a new row would need a tool that answers.
    """

    def __init__(self, rows: Iterable[Example], size: int, seed: int) -> None:
        """`rows` are clean training rows; synthetic ones among them are no seeds: variations of variations drift."""
        real = [row for row in rows if row.origin is None]
        self.rows = [row for row in real if not _has_tools(row)]
        self.left_out = len(real) - len(self.rows)
        self._size, self._seed = size, seed
        self._groups: dict[str, list[Example]] = defaultdict(list)
        for row in self.rows:
            self._groups[system_of(row)].append(row)
        self._epochs: dict[int, list[Draw]] = {}

    def draw(self, number: int) -> Draw:
        """The rows that request `number` (from 0) shows."""
        epoch, place = divmod(number, len(self._epoch(0)))
        return self._epoch(epoch)[place]

    def _epoch(self, epoch: int) -> list[Draw]:
        """All rows once, in draws; which rows meet, and in which order, is another in each epoch."""
        if epoch not in self._epochs:
            draws = [draw for rows in self._groups.values() for draw in self._divide(rows, epoch)]
            self._epochs[epoch] = sorted(draws, key=lambda draw: self._lot(epoch, "draw", draw[0].id))
        return self._epochs[epoch]

    def _divide(self, rows: list[Example], epoch: int) -> list[Draw]:
        order = sorted(rows, key=lambda row: (self._lot(epoch, "row", row.id), row.id))
        return [tuple(order[start : start + self._size]) for start in range(0, len(order), self._size)]

    def _lot(self, epoch: int, what: str, name: str) -> bytes:
        return hashlib.sha256(f"{self._seed}\0{epoch}\0{what}\0{name}".encode()).digest()


def read_seeds(path: Path, size: int, seed: int) -> tuple[Seeds, tuple[Example, ...]]:
    """The seeds among the clean training rows, and all those rows.

    Raises:
        DataError: the file is missing or holds no chats, or none of its rows can be a seed.
    """
    _only_chats(path)
    rows = read_examples(path)
    seeds = Seeds(rows, size, seed)
    if not seeds.rows:
        why = f"; {seeds.left_out} rows use tools, and synth writes none of those" if seeds.left_out else ""
        raise DataError(f"{path}: no real row to start from{why}", next_step="put real rows into train/ first")
    return seeds, rows


def system_of(row: Example) -> str:
    """The system turn's text; empty if there is none."""
    return row.messages[0].content if row.messages[0].role == "system" else ""


def turns_of(row: Example) -> list[dict[str, str]]:
    """The turns that a teacher is shown: without the system turn."""
    return [{"role": turn.role, "content": turn.content} for turn in row.messages if turn.role != "system"]


def _has_tools(row: Example) -> bool:
    return bool(row.tools) or any(turn.role == "tool" or turn.tool_calls for turn in row.messages)


def _only_chats(path: Path) -> None:
    """Say of pairs and feedback that they are, before their rows look like faulty chats."""
    if not path.is_file():
        return
    with path.open(encoding="utf-8", errors="replace") as stream:
        first = stream.readline()
    try:
        row = parse_json(first) if first.strip() else {}
    except ValueError:
        return
    if isinstance(row, dict) and "messages" not in row and row.keys() & {"chosen", "completion"}:
        raise DataError(
            f"{path}: preference pairs or feedback; synth writes chats only",
            next_step="let people judge answers of your own model instead (docs/synthetic-data.md)",
        )
