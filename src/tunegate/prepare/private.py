"""Private data and secrets in the text of rows: where they stand, and the text without them.

Each kind has a detector, a function from a text to spans, in a `private_*.py` beside this file. All of them are
regular expressions whose every repetition is bounded or possessive, so that their time grows linearly with the text,
whatever it says; what a shape alone cannot tell (check digits, numbering plans, reserved addresses, entropy) is
decided in code. What counts as private, what does not, and how well this works: docs/decisions/0009-private-data.md.
"""

from bisect import bisect
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from tunegate.core.data_settings import Private, PrivateKind
from tunegate.prepare.glance import has_digit
from tunegate.prepare.private_address import emails, ips
from tunegate.prepare.private_card import cards
from tunegate.prepare.private_iban import ibans
from tunegate.prepare.private_phone import phones
from tunegate.prepare.private_secret import secrets

# Of two findings of one length in one place, the kind that names it more surely.
ORDER: tuple[PrivateKind, ...] = ("secret", "iban", "card", "email", "ip", "phone")
WITHOUT_DIGITS: tuple[PrivateKind, ...] = ("email", "phone", "secret")  # (a phone number may be in Arabic digits)
PASSES = 8  # each pass finds what the one before left around its findings; ordinary text needs one or two


class Finding(NamedTuple):
    """One place: `text[start:end]` is of this kind."""

    kind: PrivateKind
    start: int
    end: int


class Finder:
    """Finds the kinds that the settings name. Holds nothing but them, so it is cheap to build or pickle in a worker."""

    def __init__(self, settings: Private) -> None:
        self._settings = settings
        self._without_digits = tuple(kind for kind in settings.kinds if kind in WITHOUT_DIGITS)

    def find(self, text: str) -> list[Finding]:
        """All findings, sorted, none overlapping another; of overlapping ones the longest."""
        found = new = self._pass(text)
        for _ in range(PASSES):
            if not new:
                break
            text = _blank(text, new)
            new = self._pass(text)
            found = sorted(found + new, key=_place)
        return found

    def mask(self, text: str, findings: Iterable[Finding]) -> str:
        """The text with each finding (as `find` gives them for this text) replaced by its kind: [EMAIL], [CARD]..."""
        parts, end = [], 0
        for finding in findings:
            parts += [text[end : finding.start], f"[{finding.kind.upper()}]"]
            end = finding.end
        return "".join([*parts, text[end:]])

    def _pass(self, text: str) -> list[Finding]:
        kinds = self._settings.kinds if has_digit(text) else self._without_digits
        found = [Finding(kind, *span) for kind in kinds for span in self._spans(kind, text)]
        return _apart(found) if len(found) > 1 else found

    def _spans(self, kind: PrivateKind, text: str) -> Iterable[tuple[int, int]]:
        if kind == "phone":
            return phones(text, self._settings.region)
        return DETECTORS[kind](text)


DETECTORS: dict[PrivateKind, Callable[[str], Iterator[tuple[int, int]]]] = {
    "email": emails,
    "iban": ibans,
    "card": cards,
    "ip": ips,
    "secret": secrets,
}


def _place(finding: Finding) -> int:
    return finding.start


def _apart(found: list[Finding]) -> list[Finding]:
    """The longest of those that overlap."""
    taken: list[Finding] = []
    for finding in sorted(found, key=lambda one: (one.start - one.end, ORDER.index(one.kind), one.start)):
        at = bisect(taken, finding.start, key=_place)
        if (at == 0 or taken[at - 1].end <= finding.start) and (at == len(taken) or finding.end <= taken[at].start):
            taken.insert(at, finding)
    return taken


def _blank(text: str, found: Sequence[Finding]) -> str:
    """The text as it will stand when masked, as far as a detector can tell, with all places where they were."""
    parts, end = [], 0
    for finding in found:
        parts += [text[end : finding.start], "[", "\0" * (finding.end - finding.start - 2), "]"]
        end = finding.end
    return "".join([*parts, text[end:]])
