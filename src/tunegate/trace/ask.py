"""What is asked, and the query that it makes: by id, by text, or by a place of the raw data."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tunegate.core.errors import DataError, UsageError
from tunegate.core.files import dump_json
from tunegate.trace.places import GENERAL, here
from tunegate.trace.query import Query, ids_of, place_of, said_by, said_by_raw
from tunegate.trace.reading import units
from tunegate.trace.versions import RAW


class Ask(NamedTuple):
    """What is asked: exactly one of a row's id, a text, a place `FILE:LINE` of the raw data; of all adapters or one."""

    row: str = ""
    contains: str = ""
    place: str = ""
    key: str = ""
    ignore_case: bool = False
    fetch: bool = False

    def check(self) -> None:
        """Raises UsageError unless exactly one thing is asked for."""
        if sum(map(bool, (self.row, self.contains, self.place))) != 1:
            raise UsageError(
                "name one row: its id, --contains TEXT, or --row FILE:LINE", next_step="tunegate trace --help"
            )


def what(ask: Ask) -> str:
    """What was asked, without the text: a report on a deletion request should not repeat it."""
    of = f" of {ask.key}" if ask.key else ""
    if ask.contains:
        return f"rows{of} that contain the text"
    return f"row {ask.row or ask.place}{of}"


def query_of(root: Path, ask: Ask, keys: Sequence[str]) -> Query:
    """What to look for.

    Raises:
        UsageError: the place is no `FILE:LINE`.
        DataError: the place is not there.
    """
    if ask.row:
        return Query(ids=frozenset({ask.row}))
    if ask.contains:
        query = Query(ignore_case=ask.ignore_case)
        return query._replace(texts=(query.plain(ask.contains),))
    return _at(root, ask.place, keys)


def _at(root: Path, place: str, keys: Sequence[str]) -> Query:
    """The row at a place of the raw data: its id if it became a row here, and what it says.

    Raises:
        UsageError: no `FILE:LINE`.
        DataError: there is no such file, or no such line in it.
    """
    name, colon, number = place.rpartition(":")
    if not colon or not number.isdecimal():
        raise UsageError(f"--row {place}: expected FILE:LINE", next_step="as in train/chat.jsonl:17")
    folders = [f"{RAW}/{key}" for key in (*keys, GENERAL)]
    files = [(folder, name.removeprefix(f"{folder}/")) for folder in folders]
    there = [(folder, file) for folder, file in files if (root / folder / file).is_file()]
    if len(there) != 1:
        said = f"in {', '.join(folder for folder, _ in there)}" if there else f"in none of {', '.join(folders)}"
        raise DataError(
            f"{name}: {said}", next_step="name one file, as in datasets/KEY/train/chat.jsonl:17, or --key KEY"
        )
    folder, file = there[0]
    query = _built(root, folder.removeprefix(f"{RAW}/"), (file, int(number)), keys)
    return query if query.ids else query._replace(said=query.said | _raw(root / folder / file, int(number)).said)


def _built(root: Path, owner: str, source: tuple[str, int], keys: Sequence[str]) -> Query:
    """The clean or rejected rows of the working tree that came from the place."""
    query = Query()
    for place in here(root, keys if owner == GENERAL else [owner]):
        if place.kind not in {"data", "report"} or not place.file.endswith(".jsonl"):
            continue
        wanted = source
        if owner == GENERAL and place.split != "replay":
            wanted = (f"{GENERAL}/{source[0]}", source[1])
        elif owner != GENERAL and place.split == "replay":
            continue
        with place.open() as stream:
            for unit in units(place.file, stream, lambda line: dump_json(wanted[0]) in line):  # noqa: B023 - used at once
                if place_of(unit.value) == wanted:
                    said = said_by(unit.value, query)
                    query = query._replace(ids=query.ids | set(ids_of(unit.value)), said=query.said | {said})
    return query


def _raw(path: Path, number: int) -> Query:
    with path.open("rb") as stream:
        for unit in units(path.name, stream, lambda _: True):
            if unit.number == number:
                return Query(ids=frozenset(), said=frozenset({said_by_raw(unit.value, Query())}))
    raise DataError(f"{path}: no row at {number}", next_step="count lines from 1 (JSON arrays: positions)")
