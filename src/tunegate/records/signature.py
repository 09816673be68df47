"""Ed25519 signatures of score files: what tells measured scores from scores that somebody wrote with all digests right.

The machine that evaluates holds the private key in TUNEGATE_SIGNING_KEY (64 hex digits); `gate.signers` in params.yaml
lists the public keys that the team trusts. The signature is the last line of the file and covers every byte before it.
Ed25519 is deterministic (RFC 8032): the same scores and key give the same file.
"""

import os
from collections.abc import Mapping
from typing import NamedTuple

from tunegate.core.errors import SettingsError
from tunegate.core.files import dump_json, parse_json

VARIABLE = "TUNEGATE_SIGNING_KEY"
NEXT_STEP = f"`tunegate gate keygen FILE` makes a key; the machine that evaluates gets it as {VARIABLE}"


class Signed(NamedTuple):
    """The text without its signature line, and the public key that signed it (None: unsigned)."""

    text: str
    key: str | None


def signer(environment: Mapping[str, str] = os.environ) -> bytes | None:
    """The private key of the environment; None where there is none.

    Raises:
        SettingsError: it is not 64 hex digits (the value is never shown).
    """
    found = environment.get(VARIABLE, "").strip()
    if not found:
        return None
    try:
        key = bytes.fromhex(found)
    except ValueError:
        key = b""
    if len(key) != 32:
        raise SettingsError(f"{VARIABLE} should be 64 hex digits", next_step=NEXT_STEP)
    return key


def sign(text: str, key: bytes) -> str:
    """The text with its signature line."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    private = Ed25519PrivateKey.from_private_bytes(key)
    line = {"kind": "signature", "key": public_key(key), "signature": private.sign(text.encode()).hex()}
    return text + dump_json(line) + "\n"


def public_key(key: bytes) -> str:
    """The public half, 64 hex digits."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(key).public_key().public_bytes_raw().hex()


def new_key() -> bytes:
    """A new private key."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.generate().private_bytes_raw()


def checked(text: str) -> Signed:
    """Take the signature line off and check it.

    Raises:
        ValueError: it does not fit the text.
    """
    start = text.rstrip("\n").rfind("\n") + 1
    last = text[start:]
    if '"signature"' not in last or not isinstance(line := parse_json(last), dict) or line.get("kind") != "signature":
        return Signed(text, None)
    key, body = str(line.get("key")), text[:start]
    if set(line) != {"kind", "key", "signature"} or not _fits(body, key, str(line["signature"])):
        message = "the signature does not fit the scores: they were changed after they were measured"
        raise ValueError(message)
    return Signed(body, key)


def _fits(text: str, key: str, signature: str) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(bytes.fromhex(signature), text.encode())
    except (InvalidSignature, ValueError):
        return False
    return True
