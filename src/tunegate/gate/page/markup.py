"""HTML that cannot be broken by what stands in it: everything is escaped but what is `Markup` already.

Jinja would do the same; the light install, which renders this page too, is without it.
"""

import html
import unicodedata
from collections.abc import Iterable


class Markup(str):
    """Text that is HTML."""

    __slots__ = ()


def fill(pattern: str, *values: object) -> Markup:
    """`pattern` is HTML of ours with a `{}` for each value; values that are no Markup are escaped."""
    return Markup(pattern.format(*(value if isinstance(value, Markup) else escape(str(value)) for value in values)))


def joined(parts: Iterable[Markup]) -> Markup:
    """One after the other."""
    return Markup("".join(parts))


def escape(text: str) -> Markup:
    """Text as text, also within an attribute; signs that nobody sees or that turn its direction are named."""
    return Markup(html.escape("".join(map(_seen, text.replace("\r\n", "\n"))), quote=True))


def _seen(sign: str) -> str:
    if sign in "\n\t":
        return sign
    hidden = unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Cn"}
    return f"[U+{ord(sign):04X}]" if hidden else sign
