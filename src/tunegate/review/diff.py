"""What an edit changed, word by word."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

WORDS = re.compile(r"\w+|\s+|.", re.DOTALL)
LINES = re.compile(r"[^\n]*\n|[^\n]+")
WORK_LIMIT = 4_000_000  # pairs of pieces compared; above it by lines, above that as a whole


class Piece(NamedTuple):
    """A run of text that is in both texts, only in the old one, or only in the new one."""

    kind: Literal["same", "gone", "new"]
    text: str


def pieces(old: str, new: str) -> list[Piece]:
    """The two texts as one list: all but `new` joined is `old`, all but `gone` joined is `new`."""
    if old == new:
        return [Piece("same", old)] if old else []
    for pattern in (WORDS, LINES):
        before, after = pattern.findall(old), pattern.findall(new)
        head = _shared(before, after)
        tail = _shared(before[head:][::-1], after[head:][::-1])
        middle = before[head : len(before) - tail], after[head : len(after) - tail]
        if len(middle[0]) * len(middle[1]) <= WORK_LIMIT:
            ends = "".join(before[:head]), "".join(before[len(before) - tail :])
            return (
                [Piece("same", ends[0])] * bool(ends[0]) + _compared(*middle) + [Piece("same", ends[1])] * bool(ends[1])
            )
    return [Piece("gone", old)] * bool(old) + [Piece("new", new)] * bool(new)


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    """How many pieces at the start are the same."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _compared(before: list[str], after: list[str]) -> list[Piece]:
    found: list[Piece] = []
    for what, a, b, c, d in SequenceMatcher(None, before, after, autojunk=len(before) > 1000).get_opcodes():
        if what == "equal":
            found.append(Piece("same", "".join(before[a:b])))
            continue
        if b > a:
            found.append(Piece("gone", "".join(before[a:b])))
        if d > c:
            found.append(Piece("new", "".join(after[c:d])))
    return found
