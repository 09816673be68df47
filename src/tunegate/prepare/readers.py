"""Read raw files into rows: JSONL, a JSON array, CSV and TSV. A line that cannot be read becomes a row with a code."""

import csv
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tunegate.core.errors import DataError
from tunegate.core.files import parse_json

SUFFIXES = (".jsonl", ".json", ".csv", ".tsv")
SAVE_UTF8 = "save the file as UTF-8"


class RawRow(NamedTuple):
    """One raw row: where it stands, its content, and the code and reason if it could not be read."""

    file: str
    line: int
    content: Any
    code: str = ""
    reason: str = ""


def data_files(folder: Path) -> list[Path]:
    """The data files of a split, also in sub-folders, in a fixed order; hidden files and Markdown are no data.

    Raises:
        DataError: the folder is missing, has no data files, or has files of a kind that is not read.
    """
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder", next_step=f"put {', '.join(SUFFIXES)} files there (docs/data.md)")
    inside = sorted(path for path in folder.rglob("*") if path.is_file())
    files = [path for path in inside if not path.name.startswith(".") and path.suffix != ".md"]
    if other := [f"{path}: not a kind of file that is read" for path in files if path.suffix not in SUFFIXES]:
        raise DataError("\n".join(other), next_step=f"convert to one of {', '.join(SUFFIXES)}, or move it away")
    if not files:
        raise DataError(f"{folder}: has no data files", next_step=f"put {', '.join(SUFFIXES)} files there")
    return files


def read_rows(path: Path, name: str) -> Iterator[RawRow]:
    """Yield the rows of one file, `name` being how the report calls it.

    Raises:
        DataError: the file as a whole cannot be read (not UTF-8, a JSON file that is no array, a broken table).
    """
    reader = {".jsonl": _lines, ".json": _array}.get(path.suffix, _table)
    return reader(path, name)


def _lines(path: Path, name: str) -> Iterator[RawRow]:
    with path.open("rb") as stream:
        for number, raw in enumerate(stream, 1):
            if not raw.strip():
                continue
            try:
                row = RawRow(name, number, parse_json(raw.decode("utf-8-sig").rstrip()))
                yield _whole(row) if b"\\u" in raw else row
            except UnicodeDecodeError as fault:
                yield RawRow(name, number, raw.decode("utf-8", "replace"), "encoding", f"not UTF-8: {fault.reason}")
            except ValueError as fault:
                yield RawRow(name, number, raw.decode("utf-8").rstrip(), "json_invalid", f"not valid JSON: {fault}")


def _array(path: Path, name: str) -> Iterator[RawRow]:
    try:
        content = parse_json(_read(path))
    except ValueError as fault:
        raise DataError(
            f"{path}: not valid JSON: {fault}",
            next_step="a .json file is one array of rows; with a row a line, call it .jsonl",
        ) from None
    if not isinstance(content, list):
        raise DataError(f"{path}: expected an array of rows", next_step="put the rows into [...], or use .jsonl")
    for number, row in enumerate(content, 1):
        yield _whole(RawRow(name, number, row))


def _whole(row: RawRow) -> RawRow:
    """The row, or with code `encoding` if it holds half of a surrogate pair, which no file can hold as UTF-8."""
    try:
        json.dumps(row.content, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        ascii_only = json.dumps(row.content)
        return row._replace(content=ascii_only, code="encoding", reason="half of a surrogate pair (\\ud800 to \\udfff)")
    except RecursionError:
        return row._replace(content="", code="json_invalid", reason="not valid JSON: nested too deep")
    return row


def _table(path: Path, name: str) -> Iterator[RawRow]:
    csv.field_size_limit(sys.maxsize)
    stream = io.StringIO(_read(path), newline="")
    reader = csv.reader(stream, delimiter="\t" if path.suffix == ".tsv" else ",", strict=True)
    header, start = None, 1
    try:
        for cells in reader:
            if cells and header is None:
                header = _header(path, cells)
            elif cells and header:
                yield _cells(name, start, header, cells)
            start = reader.line_num + 1
    except csv.Error as fault:
        raise DataError(
            f"{path}:{start}: not a readable table: {fault}",
            next_step="mend the quotes there: a field with a quote is quoted, its quotes are doubled",
        ) from None


def _header(path: Path, cells: list[str]) -> list[str]:
    if len(set(cells)) != len(cells) or "" in cells:
        raise DataError(f"{path}: the header must name each column once, found {cells}", next_step="mend line 1")
    return cells


def _cells(name: str, line: int, header: list[str], cells: list[str]) -> RawRow:
    if len(cells) != len(header):
        reason = f"found {len(cells)} columns, expected {len(header)}: {', '.join(header)}"
        return RawRow(name, line, cells, "format_unknown", reason)
    return RawRow(name, line, dict(zip(header, cells, strict=True)))


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise DataError(f"{path}: not UTF-8: {fault.reason} at byte {fault.start}", next_step=SAVE_UTF8) from None
