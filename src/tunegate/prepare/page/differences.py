"""Rows of a cluster side by side: which words differ. The first row is held against all others, they against it."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import groupby
from typing import NamedTuple

WORDS = re.compile(r"\w+|\s+|[^\w\s]")
MOST = 300  # words and spaces; comparing takes time with their square


class Piece(NamedTuple):
    """A run of text; `differs`: it is not in the text that it is held against."""

    text: str
    differs: bool


def compare(first: str, others: Sequence[str]) -> list[list[Piece]]:
    """The pieces of the first text, then those of each other; put together they are the texts.

    A word of the first text differs where any other text has not got it there. Texts too long to compare come whole.
    """
    words = [WORDS.findall(text) for text in (first, *others)]
    if max(map(len, words)) > MOST:
        return [[Piece(text, differs=False)] for text in (first, *others)]
    differ, pieces = [False] * len(words[0]), []
    for other in words[1:]:
        marks = [False] * len(other)
        for tag, a, b, c, d in SequenceMatcher(None, words[0], other, autojunk=False).get_opcodes():
            if tag != "equal":
                differ[a:b] = [True] * (b - a)
                marks[c:d] = [True] * (d - c)
        pieces.append(_pieces(other, marks))
    return [_pieces(words[0], differ), *pieces]


def _pieces(words: Sequence[str], marks: Sequence[bool]) -> list[Piece]:
    """Runs of words; a space is marked only between two marked words."""
    around = [False, *marks, False]
    shown = [
        mark and (not word.isspace() or (before and after))
        for word, before, mark, after in zip(words, around, around[1:], around[2:], strict=False)
    ]
    runs = groupby(zip(words, shown, strict=True), key=lambda pair: pair[1])
    return [Piece("".join(word for word, _ in run), differs) for differs, run in runs]
