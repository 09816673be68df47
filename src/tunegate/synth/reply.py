"""The teacher's text -> rows. The form is strict (docs/synthetic-data.md); what stands around it is not.

A teacher may think aloud first, wrap the JSON in a code fence, or say a word before and after. Nothing is ever run.
"""

import re
from collections.abc import Iterator
from typing import Any

from tunegate.core.files import parse_json

FENCE = re.compile(r"```[a-zA-Z]*[ \t]*\r?\n(.*?)```", re.DOTALL)
THOUGHT = "</think>"


class Unusable(Exception):  # noqa: N818 - a finding about an answer, no error of ours
    """An answer, or a row of it, that cannot be used.

    Args:
        code: a word to count by.
        reason: for a person.
    """

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def rows_of(text: str) -> list[Any]:
    """The rows of an answer, unchecked.

    Raises:
        Unusable: `not_json`, `form` or `no_rows`.
    """
    content = _json(text)
    rows = content.get("rows") if isinstance(content, dict) else content
    if not isinstance(rows, list):
        raise Unusable("form", 'the answer is not {"rows": [...]}')
    if not rows:
        raise Unusable("no_rows", "the answer holds no row")
    return rows


def turns_of_row(row: Any) -> list[tuple[str, str]]:
    """The turns of one row, as (role, text).

    Raises:
        Unusable: `form`, `role_order`, `empty_turn` or `encoding`.
    """
    turns = row.get("messages") if isinstance(row, dict) else None
    if not isinstance(turns, list) or not turns or set(row) != {"messages"}:
        raise Unusable("form", 'the row is not {"messages": [...]}')
    if not all(isinstance(turn, dict) and set(turn) == {"role", "content"} for turn in turns):
        raise Unusable("form", "a turn is not {role, content}")
    if not all(isinstance(turn["content"], str) for turn in turns):
        raise Unusable("form", "the content of a turn is no text")
    expected = ["user", "assistant"] * (len(turns) // 2)
    if [turn["role"] for turn in turns] != expected:
        raise Unusable("role_order", "the turns are not user, assistant, user, assistant, ...")
    for turn in turns:
        _check_text(turn["content"])
    return [(turn["role"], turn["content"]) for turn in turns]


def _check_text(text: str) -> None:
    if not text.strip():
        raise Unusable("empty_turn", "a turn says nothing")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise Unusable("encoding", "half of a surrogate pair") from None


def _json(text: str) -> Any:
    for candidate in _candidates(text.rpartition(THOUGHT)[2].strip()):
        try:
            return parse_json(candidate)
        except ValueError:
            continue
    raise Unusable("not_json", "no JSON in the answer")


def _candidates(text: str) -> Iterator[str]:
    """Where JSON may stand, the likeliest first: the whole, a fence, from the first bracket to the last."""
    yield text
    yield from FENCE.findall(text)
    for first, last in ("{}", "[]"):
        start, end = text.find(first), text.rfind(last)
        if 0 <= start < end:
            yield text[start : end + 1]
