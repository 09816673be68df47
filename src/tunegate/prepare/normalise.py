"""One form of a text for comparing: Unicode NFKC, case folded, without the marks that end and quote; its words."""

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

# What people add or leave out without meaning anything. Operators and symbols stay: 3 - 1 is not 3 + 1.
MARKS = dict.fromkeys(map(ord, ".,;:!?\"'()[]{}…“”„‘’‚«»‹›¿¡。、「」"), " ")  # noqa: RUF001 - typographic on purpose
# Not to be seen: soft hyphen, zero-width space, joiners and direction marks, word joiner, byte order mark.
UNSEEN = dict.fromkeys([0xAD, *range(0x200B, 0x2010), 0x2060, 0xFEFF])
# Scripts that write no spaces: each sign is a word of its own, or a whole sentence would be one word.
UNSPACED = re.compile("([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff])")
SHORT = 2000  # characters; longer texts are not remembered
# What `_folded` and MARKS make of each ASCII sign, space of any kind being a blank.
_ASCII = bytes(ord(" ") if chr(at).isspace() or at in MARKS else ord(chr(at).lower()) for at in range(128)) + bytes(128)


def normal(text: str) -> str:
    """The text to compare by; of a text that is marks only, the marks."""
    return _remembered(text) if len(text) <= SHORT else _normal(text)


def _normal(text: str) -> str:
    if text.isascii():  # most texts, in a third of the time
        return b" ".join(text.encode().translate(_ASCII).split()).decode() or " ".join(text.lower().split())
    folded = _folded(text)
    return " ".join(folded.translate(MARKS).split()) or " ".join(folded.split())


def words(normalised: str) -> list[str]:
    """The words of a text that `normal` gave."""
    return spaced(normalised).split()


def spaced(normalised: str) -> str:
    """The text with space around each of its words."""
    return normalised if normalised.isascii() else UNSPACED.sub(r" \1 ", normalised)


def digest(*parts: str) -> str:
    """16 hex digits of a SHA-256 over the parts."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def key64(parts: Sequence[str]) -> int:
    """64 bits that stand for normalised texts in memory (BLAKE2b). Of a million rows two differ and collide with a
    chance of 3 in 100 million.
    """
    return int.from_bytes(hashlib.blake2b("\0".join(parts).encode(), digest_size=8).digest(), "little")


# A row's prompt is asked for again when its chunk gets its fingerprints.
_remembered = lru_cache(maxsize=4096)(_normal)


def _folded(text: str) -> str:
    seen = unicodedata.normalize("NFKC", text).translate(UNSEEN)
    return unicodedata.normalize("NFKC", seen.casefold())
