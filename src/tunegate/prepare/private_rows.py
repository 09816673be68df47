"""Private data in the turns of a row: in what is said and in the arguments of tool calls."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from tunegate.prepare.private import Finder


class Scanned(NamedTuple):
    """How many findings of each kind, and the turns with all of them masked."""

    findings: Counter[str]
    messages: list[dict[str, Any]]


def scan_messages(finder: Finder, messages: Sequence[dict[str, Any]]) -> Scanned:
    """Look through turns in the form of `records.example.Message`; the turns that came in are left as they are."""
    findings: Counter[str] = Counter()
    return Scanned(findings, [_masked(finder, turn, findings) for turn in messages])


def _masked(finder: Finder, turn: dict[str, Any], findings: Counter[str]) -> dict[str, Any]:
    said = {**turn, "content": _value(finder, turn["content"], findings)}
    if "tool_calls" in turn:
        said["tool_calls"] = _value(finder, turn["tool_calls"], findings)
    return said


def _value(finder: Finder, value: Any, findings: Counter[str]) -> Any:
    if isinstance(value, str):
        found = finder.find(value)
        findings.update(one.kind for one in found)
        return finder.mask(value, found) if found else value
    if isinstance(value, dict):
        return {key: _value(finder, part, findings) for key, part in value.items()}
    return [_value(finder, part, findings) for part in value] if isinstance(value, list | tuple) else value
