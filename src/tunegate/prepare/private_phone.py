"""Phone numbers in a text: a shape finds candidates, the `phonenumbers` library says which of them a country can have.

Numbers that regulators keep free for fiction are not valid in many plans, and so are not found there.
"""

import re
from collections.abc import Iterator

# Each begins with a class, which the engine looks for fast; what may not stand before it comes after.
INTERNATIONAL = re.compile(
    r"[+\uff0b](?<![\]A-Za-z\d_+\uff0b=].)(?:[\s().\u00a0\u2010-\u2013/-]{0,3}\d){7,16}(?![A-Za-z\d_\[])"
)
NATIONAL = re.compile(
    r"[(\d](?:(?<=[A-Za-z]\()|(?<![\]A-Za-z\d_+\uff0b.,:/$\u20ac\u00a3=-].)(?<![\d)][ \u00a0].))"
    r"(?:[\s().\u00a0\u2010-\u2013/-]{0,2}\d){6,14}(?![A-Za-z\d_\[]|[.,:/-]\d|%)"
)
GROUPS = re.compile(r"\d++")
# A number in one piece is a phone's only where something says so.
SAID = re.compile(
    r"(?:\b(?:phone|tele?|telefon|telephone|telefono|tel\u00e9fono|t\u00e9l|mobile?|cell|handy|fax|whatsapp|sms|call|dial|ring|rufnummer|"
    r"hotline|portable|m\u00f3vil|celular)\b)[^\d\[\]]{0,20}$",
    re.IGNORECASE,
)
SAID_REACH = 36
DATE = re.compile(r"\(?(?:\d{4}[-./]\d\d?[-./]\d\d?|\d\d?[-./]\d\d?[-./]\d{4})\b")
DECIMAL = re.compile(r"\d++\.\d++$")
EXTENSION = 16  # characters after a candidate in which the library looks for "ext. 12"


def phones(text: str, region: str | None) -> Iterator[tuple[int, int]]:
    """Spans of numbers in international form; with a `region` (like DE) also of those as people there write them."""
    if "+" in text or "\uff0b" in text:
        for match in INTERNATIONAL.finditer(text):
            yield from _valid(text, match.span(), None)
    if region is None:
        return
    for match in NATIONAL.finditer(text):
        if SAID.search(text, max(0, match.start() - SAID_REACH), match.start()):
            yield from _valid(text, match.span(), region)
        elif _grouped_like_a_phone(match[0]):
            yield from _national(text, match, region)


def _grouped_like_a_phone(said: str) -> bool:
    """In two groups or more, of two digits or more on average, points between all or none; no date, no decimal."""
    groups = GROUPS.findall(said)
    pointed = "." in said and not set(said) <= set("0123456789.")
    return (
        len(groups) > 1
        and sum(map(len, groups)) >= 2 * len(groups)
        and not (pointed or DATE.match(said) or DECIMAL.match(said))
    )


def _national(text: str, match: re.Match[str], region: str) -> Iterator[tuple[int, int]]:
    """Where numbers begin with a 0, it must be there, and groups are free; elsewhere groups must be the usual ones."""
    from phonenumbers import Leniency, ndd_prefix_for_region

    if ndd_prefix_for_region(region, True) != "0":
        yield from _valid(text, match.span(), region, Leniency.STRICT_GROUPING)
    elif match[0].lstrip("(").startswith("0"):
        yield from _valid(text, match.span(), region)


def _valid(
    text: str, span: tuple[int, int], region: str | None, leniency: int | None = None
) -> Iterator[tuple[int, int]]:
    """The span, with an extension if one follows, if the region's plan has such a number."""
    from phonenumbers import Leniency, PhoneNumberMatcher

    start, end = span
    strict = Leniency.VALID if leniency is None else leniency
    for found in PhoneNumberMatcher(text[start : end + EXTENSION], region, leniency=strict):
        if found.start <= 1 and found.end >= end - start:
            yield start + found.start, start + found.end
        return
