"""A JSON file that is one array of rows, cut into its elements without reading it whole.

Only strings and brackets are looked at here: where an element ends. Whether it is JSON is found when it is parsed, so a
broken element costs itself and not the file. A string ends at its line's end at the latest (JSON has no line breaks
in strings), which bounds what a forgotten quote swallows.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from tunegate.core.errors import DataError
from tunegate.prepare.streams import LONGEST

_SPACE = re.compile(rb"[ \t\r\n]*+")
# Possessive throughout: no memory and no time for ways back, whatever the file holds.
_STRING = rb'"[^"\\\x00-\x1f]*+(?:\\[^\x00-\x1f][^"\\\x00-\x1f]*+)*+'
_FREE = rb'[^"\[\]{}]*+(?:' + _STRING + rb'"[^"\[\]{}]*+)*+'  # to a bracket, or a quote without its end
_INSIDE = re.compile(_FREE)
_SCALAR = re.compile(_FREE.replace(rb"{}]", rb"{},]"))  # the same, or a comma
_OPEN = re.compile(_STRING + rb"\\?\Z")  # a string whose end is not in memory yet
_LEVELS = 4  # brackets inside brackets that one look finds the end of (a chat has three)


def _nested(levels: int) -> bytes:
    inner = _FREE
    for _ in range(levels):
        inner = _FREE + rb"(?:[\[{]" + inner + rb"[\]}]" + _FREE + rb")*+"
    return rb"[\[{]" + inner + rb"[\]}]"


_WHOLE = re.compile(_nested(_LEVELS))
ARRAY = "a .json file is one array of rows: [{...}, {...}]; with a row a line, call it .jsonl"


class _Text:
    """What is in memory of the file: `held`, from which `at` is the next byte to look at."""

    def __init__(self, path: Path, blocks: Iterator[bytes]) -> None:
        self.path = path
        self.held = bytearray()
        self.at = 0
        self.gone = 0  # bytes of the file before `held`
        self._blocks = blocks

    def more(self) -> bool:
        """Read on, by as much as is held: a long element is then looked at a few times only."""
        wanted = max(1, len(self.held) - self.at)
        self.gone += self.at
        del self.held[: self.at]
        self.at = 0
        got = 0
        while got < wanted and (block := next(self._blocks, b"")):
            self.held += block
            got += len(block)
        return got > 0

    def peek(self) -> bytes:
        """The next byte that is no space, not taken; nothing at the end."""
        while True:
            self.at = _end(_SPACE, self.held, self.at)
            if self.at < len(self.held):
                return bytes(self.held[self.at : self.at + 1])
            if not self.more():
                return b""

    def fail(self, said: str, next_step: str = "mend the file there") -> DataError:
        """The error for the file, with the place."""
        place = f"at byte {self.gone + self.at + 1}"
        return DataError(f"{self.path}: not valid JSON: {said} {place}", next_step=next_step)


def elements(path: Path, blocks: Iterator[bytes]) -> Iterator[tuple[int, bytes]]:
    """Each element with its position from 1.

    Raises:
        DataError: no array, or its end is missing, or something stands between or after its elements; elements before
            that place are given first.
    """
    text = _Text(path, blocks)
    _begin(text)
    number = 0
    after = text.peek()
    while after != b"]" or number:
        number += 1
        yield number, _element(text, number)
        after = text.peek()
        if after == b"]":
            break
        if after != b",":
            raise text.fail(f"expected , or ] after element {number}" if after else "the array has no end")
        text.at += 1
        text.peek()
    text.at += 1
    if text.peek():
        raise text.fail("something stands after the array")


def _begin(text: _Text) -> None:
    first = text.peek()
    if first == b"[":
        text.at += 1
        return
    if first != b"{":
        raise text.fail("expected an array of rows" if first else "an empty file, expected an array of rows", ARRAY)
    _element(text, 1)
    said = "a row a line, or objects one after the other" if text.peek() == b"{" else "one object"
    raise DataError(f"{text.path}: expected an array of rows, found {said}", next_step=ARRAY)


def _element(text: _Text, number: int) -> bytes:
    """The bytes of the next element; `text.at` stands at its beginning, and is left after its end."""
    if found := _WHOLE.match(text.held, text.at):
        return _taken(text, found.end())
    depth, look = 0, text.at
    while True:
        look = _end(_INSIDE if depth else _SCALAR, text.held, look)
        sign = bytes(text.held[look : look + 1])
        if not sign or (sign == b'"' and _OPEN.match(text.held, look)):
            look -= text.at
            _read_on(text, number)
        elif sign == b'"':
            look += 1
        elif sign in (b"[", b"{"):
            depth += 1
            look += 1
        elif not depth:
            return _taken(text, look)
        else:
            depth -= 1
            look += 1
            if not depth:
                return _taken(text, look)


def _read_on(text: _Text, number: int) -> None:
    if len(text.held) - text.at > LONGEST:
        raise text.fail(f"element {number} has more than {LONGEST >> 20} MB")
    if not text.more():
        raise text.fail(f"the array has no end, element {number} begins")


def _taken(text: _Text, end: int) -> bytes:
    if end == text.at:
        raise text.fail("expected an element")
    taken = bytes(text.held[text.at : end])
    text.at = end
    return taken


def _end(pattern: "re.Pattern[bytes]", held: bytearray, at: int) -> int:
    found = pattern.match(held, at)
    return found.end() if found else at
