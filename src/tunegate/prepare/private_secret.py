"""Secrets in a text: keys of known forms, private key blocks, credentials in URLs and headers, and values that are
given to something called a password, a key or a token.

Random text alone is no secret: hashes, identifiers and base64 stand everywhere in instruction data. A value counts
where its name says so and it does not look like a placeholder, a word or a piece of code.
"""

import base64
import binascii
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator

from tunegate.prepare.glance import has_digit, has_long_word
from tunegate.prepare.private_token import TOKENS

BEGIN = "-----BEGIN "
# Headers of old key files hold single dashes; four of them begin the end line.
BLOCK = re.compile(
    r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----"
    r"((?:[^-]|-(?!----))*+)(?:-----END [A-Z0-9 ]{1,48}-----)?"
)
BODY = re.compile(r"[A-Za-z0-9+/=\s\\]{40,}+")

LOGIN = re.compile(r"(?<=://)([^\s/:@\"'<>\[\]{}$`]{0,64}):([^\s/@\"'<>\[\]{}$`]{3,128})(?=@[A-Za-z0-9])")
# What follows a word; matched only where the word stands.
BEARER = re.compile(r"bearer {1,2}([A-Za-z0-9_.~+/-]{20,2000}+=*+)", re.IGNORECASE)
BASIC = re.compile(r"[Bb]asic {1,2}([A-Za-z0-9+/]{12,512}+={0,2}+)")

PASSWORD_WORDS = ("passw", "pwd", "passphrase", "kennwort", "contrase\u00f1a", "mot de passe")
KEY_WORDS = ("secret", "token", "key", "credential")
KEY_OF = re.compile(
    r"(?:api|access|auth|secret|private|encryption|signing|account|client|master|license|subscription)[ _.-]?$",
    re.IGNORECASE,
)
KEY_REACH = 16
_VALUE = r"[^\s\"'`,;<>\[\](){}&|]"
ASSIGNED = re.compile(
    r"(?!(?<=\[)secret\])"  # a mask is no name
    r"(?:passw(?:or[dt]|d)|pwd|passphrase|kennwort|contrase\u00f1a|mot de passe|secret|token|key|credentials?)"
    r"(?:[ _-](?:key|id|value|hash))?"
    r"[\"'`\]*]{0,3}\s{0,4}(?:=>|:=|={1,3}|:|\b(?:is|ist|es|est)\b)\s{0,4}[\"'`*]{0,3}"
    # an & only where it is no next field of a query
    rf"({_VALUE}{{1,256}}+(?:&(?![A-Za-z_]{{1,32}}=){_VALUE}{{1,64}}+){{0,4}}+)(?![(\[{{])",
    re.IGNORECASE,
)
PLACEHOLDER = re.compile(
    r"your|example|sample|dummy|placeholder|change|password|passw0rd|passwort|secret|xxxx|\*{3}|\.{3}|12345|54321|abcde|qwert|"
    r"token|insert|replace|redact|foobar|todo|api.?key",
    re.IGNORECASE,
)
RUN = re.compile(r"[A-Za-z0-9]{16,}+")
SEQUENCE = re.compile(r"12345|abcde|qwert|x{5}", re.IGNORECASE)  # a key that somebody made up
COMMON = frozenset(
    {"pass", "passwd", "pwd", "password", "passwort", "secret", "user", "test", "guest", "postgres", "root", "admin"}
)
CODE = re.compile(r"[A-Za-z_$][\w$]*+(?:(?:\.|->|::)[A-Za-z_$][\w$]*+)++$|\$|%")  # config.api.key1, $NAME, %NAME%


def secrets(text: str) -> Iterator[tuple[int, int]]:
    """Spans of secrets; they may overlap."""
    if has_long_word(text):  # a cheap look before fifty markers
        yield from _tokens(text)
    if BEGIN in text:
        yield from _blocks(text)
    if "://" in text and "@" in text:
        yield from _logins(text)
    if "asic " in text:
        yield from _basic(text)
    if has_digit(text):  # all that is assigned has one
        yield from _named(text)


def _named(text: str) -> Iterator[tuple[int, int]]:
    lowered = _lowered(text)
    yield from _bearers(text, lowered)
    for word in PASSWORD_WORDS:
        for at in _places(lowered, word):
            yield from _assigned(text, at, _password)
    for word in KEY_WORDS:
        for at in _places(lowered, word):
            if word != "key" or KEY_OF.search(text, max(0, at - KEY_REACH), at):
                yield from _assigned(text, at, _key)


def entropy(said: str) -> float:
    """Shannon entropy in bits a character: 0 for one character repeated, about 3.6 for 32 random hex digits."""
    return -sum(count / len(said) * math.log2(count / len(said)) for count in Counter(said).values())


def _tokens(text: str) -> Iterator[tuple[int, int]]:
    for token in TOKENS:
        if token.marker in text:
            for match in token.form.finditer(text):
                said = match[0]
                if _random(said) and (_mixed(said) or not token.mixed) and not said.endswith("EXAMPLE"):
                    yield match.span()


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    """Whole blocks; of one without its end line, what is base64."""
    for match in BLOCK.finditer(text):
        body = BODY.search(text, match.start(1), match.end(1))
        if body:
            yield match.start(), match.end() if match.end() > match.end(1) else body.end()


def _logins(text: str) -> Iterator[tuple[int, int]]:
    for match in LOGIN.finditer(text):
        if match[2].lower() not in COMMON and not PLACEHOLDER.search(match[2]):
            yield match.span()


def _basic(text: str) -> Iterator[tuple[int, int]]:
    for match in BASIC.finditer(text):
        if _login_inside(match[1]):
            yield match.span(1)


def _bearers(text: str, lowered: str) -> Iterator[tuple[int, int]]:
    for at in _places(lowered, "bearer "):
        match = BEARER.match(text, at)
        if match and _key(match[1]):
            yield match.span(1)


def _assigned(text: str, at: int, judge: Callable[[str], bool]) -> Iterator[tuple[int, int]]:
    match = ASSIGNED.match(text, at)
    if match:
        said = match[1].rstrip(".:?*\\")
        if judge(said):
            yield match.start(1), match.start(1) + len(said)


def _lowered(text: str) -> str:
    """In lower case, each character in its place: a few characters become two."""
    lowered = text.lower()
    if len(lowered) != len(text):
        return "".join(char if len(char.lower()) > 1 else char.lower() for char in text)
    return lowered


def _places(lowered: str, word: str) -> Iterator[int]:
    at = lowered.find(word)
    while at >= 0:
        yield at
        at = lowered.find(word, at + len(word))


def _password(said: str) -> bool:
    """Eight characters or more, letters and a digit among them, at most a few of them repeated."""
    return len(said) >= 8 and _letters_and_digits(said) and entropy(said) >= 2.5 and not _stands_for_one(said)


def _key(said: str) -> bool:
    """Sixteen characters or more, letters and digits, about as varied as random ones."""
    return len(said) >= 16 and _letters_and_digits(said) and _random(said) and not _stands_for_one(said)


def _letters_and_digits(said: str) -> bool:
    return any(map(str.isdigit, said)) and any(map(str.isalpha, said))


def _mixed(said: str) -> bool:
    return any(map(_letters_and_digits, RUN.findall(said)))


def _random(said: str) -> bool:
    return entropy(said) >= 3.0 and not SEQUENCE.search(said)


def _stands_for_one(said: str) -> bool:
    return bool(PLACEHOLDER.search(said) or CODE.match(said))


def _login_inside(said: str) -> bool:
    try:
        inside = base64.b64decode(said, validate=True)
    except (binascii.Error, ValueError):
        return False
    return b":" in inside and inside.isascii() and inside.decode("ascii").isprintable()
