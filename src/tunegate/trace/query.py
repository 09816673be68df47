"""What is looked for, and whether one unit of data (a JSON row, a table row, a line of text) holds it."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

LEAST = 12  # characters: a shorter text of a row is no mark of it in a file that has no rows
ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
CONTROL = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
SAYING = ("messages", "prompt", "chosen", "rejected", "completion")


class Said(NamedTuple):
    """What one row says, as marks to find it by where it has no id: the longest line of each side."""

    marks: tuple[str, ...]


class Query(NamedTuple):
    """Rows by id, any unit that holds one of `texts`, or a unit that holds all marks of one of `said`.

    All texts are as `plain` makes them.
    """

    ids: frozenset[str] = frozenset()
    texts: tuple[str, ...] = ()
    said: frozenset[Said] = frozenset()
    ignore_case: bool = False

    def plain(self, text: str) -> str:
        """The form in which texts are compared: Unicode NFC, and case folded where case does not matter."""
        if not text.isascii():
            text = unicodedata.normalize("NFC", text)
        return text.casefold() if self.ignore_case else text

    def words(self) -> Iterator[str]:
        """Texts of which a line must hold one to be worth a closer look."""
        yield from (self.plain(name) for name in self.ids)
        yield from self.texts
        yield from (said.marks[0] for said in self.said if said.marks)

    def holds(self, unit: Any) -> bool:
        """Whether a unit is meant: a JSON value, or a line of text."""
        if isinstance(unit, str):
            return self._text_holds(self.plain(unit))
        if self.ids and any(name in self.ids for name in ids_of(unit)):
            return True
        found = [self.plain(text) for text in strings(unit)]
        if any(text in each for text in self.texts for each in found):
            return True
        return any(all(_marks(mark, found) for mark in said.marks) for said in self.said if said.marks)

    def _text_holds(self, line: str) -> bool:
        if any(text in line for text in self.texts):
            return True
        if any(mark in line for said in self.said for mark in said.marks if len(mark) >= LEAST):
            return True
        return any(re.search(rf'"id"\s*:\s*"{re.escape(self.plain(name))}"', line) for name in self.ids)


def ids_of(unit: Any) -> Iterator[str]:
    """The ids that a row of any of our files, or a raw row, may be known by."""
    if not isinstance(unit, dict):
        return
    inner = unit.get("row"), unit.get("metadata")
    yield from (str(part["id"]) for part in (unit, *inner) if isinstance(part, dict) and part.get("id") is not None)


def place_of(unit: Any) -> tuple[str, int] | None:
    """The raw file and line that a clean, rejected or queued row came from."""
    if not isinstance(unit, dict):
        return None
    source = unit.get("source", unit)
    if isinstance(source, dict) and isinstance(source.get("file"), str) and isinstance(source.get("line"), int):
        return source["file"], source["line"]
    return None


def seeds_of(unit: Any) -> tuple[str, ...]:
    """The ids of the real rows that a synthetic row was derived from."""
    origin = unit.get("origin") if isinstance(unit, dict) else None
    seeds = origin.get("seeds", ()) if isinstance(origin, dict) else ()
    return tuple(str(seed) for seed in seeds) if isinstance(seeds, list) else ()


def _marks(mark: str, texts: Iterable[str]) -> bool:
    """Whether a mark stands in one of the texts; a short one must be a whole line."""
    if len(mark) >= LEAST:
        return any(mark in text for text in texts)
    return any(mark == line.strip() for text in texts for line in text.splitlines())


def said_by(unit: Any, query: Query) -> Said:
    """The marks of a row of ours: the longest line of what the user says, and of the answer. Of anything else: none."""
    row = unit.get("row", unit) if isinstance(unit, dict) else unit
    spoken = [row[name] for name in SAYING if name in row] if isinstance(row, dict) else []
    turns = [turn for part in spoken if isinstance(part, list) for turn in part if isinstance(turn, dict)]
    sides = [[turn.get("content") for turn in turns if turn.get("role") == role] for role in ("user", "assistant")]
    return _said([_longest(side) for side in sides], query)


def said_by_raw(unit: Any, query: Query) -> Said:
    """The marks of a raw row of whatever form: its two longest lines."""
    return _said([_longest([text]) for text in strings(unit)], query)


def _said(marks: Iterable[str], query: Query) -> Said:
    found = sorted({query.plain(mark) for mark in marks if mark}, key=lambda mark: (-len(mark), mark))
    return Said(tuple(found[:2]))


def _longest(texts: Iterable[Any]) -> str:
    lines = (line.strip() for text in texts if isinstance(text, str) for line in text.splitlines())
    return max(lines, key=len, default="")


def strings(unit: Any) -> Iterator[str]:
    """All texts in a JSON value, not its keys; a text that is JSON itself (a broken row, kept) also unescaped."""
    if isinstance(unit, str):
        yield unit
        if "\\" in unit:
            yield unescaped(unit)
    elif isinstance(unit, dict):
        for value in unit.values():
            yield from strings(value)
    elif isinstance(unit, list):
        for value in unit:
            yield from strings(value)
    elif isinstance(unit, int | float) and not isinstance(unit, bool):
        yield str(unit)


def unescaped(text: str) -> str:
    r"""The text with JSON's escapes undone (`\n`, `\"`, `\u00e9`): a text is then found however it was escaped."""
    plain = ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else CONTROL.get(found[2], found[2]), text)
    if plain.isascii():
        return plain
    return plain.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")  # two halves make one character
