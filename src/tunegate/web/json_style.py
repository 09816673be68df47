"""JSON answers are shown with indentation and stored in the style they had: a model learns the spaces, too."""

import json
from typing import Any, NamedTuple

from tunegate.core.files import parse_json

INDENT = 2


class Style(NamedTuple):
    """How a JSON text was written."""

    indent: int | None
    comma: str
    colon: str
    ascii_only: bool

    def write(self, value: Any) -> str:
        """`value` in this style; keys keep their order."""
        separators = (self.comma, self.colon)
        return json.dumps(
            value, indent=self.indent, separators=separators, ensure_ascii=self.ascii_only, allow_nan=False
        )


LAYOUTS: tuple[tuple[int | None, str, str], ...] = (
    (None, ", ", ": "),
    (None, ",", ":"),
    (2, ",", ": "),
    (4, ",", ": "),
    (None, ", ", ":"),
    (None, ",", ": "),
)
STYLES = tuple(Style(indent, comma, colon, only) for only in (False, True) for indent, comma, colon in LAYOUTS)


def style_of(text: str) -> Style | None:
    """The style of a JSON object or array; None for other texts, and where no style would give the same text again."""
    if text[:1] not in {"{", "["}:
        return None
    try:
        value = parse_json(text)
        return next((style for style in STYLES if style.write(value) == text), None)
    except (ValueError, RecursionError):
        return None


def shown(text: str) -> str:
    """The text as a person reads it: indented, if it is JSON that can be had back exactly."""
    if style_of(text) is None:
        return text
    return json.dumps(parse_json(text), indent=INDENT, ensure_ascii=False)


def stored(original: str, typed: str) -> str:
    """What to store when a person typed `typed` into a field that showed `original`: the original where nothing was
    changed, JSON in the original's style, and line ends as the original had them.
    """
    unix = typed.replace("\r\n", "\n")
    if unix == shown(original).replace("\r\n", "\n").replace("\r", "\n"):
        return original
    style = style_of(original)
    if style is not None:
        try:
            value = parse_json(typed)
            return style.write(value)
        except (ValueError, RecursionError):
            return unix  # no JSON any more: the rules for answers say so where there are any
    only_windows = "\r\n" in original and "\n" not in original.replace("\r\n", "")
    return unix.replace("\n", "\r\n") if only_windows else unix
