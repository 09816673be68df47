"""Secrets in a text: keys of known forms, private key blocks, credentials in URLs and headers, and values that are given
to something called a password, a key or a token.

Random text alone is no secret: hashes, identifiers and base64 stand everywhere in instruction data. A value counts where
its name says so and it does not look like a placeholder, a word or a piece of code.
"""

import base64
import binascii
import math
import re
from collections import Counter
from collections.abc import Iterator

from tunegate.prepare.private_token import TOKENS

BEGIN = "-----BEGIN "
# Headers of old key files hold single dashes; four of them begin the end line.
BLOCK = re.compile(
    r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----((?:[^-]|-(?!----))*+)(?:-----END [A-Z0-9 ]{1,48}-----)?"
)
BODY = re.compile(r"[A-Za-z0-9+/=\s\\]{40,}+")

LOGIN = re.compile(r"(?<=://)([^\s/:@\"'<>\[\]{}$`]{0,64}):([^\s/@\"'<>\[\]{}$`]{3,128})(?=@[A-Za-z0-9])")
BEARER = re.compile(r"\b(?:bearer|token) {1,2}([A-Za-z0-9_.~+/-]{20,2000}+=*+)", re.IGNORECASE)
BASIC = re.compile(r"\bbasic {1,2}([A-Za-z0-9+/]{12,512}+={0,2}+)", re.IGNORECASE)

PASSWORD_WORDS = ("passw", "pwd", "passphrase", "kennwort", "contrase", "mot de passe")
KEY_WORDS = ("secret", "token", "api", "access", "auth", "private", "credential", "encryption", "signing", "account")
ASSIGNED = re.compile(
    r"(?:(passw(?:or[dt]|d)|pwd|passphrase|kennwort|contrase\u00f1a|mot de passe)"
    r"|(?:api|access|auth|secret|private|encryption|signing|account|client)[ _.-]?(?:key|secret|token)|secret|token|credentials?)"
    r"(?:[ _-](?:key|id|value|hash))?"
    r"[\"'`\]*]{0,3}\s{0,4}(?:=>|:=|={1,3}|:|\b(?:is|ist|es|est)\b)\s{0,4}[\"'`*]{0,3}"
    r"([^\s\"'`,;<>\[\](){}&|]{1,256}+(?:&(?![A-Za-z_]{1,32}=)[^\s\"'`,;<>\[\](){}&|]{1,64}+){0,4}+)(?![(\[{])",
    re.IGNORECASE,
)
PLACEHOLDER = re.compile(
    r"your|example|sample|dummy|placeholder|change|password|passw0rd|passwort|secret|xxxx|\*{3}|\.{3}|12345|54321|abcde|qwert|"
    r"token|insert|replace|redact|foobar|todo|api.?key",
    re.IGNORECASE,
)
SEQUENCE = re.compile(r"12345|abcde|qwert|x{5}", re.IGNORECASE)  # a key that somebody made up
COMMON = frozenset({"pass", "passwd", "pwd", "password", "passwort", "secret", "user", "test", "guest", "postgres", "root", "admin"})
CODE = re.compile(r"[A-Za-z_$][\w$]*(?:(?:\.|->|::)[A-Za-z_$][\w$]*)+$|\$|%")  # config.api.key1, $NAME, %NAME%


def secrets(text: str) -> Iterator[tuple[int, int]]:
    """Spans of secrets; they may overlap."""
    yield from _tokens(text)
    if BEGIN in text:
        yield from _blocks(text)
    if "://" in text and "@" in text:
        yield from _logins(text)
    lowered = text.lower()
    if "earer " in lowered or "asic " in lowered or "oken " in lowered:
        yield from _headers(text)
    if any(word in lowered for word in PASSWORD_WORDS) or any(word in lowered for word in KEY_WORDS):
        yield from _assigned(text)


def entropy(said: str) -> float:
    """Shannon entropy of the characters, in bits each: 0 for one character repeated, about 4 for 32 random hex digits."""
    return -sum(count / len(said) * math.log2(count / len(said)) for count in Counter(said).values())


def _tokens(text: str) -> Iterator[tuple[int, int]]:
    for token in TOKENS:
        if token.marker in text:
            for match in token.form.finditer(text):
                said = match[0]
                if _random(said) and (_mixed(said[3:]) or not token.mixed) and not said.endswith("EXAMPLE"):
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


def _headers(text: str) -> Iterator[tuple[int, int]]:
    for match in BEARER.finditer(text):
        if _key(match[1]):
            yield match.span(1)
    for match in BASIC.finditer(text):
        if _login_inside(match[1]):
            yield match.span(1)


def _assigned(text: str) -> Iterator[tuple[int, int]]:
    for match in ASSIGNED.finditer(text):
        start = match.start(2)
        said = match[2].rstrip(".:!?*\\") if not match[1] else match[2].rstrip(".:*\\")
        if _password(said) if match[1] else _key(said):
            yield start, start + len(said)


def _password(said: str) -> bool:
    """Eight characters or more, letters and a digit among them, at most a few of them repeated."""
    return len(said) >= 8 and _letters_and_digits(said) and entropy(said) >= 2.5 and not _stands_for_one(said)


def _key(said: str) -> bool:
    """Sixteen characters or more, letters and digits, about as varied as random ones."""
    return len(said) >= 16 and _letters_and_digits(said) and _random(said) and not _stands_for_one(said)


def _letters_and_digits(said: str) -> bool:
    return any(map(str.isdigit, said)) and any(map(str.isalpha, said))


def _mixed(said: str) -> bool:
    return any(map(str.isupper, said)) and any(map(str.islower, said)) and any(map(str.isdigit, said))


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
