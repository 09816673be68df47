"""The files: rows taken, in `datasets/KEY/synthetic/TEACHER.jsonl`, and the others, in `rejected.jsonl` of the cache.

What was not taken stands outside of `datasets/`: it is no data, and DVC would carry it into every clone.
"""

import re
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from tunegate.core.errors import DataError
from tunegate.core.files import dump_json, parse_json
from tunegate.endpoint.request import Reply, Request
from tunegate.records.base import explain
from tunegate.records.example import Example, Origin, Source
from tunegate.records.review import content_hash
from tunegate.synth.checks import Turns
from tunegate.synth.lines import Lines, whole_lines
from tunegate.synth.seeds import Draw

FOLDER = "synthetic"
REJECTED = "rejected.jsonl"


def file_of(data: Path, teacher: str) -> Path:
    """The file of a teacher's rows: its name, with what no file name should hold replaced."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", teacher).strip(".-") or "teacher"
    return data / FOLDER / f"{name}.jsonl"


def read_rows(path: Path) -> list[Example]:
    """The rows that are in a teacher's file; none if there is no file. A line that a kill cut short does not count.

    Raises:
        DataError: a line is no row (the first such line is named).
    """
    step = "correct or delete the line"
    rows = []
    for number, line in enumerate(whole_lines(path), 1):
        try:
            rows.append(Example.model_validate(parse_json(line)))
        except ValidationError as fault:
            raise DataError(f"{path}:{number}: not an example: {explain(fault)}", next_step=step) from None
        except ValueError as fault:
            raise DataError(f"{path}:{number}: not valid JSON: {fault}", next_step=step) from None
    return rows


def other_rows(path: Path) -> list[Example]:
    """Rows of other teachers, beside `path`. What is no row of ours there is prepare's business."""
    rows = []
    for other in sorted(path.parent.glob("*.jsonl")):
        for line in [] if other == path else whole_lines(other):
            try:
                rows.append(Example.model_validate(parse_json(line)))
            except (ValidationError, ValueError):
                continue
    return rows


def name_of(row: Turns) -> str:
    """The id of a generated row: by its content, so that the same text keeps its id, and its review, in every run."""
    return f"synth-{content_hash([turn.plain() for turn in row])}"


class Asked(NamedTuple):
    """What a reply is an answer to."""

    request: Request
    reply: Reply
    draw: Draw


def example(row: Turns, asked: Asked, licence: str, source: Source) -> Example:
    """The canonical row. Its family is that of the first seed: variations are no independent evidence."""
    request, reply = asked.request, asked.reply
    origin = Origin(
        teacher=request.model,
        revision=request.revision or reply.revision(request.model),
        prompt_hash=request.prompt_hash,
        sampling={**reply.sent, "request": request.number},
        licence=licence,
        seeds=tuple(seed.id for seed in asked.draw),
    )
    return Example(id=name_of(row), family=asked.draw[0].family, source=source, messages=row, origin=origin)


class Rejected:
    """What was not taken, one line each: an answer as a whole (`row` null), or a row of it. Each stands there once."""

    def __init__(self, folder: Path) -> None:
        """Read which ones are there already: a run that goes on sees the same answers again."""
        self.path = folder / REJECTED
        self._lines = Lines(self.path)
        self._there = {_place(parse_json(line)) for line in whole_lines(self.path)}

    def add(self, request: Request, row: int | None, finding: tuple[str, str], content: Any) -> None:
        """Keep one, with `finding`: its code and its reason."""
        code, reason = finding
        entry = {"request": request.key, "number": request.number, "row": row, "code": code, "reason": reason}
        if _place(entry) not in self._there:
            self._there.add(_place(entry))
            self._lines.add([dump_json({**entry, "content": writable(content)}) + "\n"])

    def close(self) -> None:
        """Close the file."""
        self._lines.close()


def writable(content: Any) -> Any:
    """The content as it is, or as text of ASCII where UTF-8 or JSON cannot hold it (half a surrogate pair, 1e999)."""
    try:
        dump_json(content).encode("utf-8")
    except (ValueError, RecursionError):
        return ascii(content)
    return content


def _place(entry: dict[str, Any]) -> tuple[str, int | None, str]:
    return entry["request"], entry["row"], entry["code"]
