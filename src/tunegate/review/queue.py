"""The rows to review, in order. Only where they stand is kept in memory; a row is read when somebody looks at it."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Literal, NamedTuple

from pydantic import ValidationError

from tunegate.core.errors import DataError
from tunegate.core.files import parse_json
from tunegate.records.base import explain
from tunegate.records.example import Origin
from tunegate.records.review_queue import QueuedRow, queue_path

Rows = Literal["default", "required", "synthetic", "sample", "all"]
NEXT_STEP = "run `dvc repro prepare`; it writes this file"


class Entry(NamedTuple):
    """Where one row stands in the file, and what decisions know it by."""

    id: str
    content: str
    offset: int
    length: int


class Queue:
    """The rows of one adapter that are in scope, numbered from 0."""

    def __init__(self, path: Path, rows: Rows, folder: Path) -> None:
        """Read the queue at `path`.

        Args:
            path: the file that `prepare` wrote.
            rows: which of them: `synthetic`, `sample`, `all` in the file's order; `default`: synthetic ones, then the
                sample; `required`: as `default`, then all others.
            folder: the adapter's folder, `datasets/KEY`: where synthetic rows came from stands there.

        Raises:
            DataError: no file, or a line of it is not a row (the first such line is named).
        """
        self.path = path
        self.entries = _in_scope(path, rows)
        self.places = {(entry.id, entry.content): n for n, entry in enumerate(self.entries)}
        self._file = path.open("rb")
        self._folder = folder

    def __len__(self) -> int:
        return len(self.entries)

    def read(self, number: int) -> QueuedRow:
        """One row; of a synthetic one with its origin, if its file still has it."""
        entry = self.entries[number]
        row = QueuedRow.model_validate_json(_at(self._file, entry))
        if row.synthetic and row.origin is None:
            return row.model_copy(update={"origin": _origin(self._folder / row.file, row.line)})
        return row

    def lines(self, numbers: Iterator[int]) -> Iterator[tuple[int, dict[str, object]]]:
        """The rows of these numbers as they stand in the file, for searching."""
        for number in numbers:
            yield number, json.loads(_at(self._file, self.entries[number]))

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def open_queue(root: Path, key: str, rows: Rows) -> Queue:
    """The queue of adapter `key`.

    Raises:
        DataError: as for `Queue`, or no row is in scope.
    """
    queue = Queue(queue_path(root, key), rows, root / "datasets" / key)
    if not len(queue):
        wanted = "synthetic or sampled rows" if rows == "default" else f"rows ({rows})"
        queue.close()
        raise DataError(f"{queue.path}: no {wanted} to review", next_step="try `--rows all`, or `tunegate synth` first")
    return queue


def _at(file: BinaryIO, entry: Entry) -> bytes:
    return os.pread(file.fileno(), entry.length, entry.offset)  # leaves no position behind: threads share the file


def _in_scope(path: Path, rows: Rows) -> list[Entry]:
    ranked = [(rank, entry) for entry, row in scan(path) if (rank := _rank(row, rows)) is not None]
    ranked.sort(key=lambda pair: pair[0])  # stable: within a rank the order of the file
    return list({(entry.id, entry.content): entry for _, entry in ranked}.values())


def _rank(row: QueuedRow, rows: Rows) -> int | None:
    """Where a row comes in the order of work; None: not in scope."""
    if rows in {"default", "required"} and (row.synthetic or row.sampled):
        return 0 if row.synthetic else 1
    whole = rows in {"all", "required"} or (rows == "synthetic" and row.synthetic) or (rows == "sample" and row.sampled)
    return 2 if whole else None


def scan(path: Path) -> Iterator[tuple[Entry, QueuedRow]]:
    """Every row of a queue and where it stands.

    Raises:
        DataError: no file, or a line of it is not a row (the first such line is named).
    """
    if not path.is_file():
        raise DataError(f"{path}: no such file", next_step=NEXT_STEP)
    offset = 0
    with path.open("rb") as stream:
        for number, line in enumerate(stream, 1):
            if line.strip():
                try:
                    row = QueuedRow.model_validate_json(line)
                except ValidationError as fault:
                    raise DataError(
                        f"{path}:{number}: not a row to review: {explain(fault)}", next_step=NEXT_STEP
                    ) from None
                yield Entry(row.id, row.content, offset, len(line)), row
            offset += len(line)


def _origin(path: Path, line: int) -> Origin | None:
    """The origin in line `line` of a file of synthetic rows; None if it is not there any more."""
    try:
        with path.open("rb") as stream:
            text = next((text for number, text in enumerate(stream, 1) if number == line), b"")
        return Origin.model_validate(parse_json(text.decode("utf-8"))["origin"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
