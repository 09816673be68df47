"""Read a file of records that is only ever added to, a JSON line each (`web.journal` writes it)."""

from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from tunegate.core.errors import DataError
from tunegate.core.files import parse_json
from tunegate.records.base import Record, explain

Line = TypeVar("Line", bound=Record)


def read_lines(path: Path, kind: type[Line], *, name: str, next_step: str) -> tuple[Line, ...]:
    """All records, oldest first; none if there is no file. A last line that a kill cut short does not count.

    `name` is what a line is called in an error: "a decision".

    Raises:
        DataError: a line is not such a record (the first such line is named).
    """
    if not path.is_file():
        return ()
    whole, _, _unfinished = path.read_bytes().rpartition(b"\n")
    return parse_lines(whole, path, kind, name=name, next_step=next_step)


def parse_lines(content: bytes, path: Path, kind: type[Line], *, name: str, next_step: str) -> tuple[Line, ...]:
    """The records of whole lines; `path` is named in an error.

    Raises:
        DataError: as above.
    """
    found = []
    for number, line in enumerate(content.split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            found.append(kind.model_validate(parse_json(line.decode("utf-8"))))
        except ValidationError as fault:
            raise DataError(f"{path}:{number}: not {name}: {explain(fault)}", next_step=next_step) from None
        except ValueError as fault:
            raise DataError(f"{path}:{number}: not valid JSON: {fault}", next_step=next_step) from None
    return tuple(found)
