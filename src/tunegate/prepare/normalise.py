"""One form of a text for comparing: Unicode NFKC, lower case, words only; and its word n-grams."""

import hashlib
import re
import unicodedata

WORD = re.compile(r"\w+")
NGRAM = 13  # words; the length that GPT-3 (arXiv:2005.14165, appendix C) and most suites since use


def normal(text: str) -> str:
    """The text's words, NFKC and lower case, one space between."""
    return " ".join(words(text))


def words(text: str) -> list[str]:
    """The words of a text, NFKC and lower case."""
    return WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def ngrams(text: str) -> set[str]:
    """All runs of 13 words; none for a shorter text."""
    said = words(text)
    return {" ".join(said[at : at + NGRAM]) for at in range(len(said) - NGRAM + 1)}


def digest(*parts: str) -> str:
    """16 hex digits of a SHA-256 over the parts."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
