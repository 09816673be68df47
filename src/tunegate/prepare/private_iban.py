"""Account numbers (IBAN) in a text: a country's form (ISO 13616) and check digits (ISO 7064, MOD 97-10)."""

import re
from collections.abc import Iterator
from functools import lru_cache

# Spaces of all widths and dashes that people put between groups.
GAP = r"[ \u00a0\u2009\u202f\u2010\u2011\u2013-]"

# What follows the two check digits, a country: n digits, a capital letters, c either; the number is how many.
# Facts of the SWIFT IBAN registry, and of countries that use IBANs without being in it.
REGISTRY = """
AD:8n12c AE:19n AL:8n16c AT:16n AZ:4a20c BA:16n BE:12n BG:4a6n8c BH:4a14c BI:23n BR:23n1a1c BY:4c4n16c CH:5n12c
CR:18n CY:8n16c CZ:20n DE:18n DJ:23n DK:14n DO:4c20n EE:16n EG:25n ES:20n FI:14n FK:2a12n FO:14n FR:10n11c2n
GB:4a14n GE:2a16n GI:4a15c GL:14n GR:7n16c GT:24c HN:4a20n HR:17n HU:24n IE:4a14n IL:19n IQ:4a15n IS:22n
IT:1a10n12c JO:4a4n18c KW:4a22c KZ:3n13c LB:4n20c LC:4a24c LI:5n12c LT:16n LU:3n13c LV:4a13c LY:21n MC:10n11c2n
MD:20c ME:18n MK:3n10c2n MN:16n MR:23n MT:4a5n18c MU:4a19n3a NI:4a20n NL:4a10n NO:11n OM:3n16c PK:4a16c PL:24n
PS:4a21c PT:21n QA:4a21c RO:4a16c RS:18n RU:14n15c SA:2n18c SC:4a20n3a SD:14n SE:20n SI:15n SK:20n SM:1a10n12c
SO:19n ST:21n SV:4a20n TL:19n TN:20n TR:6n16c UA:6n19c VA:18n VG:4a16n XK:16n YE:4a4n18c
"""
UNREGISTERED = """
AO:21n BF:2c22n BJ:2c22n CF:23n CG:23n CI:2a22n CM:23n CV:21n DZ:22n GA:23n GQ:23n GW:2c19n IR:22n KM:23n MA:24n
MG:23n ML:2c22n MZ:21n NE:2a22n SN:2a22n TD:23n TG:2a22n
"""
BBAN = dict(entry.split(":") for entry in (REGISTRY + UNREGISTERED).split())
# The first of the check digits, which the engine looks for fast; the country stands before it.
CHECKED = re.compile(r"[0-9](?<=[A-Za-z]{2}.)(?<![\]A-Za-z0-9_].{3})[0-9]", re.DOTALL)
CLASSES = {"n": "[0-9]", "a": "[A-Z]", "c": "[A-Z0-9]"}


def ibans(text: str) -> Iterator[tuple[int, int]]:
    """Spans of IBANs, in one piece or in groups."""
    for check in CHECKED.finditer(text):
        start = check.start() - 2
        country = text[start : start + 2]
        if country.upper() in BBAN and (country.isupper() or country.islower()):
            match = _form(country).match(text, check.end())
            if match and iban_checks(text[start : match.end()]):
                yield start, match.end()


def iban_checks(said: str) -> bool:
    """Whether the check digits of an IBAN fit the rest: moved to the end, letters as 10 to 35, it leaves 1 over 97."""
    compact = "".join(filter(str.isalnum, said))
    return int("".join(str(int(char, 36)) for char in compact[4:] + compact[:4])) % 97 == 1


@lru_cache(maxsize=256)
def _form(country: str) -> re.Pattern[str]:
    parts = re.findall(r"([0-9]+)([nac])", BBAN[country.upper()])
    form = "".join(f"(?:{GAP}?{CLASSES[kind]}){{{count}}}" for count, kind in parts)
    return re.compile((form.replace("A-Z", "a-z") if country.islower() else form) + r"(?![A-Za-z0-9_\[])")
