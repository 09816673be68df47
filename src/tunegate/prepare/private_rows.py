"""Private data in the turns of a chat: what a person or a model said, and what tools were called with."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from tunegate.core.data_settings import PrivateKind
from tunegate.prepare.private import Finder

CARD_DIGITS = 13  # a whole number shorter than that is no card, and no JSON number says that it is a phone


class Scanned(NamedTuple):
    """Findings by kind (none: empty), and the turns masked, as new objects."""

    findings: Counter[PrivateKind]
    messages: list[dict[str, Any]]


def scan_messages(finder: Finder, messages: Sequence[dict[str, Any]]) -> Scanned:
    """Find and mask in the content of canonical turns, and in the arguments of their tool calls.

    In arguments, keys are looked at as well as values, at any depth. A whole number of 13 digits or more becomes a
    string where it is masked. Names of tools and ids of calls stay.
    """
    counts = Counter[PrivateKind]()
    return Scanned(counts, [_turn(finder, message, counts) for message in messages])


def _turn(finder: Finder, message: dict[str, Any], counts: Counter[PrivateKind]) -> dict[str, Any]:
    masked = {**message, "content": _text(finder, message["content"], counts)}
    if message.get("tool_calls"):
        masked["tool_calls"] = [_call(finder, call, counts) for call in message["tool_calls"]]
    return masked


def _call(finder: Finder, call: dict[str, Any], counts: Counter[PrivateKind]) -> dict[str, Any]:
    function = call.get("function")
    if not isinstance(function, dict) or "arguments" not in function:
        return call
    return {**call, "function": {**function, "arguments": _value(finder, function["arguments"], counts)}}


def _value(finder: Finder, value: Any, counts: Counter[PrivateKind]) -> Any:
    if isinstance(value, str):
        return _text(finder, value, counts)
    if isinstance(value, dict):
        masked: dict[str, Any] = {}
        for key, inner in value.items():
            masked[_free(_text(finder, key, counts), masked)] = _value(finder, inner, counts)
        return masked
    if isinstance(value, list | tuple):
        return [_value(finder, inner, counts) for inner in value]
    if isinstance(value, int) and abs(value) >= 10 ** (CARD_DIGITS - 1):
        return _number(finder, value, counts)
    return value


def _text(finder: Finder, text: str, counts: Counter[PrivateKind]) -> str:
    found = finder.find(text)
    if not found:
        return text
    counts.update(finding.kind for finding in found)
    return finder.mask(text, found)


def _number(finder: Finder, value: int, counts: Counter[PrivateKind]) -> int | str:
    said = str(value)
    masked = _text(finder, said, counts)
    return value if masked == said else masked


def _free(key: str, taken: dict[str, Any]) -> str:
    """The key, or with the next number if two keys became the same: no value is lost."""
    if key not in taken:
        return key
    return next(name for name in (f"{key} {number}" for number in range(2, len(taken) + 3)) if name not in taken)
