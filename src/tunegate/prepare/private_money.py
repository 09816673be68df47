"""Account numbers (IBAN) and payment cards in a text, by their check digits and what a country or issuer lets them be."""

import re
from collections.abc import Iterator
from functools import lru_cache

# Spaces of all widths and dashes that people put between groups.
GAP = r"[ \u00a0\u2009\u202f\u2010\u2011\u2013-]"

# What follows the two check digits, a country: n digits, a capital letters, c either; the number is how many.
# Facts of the SWIFT IBAN registry, and after the dash the countries that use IBANs without being in it.
BBAN = dict(
    entry.split(":")
    for entry in ["AD:8n12c", "AE:19n", "AL:8n16c", "AT:16n", "AZ:4a20c", "BA:16n", "BE:12n", "BG:4a6n8c", "BH:4a14c", "BI:23n", "BR:23n1a1c", "BY:4c4n16c", "CH:5n12c", "CR:18n", "CY:8n16c", "CZ:20n", "DE:18n", "DJ:23n", "DK:14n", "DO:4c20n", "EE:16n", "EG:25n", "ES:20n", "FI:14n", "FK:2a12n", "FO:14n", "FR:10n11c2n", "GB:4a14n", "GE:2a16n", "GI:4a15c", "GL:14n", "GR:7n16c", "GT:24c", "HN:4a20n", "HR:17n", "HU:24n", "IE:4a14n", "IL:19n", "IQ:4a15n", "IS:22n", "IT:1a10n12c", "JO:4a4n18c", "KW:4a22c", "KZ:3n13c", "LB:4n20c", "LC:4a24c", "LI:5n12c", "LT:16n", "LU:3n13c", "LV:4a13c", "LY:21n", "MC:10n11c2n", "MD:20c", "ME:18n", "MK:3n10c2n", "MN:16n", "MR:23n", "MT:4a5n18c", "MU:4a19n3a", "NI:4a20n", "NL:4a10n", "NO:11n", "OM:3n16c", "PK:4a16c", "PL:24n", "PS:4a21c", "PT:21n", "QA:4a21c", "RO:4a16c", "RS:18n", "RU:14n15c", "SA:2n18c", "SC:4a20n3a", "SD:14n", "SE:20n", "SI:15n", "SK:20n", "SM:1a10n12c", "SO:19n", "ST:21n", "SV:4a20n", "TL:19n", "TN:20n", "TR:6n16c", "UA:6n19c", "VA:18n", "VG:4a16n", "XK:16n", "YE:4a4n18c", "AO:21n", "BF:2c22n", "BJ:2c22n", "CF:23n", "CG:23n", "CI:2a22n", "CM:23n", "CV:21n", "DZ:22n", "GA:23n", "GQ:23n", "GW:2c19n", "IR:22n", "KM:23n", "MA:24n", "MG:23n", "ML:2c22n", "MZ:21n", "NE:2a22n", "SN:2a22n", "TD:23n", "TG:2a22n"]
)
COUNTRY = re.compile(r"(?<![\]A-Za-z0-9_])([A-Z]{2}|[a-z]{2})[0-9]{2}")
CLASSES = {"n": "[0-9]", "a": "[A-Z]", "c": "[A-Z0-9]"}

CARD = re.compile(
    r"(?<![\]A-Za-z0-9_+])(?<![A-Za-z0-9][.,-])"
    r"(?:[0-9]{13,19}"
    rf"|[0-9]{{4}}({GAP})[0-9]{{4}}\1[0-9]{{4}}\1[0-9]{{1,4}}(?:\1[0-9]{{1,3}})?"
    rf"|[0-9]{{4}}({GAP})[0-9]{{6}}\2[0-9]{{4,5}})"
    r"(?![A-Za-z0-9_\[]|[.,-][0-9])"
)
# Ranges of the first digits (issuer identification, ISO/IEC 7812) and the lengths that an issuer uses.
ISSUERS: tuple[tuple[str, str, tuple[int, ...]], ...] = (
    ("4", "4", (13, 16, 19)),  # Visa
    ("51", "55", (16,)),  # Mastercard
    ("2221", "2720", (16,)),  # Mastercard
    ("34", "34", (15,)),  # American Express
    ("37", "37", (15,)),  # American Express
    ("300", "305", (14, 16, 19)),  # Diners Club
    ("3095", "3095", (14, 16, 19)),  # Diners Club
    ("36", "36", (14, 16, 19)),  # Diners Club
    ("38", "39", (14, 16, 19)),  # Diners Club
    ("6011", "6011", (16, 19)),  # Discover
    ("644", "659", (16, 19)),  # Discover
    ("3528", "3589", (16, 19)),  # JCB
    ("62", "62", (16, 17, 18, 19)),  # UnionPay
    ("81", "81", (16, 17, 18, 19)),  # UnionPay
    ("2200", "2204", (16, 17, 18, 19)),  # Mir
    ("508", "508", (16,)),  # RuPay
    ("60", "60", (16,)),  # RuPay
    ("5018", "5018", tuple(range(13, 20))),  # Maestro
    ("5020", "5020", tuple(range(13, 20))),  # Maestro
    ("5038", "5038", tuple(range(13, 20))),  # Maestro
    ("5893", "5893", tuple(range(13, 20))),  # Maestro
    ("6304", "6304", tuple(range(13, 20))),  # Maestro
    ("6759", "6763", tuple(range(13, 20))),  # Maestro
)
DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)  # twice a digit, its own digits added


def ibans(text: str) -> Iterator[tuple[int, int]]:
    """Spans of IBANs, in one piece or in groups: a country's form (ISO 13616) and check digits (ISO 7064, 97 of 97)."""
    for start in COUNTRY.finditer(text):
        country = start[1].upper()
        if country in BBAN:
            match = _form(country, start[1].islower()).match(text, start.end())
            if match and iban_checks(text[start.start() : match.end()]):
                yield start.start(), match.end()


def iban_checks(said: str) -> bool:
    """Whether the check digits of an IBAN fit the rest: moved to the end, letters as 10 to 35, it leaves 1 over 97."""
    compact = "".join(filter(str.isalnum, said))
    return int("".join(str(int(char, 36)) for char in compact[4:] + compact[:4])) % 97 == 1


def cards(text: str) -> Iterator[tuple[int, int]]:
    """Spans of card numbers of 13 to 19 digits, in one piece or in the groups that cards show."""
    for match in CARD.finditer(text):
        digits = "".join(filter(str.isdigit, match[0]))
        if issued(digits) and luhn(digits):
            yield match.span()


def issued(digits: str) -> bool:
    """Whether a card may begin so and be so long."""
    return any(first <= digits[: len(first)] <= last and len(digits) in sizes for first, last, sizes in ISSUERS)


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812-1, annex B)."""
    values = [int(digit) for digit in reversed(digits)]
    return (sum(values[::2]) + sum(DOUBLED[value] for value in values[1::2])) % 10 == 0


@lru_cache(maxsize=256)
def _form(country: str, lower: bool) -> re.Pattern[str]:  # noqa: FBT001 - a cache key
    parts = re.findall(r"([0-9]+)([nac])", BBAN[country])
    form = "".join(f"(?:{GAP}?{CLASSES[kind]}){{{count}}}" for count, kind in parts)
    return re.compile((form.replace("A-Z", "a-z") if lower else form) + r"(?![A-Za-z0-9_\[])")
