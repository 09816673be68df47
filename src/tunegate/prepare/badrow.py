"""The fault of one row, and the words that its reason is made of."""

from typing import Any

from tunegate.prepare.strict import read_json


class BadRow(ValueError):  # noqa: N818 - it is a row, the name a reader looks for
    """A row that is rejected: a code of `codes.CODES`, and a reason for a person."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def kind_of(value: Any) -> str:
    """What a JSON value is, in words."""
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "nothing"}
    return names.get(type(value), "a number")


def unpacked(value: Any) -> Any:
    """A value that may stand as JSON text in its cell (tables have no other way); None if that is not JSON."""
    if not isinstance(value, str):
        return value
    return None if (read := read_json(value.encode("utf-8"))).code else read.content
