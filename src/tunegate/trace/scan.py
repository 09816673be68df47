"""Search one file: which of its units are meant, and which synthetic rows stand in it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, BinaryIO, NamedTuple

from tunegate.core.errors import DataError
from tunegate.trace.query import Query, Said, ids_of, place_of, said_by, seeds_of, unescaped
from tunegate.trace.reading import Unit, Worth, units

SAFE = re.compile(r"[A-Za-z0-9 .,:;!?@_()*#%$=-]+")  # what no writer of JSON escapes
SEEDS = '"seeds"'


class Hit(NamedTuple):
    """A unit that is meant: its number, the ids it is known by, the raw file and line that it came from if it says so,
    and of a review the verdict and the reviewer.
    """

    number: int
    ids: tuple[str, ...]
    source: tuple[str, int] | None = None
    review: str = ""


class Synthetic(NamedTuple):
    """A synthetic row: its number, its id, and the ids of the real rows that it was derived from."""

    number: int
    id: str
    seeds: tuple[str, ...]


@dataclass
class Scan:
    """What one file holds. `fault`: why it could not be searched to its end."""

    hits: list[Hit] = field(default_factory=list)
    synthetic: list[Synthetic] = field(default_factory=list)
    said: set[Said] = field(default_factory=set)
    fault: str = ""


def scan(name: str, stream: BinaryIO, query: Query) -> Scan:
    """Search the file `name`, whose bytes are `stream`."""
    found = Scan()
    try:
        for unit in units(name, stream, worth(query)):
            if query.holds(unit.value):
                found.hits.append(_hit(unit))
                found.said.add(said_by(unit.value, query))  # one Said without marks at most
            if seeds := seeds_of(unit.value):
                found.synthetic.append(Synthetic(unit.number, next(iter(ids_of(unit.value)), ""), seeds))
    except DataError as fault:
        found.fault = fault.message
    return found


def worth(query: Query) -> Worth:
    """A quick look at a line of JSON: without one of these words it cannot hold what is looked for.

    A word is the longest part of a text that stands in JSON as it is; for a text without one every line is worth it.
    """
    words = [max(SAFE.findall(text), key=len, default="") for text in query.words()]

    def look(line: str) -> bool:
        # Some letters that are not ASCII, and may stand there escaped, become ASCII when texts are compared.
        plain = query.plain(unescaped(line) if "\\u" in line else line)
        return any(word in plain for word in words) or SEEDS in line

    return look


def _hit(unit: Unit) -> Hit:
    ids = tuple(dict.fromkeys(ids_of(unit.value)))
    return Hit(unit.number, ids, place_of(unit.value), _review(unit.value))


def _review(value: Any) -> str:
    if isinstance(value, dict) and "verdict" in value and "reviewer" in value:
        return f"{value['verdict']} by {value['reviewer']}"
    return ""


def derived(synthetic: Iterable[Synthetic], ids: frozenset[str]) -> list[Synthetic]:
    """The synthetic rows that were derived from one of the rows `ids`."""
    return [row for row in synthetic if ids & set(row.seeds)]
