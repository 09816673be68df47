"""One form of a text for comparing: Unicode NFKC, case folded, without the marks that end and quote; word n-grams."""

import hashlib
import re
import unicodedata

WORD = re.compile(r"\w+")
NGRAM = 13  # words; the length that GPT-3 (arXiv:2005.14165, appendix C) and most suites since use
# What people add or leave out without meaning anything. Operators and symbols stay: 3 - 1 is not 3 + 1.
MARKS = dict.fromkeys(map(ord, ".,;:!?\"'()[]{}…“”„‘’‚«»‹›¿¡。、「」"), " ")  # noqa: RUF001 - typographic on purpose
# Not to be seen: soft hyphen, zero-width space, joiners and direction marks, word joiner, byte order mark.
UNSEEN = dict.fromkeys([0xAD, *range(0x200B, 0x2010), 0x2060, 0xFEFF])


def normal(text: str) -> str:
    """The text to compare by; of a text that is marks only, the marks."""
    folded = _folded(text)
    return " ".join(folded.translate(MARKS).split()) or " ".join(folded.split())


def words(text: str) -> list[str]:
    """The words of a text, NFKC and case folded, without any punctuation."""
    return WORD.findall(_folded(text))


def ngrams(text: str) -> set[str]:
    """All runs of 13 words; none for a shorter text."""
    said = words(text)
    return {" ".join(said[at : at + NGRAM]) for at in range(len(said) - NGRAM + 1)}


def digest(*parts: str) -> str:
    """16 hex digits of a SHA-256 over the parts."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def _folded(text: str) -> str:
    seen = unicodedata.normalize("NFKC", text).translate(UNSEEN)
    return unicodedata.normalize("NFKC", seen.casefold())
