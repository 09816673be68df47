"""One row's bytes to a value, strictly: what is returned can be written as JSON in UTF-8, or the fault has a code."""

import json
import math
from collections.abc import Iterator
from typing import Any, NamedTuple

from tunegate.prepare.streams import BOM, LONGEST

DEEPEST = 100  # levels; JSON Schemas of tools have about 20, and Python's own limit depends on who calls
SHOWN = 1_000_000  # characters kept of a row that cannot be read


class Read(NamedTuple):
    """The value, or its text with the code and reason why it is none."""

    content: Any
    code: str = ""
    reason: str = ""


def read_json(raw: bytes) -> Read:
    """Parse the bytes of one row: `encoding`, `json_invalid` or `overlong` where it is not strict JSON."""
    if len(raw) > LONGEST:
        return Read(_text(raw), "overlong", f"more than {LONGEST >> 20} MB in one row")
    try:
        text = raw.removeprefix(BOM).decode("utf-8")
    except UnicodeDecodeError as fault:
        return Read(_text(raw), "encoding", f"not UTF-8: {fault.reason} at byte {fault.start + 1} of the row")
    try:
        content = _DECODER.decode(text)
        if _may_be_deep(raw) and depth(content) > DEEPEST:
            raise RecursionError  # noqa: TRY301 - the same fault, found earlier
    except (ValueError, RecursionError) as fault:
        return Read(_text(raw), "json_invalid", f"not valid JSON: {_said(fault)}")
    if b"\\u" in raw and (reason := unwritable(content)):
        return Read(_text(raw), "encoding", reason)
    return Read(content)


def unwritable(content: Any) -> str:
    """What in the texts of a value no clean file can hold, or nothing."""
    for text in texts(content):
        if "\0" in text:
            return "a NUL character in a text"
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            return "half of a surrogate pair (\\ud800 to \\udfff) in a text"
    return ""


def texts(content: Any) -> Iterator[str]:
    """All texts in a value, keys too; whatever its depth."""
    waiting = [content]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            waiting.extend(value)
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)


def depth(content: Any) -> int:
    """How many lists and objects stand inside each other; stops counting one level after DEEPEST."""
    level, count = [content], 0
    while level := [value for value in level if isinstance(value, list | dict)]:
        count += 1
        if count > DEEPEST:
            break
        level = [part for value in level for part in (value.values() if isinstance(value, dict) else value)]
    return count


def _said(fault: ValueError | RecursionError) -> str:
    if isinstance(fault, RecursionError):
        return f"nested too deep, more than {DEEPEST} levels"
    if isinstance(fault, json.JSONDecodeError):
        return f"{fault.msg} at character {fault.pos + 1} of the row"
    return str(fault)


def _may_be_deep(raw: bytes) -> bool:
    return raw.count(b"{") + raw.count(b"[") > DEEPEST


def _text(raw: bytes) -> str:
    """The beginning of a row that cannot be read, as text that can be written."""
    return raw[: 4 * SHOWN].decode("utf-8", "replace").rstrip()[:SHOWN]


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise ValueError(f"the key {twice[:40]!a} stands twice in one object")
    return found


def _constant(name: str) -> float:
    raise ValueError(f"{name} is not a number")


def _float(text: str) -> float:
    if math.isinf(value := float(text)):
        raise ValueError(f"{text[:40]} is too large a number")
    return value


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant, parse_float=_float)
