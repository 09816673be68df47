"""Read raw files into rows: chat, Alpaca, ShareGPT (JSONL or a JSON array) and CSV/TSV with named columns."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tunegate.core.errors import DataError
from tunegate.core.files import parse_json
from tunegate.core.settings import Columns

SUFFIXES = (".jsonl", ".json", ".csv", ".tsv")
ROLES = {"system": "system", "human": "user", "user": "user", "gpt": "assistant", "assistant": "assistant"}
Turn = tuple[str, str]


class RawRow(NamedTuple):
    """One raw row: where it stands, its content, and the code and reason if it could not be read."""

    file: str
    line: int
    content: Any
    code: str = ""
    reason: str = ""


class Parsed(NamedTuple):
    """A row understood: its format, its turns (role, text), and what it says about itself."""

    form: str
    turns: list[Turn]
    id: str | None
    family: str | None


def read_rows(path: Path, name: str) -> Iterator[RawRow]:
    """Yield the rows of one file; a line that is no JSON or no UTF-8 comes with its code.

    Raises:
        DataError: the file as a whole cannot be read (a JSON file that is no array, an unknown ending).
    """
    if path.suffix in {".csv", ".tsv"}:
        yield from _table(path, name)
    elif path.suffix == ".json":
        yield from _array(path, name)
    elif path.suffix == ".jsonl":
        yield from _lines(path, name)
    else:
        raise DataError(f"{path}: unknown kind of file", next_step=f"use one of {', '.join(SUFFIXES)}")


def _lines(path: Path, name: str) -> Iterator[RawRow]:
    with path.open("rb") as stream:
        for number, raw in enumerate(stream, 1):
            if not raw.strip():
                continue
            try:
                yield RawRow(name, number, parse_json(raw.decode("utf-8-sig")))
            except UnicodeDecodeError as fault:
                yield RawRow(name, number, raw.decode("utf-8", "replace"), "encoding", f"not UTF-8: {fault.reason}")
            except ValueError as fault:
                yield RawRow(name, number, raw.decode("utf-8").rstrip(), "json_invalid", f"not valid JSON: {fault}")


def _array(path: Path, name: str) -> Iterator[RawRow]:
    try:
        content = parse_json(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as fault:
        raise DataError(f"{path}: not UTF-8: {fault.reason}", next_step="save the file as UTF-8") from None
    except ValueError as fault:
        raise DataError(f"{path}: not valid JSON: {fault}", next_step="a .json file is one array of rows") from None
    if not isinstance(content, list):
        raise DataError(f"{path}: expected an array of rows", next_step="put the rows into [...], or use .jsonl")
    for number, row in enumerate(content, 1):
        yield RawRow(name, number, row)


def _table(path: Path, name: str) -> Iterator[RawRow]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as fault:
        raise DataError(f"{path}: not UTF-8: {fault.reason}", next_step="save the file as UTF-8") from None
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter="\t" if path.suffix == ".tsv" else ",")
    for row in reader:
        whole = None not in row and None not in row.values()
        fault = ("", "") if whole else ("columns", f"expected {len(reader.fieldnames or [])} columns")
        yield RawRow(name, reader.line_num, {str(key): value for key, value in row.items()}, *fault)


def parse(content: Any, columns: Columns | None) -> Parsed:
    """Understand one row, whichever format it has.

    Raises:
        ValueError: no known format; says what was found.
    """
    if not isinstance(content, dict):
        raise ValueError(f"expected an object, found {type(content).__name__}")  # noqa: TRY004 - a fault of the row
    for form, key, reader in FORMS:
        if key in content:
            return Parsed(form, reader(content), _word(content.get("id")), _family(content))
    if columns and columns.prompt in content and columns.answer in content:
        turns = [("user", _text(content[columns.prompt])), ("assistant", _text(content[columns.answer]))]
        family = _word(content.get(columns.family)) if columns.family else None
        return Parsed("columns", turns, _word(content.get("id")), family)
    found = ", ".join(sorted(map(str, content))) or "nothing"
    raise ValueError(f"found the keys {found}; expected messages, conversations, instruction, or prepare.columns")


def _family(content: dict[str, Any]) -> str | None:
    about = content.get("metadata")
    return _word(about.get("family") if isinstance(about, dict) else content.get("family"))


def _word(value: Any) -> str | None:
    return str(value) if isinstance(value, str | int) and str(value) else None


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"expected text, found {json.dumps(value)[:80]}")  # noqa: TRY004 - a fault of the row
    return value


def _chat(content: dict[str, Any]) -> list[Turn]:
    return _turns(content["messages"], "role", "content")


def _sharegpt(content: dict[str, Any]) -> list[Turn]:
    return _turns(content["conversations"], "from", "value")


def _turns(rows: Any, role: str, text: str) -> list[Turn]:
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError("expected a list of turns")
    found = []
    for row in rows:
        if row.get(role) not in ROLES:
            raise ValueError(f"unknown role {row.get(role)!r}; expected one of {', '.join(ROLES)}")
        found.append((ROLES[row[role]], _text(row.get(text))))
    return found


def _alpaca(content: dict[str, Any]) -> list[Turn]:
    instruction, extra = _text(content["instruction"]), _text(content.get("input", "") or "")
    question = f"{instruction}\n\n{extra}" if extra.strip() else instruction
    return [("user", question), ("assistant", _text(content.get("output")))]


FORMS: tuple[tuple[str, str, Callable[[dict[str, Any]], list[Turn]]], ...] = (
    ("chat", "messages", _chat),
    ("sharegpt", "conversations", _sharegpt),
    ("alpaca", "instruction", _alpaca),
)
