"""Understand one raw row, whichever format it has: chat, ShareGPT, Alpaca, or two columns of a table.

A row that no format fits raises ValueError with a reason for a person; the caller makes it a reject.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from tunegate.core.settings import Columns

ROLES = {"system": "system", "human": "user", "user": "user", "gpt": "assistant", "assistant": "assistant"}
USUAL = Columns(prompt="text", answer="label")
Turn = tuple[str, str]


class Parsed(NamedTuple):
    """A row understood: its format, its turns (role, text), and what it says about itself."""

    form: str
    turns: list[Turn]
    id: str | None
    family: str | None


def parse(content: Any, columns: Columns | None) -> Parsed:
    """Understand one row. Columns that params.yaml names come before what can be guessed.

    Raises:
        ValueError: no known format; says what was found.
    """
    if not isinstance(content, dict):
        raise ValueError(f"expected an object, found {_kind(content)}")  # noqa: TRY004 - a fault of the row
    if columns and columns.prompt in content:
        return _columns(content, columns)
    for form, key, reader in FORMS:
        if key in content:
            return Parsed(form, reader(content), _word(content.get("id")), _family(content))
    if columns is None and USUAL.prompt in content and USUAL.answer in content:
        return _columns(content, USUAL)
    found = ", ".join(sorted(map(str, content)))[:200] or "nothing"
    wanted = "messages, conversations, instruction or text and label"
    raise ValueError(f"found the keys {found}; expected {wanted}, or what prepare.columns names in params.yaml")


def _columns(content: dict[str, Any], columns: Columns) -> Parsed:
    turns = [("user", _text(content, columns.prompt)), ("assistant", _text(content, columns.answer))]
    family = _word(content.get(columns.family)) if columns.family else _family(content)
    return Parsed("columns", turns, _word(content.get("id")), family)


def _chat(content: dict[str, Any]) -> list[Turn]:
    return _turns(content["messages"], "role", "content")


def _sharegpt(content: dict[str, Any]) -> list[Turn]:
    return _turns(content["conversations"], "from", "value")


def _alpaca(content: dict[str, Any]) -> list[Turn]:
    instruction, extra = _text(content, "instruction"), content.get("input")
    question = f"{instruction}\n\n{_text(content, 'input')}" if extra not in (None, "") else instruction
    return [("user", question), ("assistant", _text(content, "output"))]


FORMS: tuple[tuple[str, str, Callable[[dict[str, Any]], list[Turn]]], ...] = (
    ("chat", "messages", _chat),
    ("sharegpt", "conversations", _sharegpt),
    ("alpaca", "instruction", _alpaca),
)


def _turns(rows: Any, role: str, text: str) -> list[Turn]:
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError(f"expected a list of turns with {role} and {text}")
    return [(_role(row.get(role)), _text(row, text)) for row in rows]


def _role(value: Any) -> str:
    if not isinstance(value, str) or value not in ROLES:
        raise ValueError(f"unknown role {value!s:.40}; expected one of {', '.join(ROLES)}")
    return ROLES[value]


def _text(content: dict[str, Any], key: str) -> str:
    value = content.get(key)
    if not isinstance(value, str):
        raise ValueError(f"{key}: expected text, found {_kind(value)}")  # noqa: TRY004 - a fault of the row
    return value


def _family(content: dict[str, Any]) -> str | None:
    about = content.get("metadata")
    return (_word(about.get("family")) if isinstance(about, dict) else None) or _word(content.get("family"))


def _word(value: Any) -> str | None:
    return str(value).strip() or None if isinstance(value, str | int) else None


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "nothing"}
    return names.get(type(value), "a number")
