"""Payment cards in a text: numbers that an issuer may give (ISO/IEC 7812) and whose check digit fits."""

import re
from collections.abc import Iterator

from tunegate.prepare.private_iban import GAP

CARD = re.compile(
    r"[0-9]{4}(?<![\]A-Za-z0-9_+].{4})(?<![A-Za-z0-9][.,-].{4})"
    r"(?:[0-9]{9,15}"
    rf"|({GAP})[0-9]{{4}}\1[0-9]{{4}}\1[0-9]{{1,4}}(?:\1[0-9]{{1,3}})?"
    rf"|({GAP})[0-9]{{6}}\2[0-9]{{4,5}})"
    r"(?![A-Za-z0-9_\[]|[.,-][0-9])",
    re.DOTALL,
)
# Ranges of the first digits (issuer identification, ISO/IEC 7812) and the lengths that an issuer uses.
ISSUERS: tuple[tuple[str, str, str, range | tuple[int, ...]], ...] = (
    ("Visa", "4", "4", (13, 16, 19)),
    ("Mastercard", "51", "55", (16,)),
    ("Mastercard", "2221", "2720", (16,)),
    ("American Express", "34", "34", (15,)),
    ("American Express", "37", "37", (15,)),
    ("Diners Club", "300", "305", (14, 16, 19)),
    ("Diners Club", "3095", "3095", (14, 16, 19)),
    ("Diners Club", "36", "36", (14, 16, 19)),
    ("Diners Club", "38", "39", (14, 16, 19)),
    ("Discover", "6011", "6011", (16, 19)),
    ("Discover", "644", "659", (16, 19)),
    ("JCB", "3528", "3589", (16, 19)),
    ("UnionPay", "62", "62", range(16, 20)),
    ("UnionPay", "81", "81", range(16, 20)),
    ("Mir", "2200", "2204", range(16, 20)),
    ("RuPay", "508", "508", (16,)),
    ("RuPay", "60", "60", (16,)),
    ("Maestro", "5018", "5018", range(13, 20)),
    ("Maestro", "5020", "5020", range(13, 20)),
    ("Maestro", "5038", "5038", range(13, 20)),
    ("Maestro", "5893", "5893", range(13, 20)),
    ("Maestro", "6304", "6304", range(13, 20)),
    ("Maestro", "6759", "6763", range(13, 20)),
)
DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)  # twice a digit, its own digits added


def cards(text: str) -> Iterator[tuple[int, int]]:
    """Spans of card numbers of 13 to 19 digits, in one piece or in the groups that cards show."""
    for match in CARD.finditer(text):
        digits = "".join(filter(str.isdigit, match[0]))
        if issued(digits) and luhn(digits):
            yield match.span()


def issued(digits: str) -> bool:
    """Whether a card may begin so and be so long."""
    return any(first <= digits[: len(first)] <= last and len(digits) in sizes for _, first, last, sizes in ISSUERS)


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812-1, annex B)."""
    values = [int(digit) for digit in reversed(digits)]
    return (sum(values[::2]) + sum(DOUBLED[value] for value in values[1::2])) % 10 == 0
