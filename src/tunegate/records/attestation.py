"""The signature of a release: over every file of the bundle, and over what the tag says.

The format is that of OpenSSF model signing 1.0 (https://github.com/ossf/model-signing-spec): a Sigstore bundle with a
DSSE envelope (https://github.com/secure-systems-lab/dsse, protocol.md) round an in-toto statement that lists the files
with their SHA-256. Its predicate may hold more, which other verifiers pass over: here `release`, with the tag's name,
its commit, the date and the digest of its text. So a tag that was moved, a text that was edited and a signature that
was taken from another tag are told apart, and `model_signing verify key` takes the same signature.
"""

import base64
import json
from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from tunegate.core.errors import ReleaseRefused
from tunegate.core.files import digest_bytes, dump_json, parse_json
from tunegate.records.release_keys import key_id

MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"
PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://model_signing/signature/v1.0"


class Subject(NamedTuple):
    """What a signature ties to its files: the tag, its commit, the day it was made, and the tag's text before the
    signature.
    """

    tag: str
    commit: str
    day: date
    text: str


class Attested(NamedTuple):
    """What a signature says: `release` is None where it is of files alone. `payload` is what was signed."""

    key: str
    files: dict[str, str]
    release: dict[str, str] | None
    payload: bytes
    signature: bytes


def sign(subject: Subject, files: Mapping[str, str], private: Any) -> str:
    """Sign; return the Sigstore bundle as one line of JSON. `files`: SHA-256 in hex, by path in the bundle."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    payload = dump_json(_statement(subject, files)).encode()
    signature = private.sign(_envelope(payload), ec.ECDSA(hashes.SHA256()))
    return dump_json(
        {
            "mediaType": MEDIA_TYPE,
            "verificationMaterial": {"publicKey": {"hint": key_id(private.public_key())}, "tlogEntries": []},
            "dsseEnvelope": {
                "payload": base64.b64encode(payload).decode(),
                "payloadType": PAYLOAD_TYPE,
                "signatures": [{"sig": base64.b64encode(signature).decode(), "keyid": ""}],
            },
        }
    )


def _statement(subject: Subject, files: Mapping[str, str]) -> dict[str, Any]:
    ordered = sorted(files.items())
    whole = digest_bytes(b"".join(bytes.fromhex(digest) for _, digest in ordered))
    return {
        "_type": STATEMENT,
        "subject": [{"name": subject.tag, "digest": {"sha256": whole}}],
        "predicateType": PREDICATE,
        "predicate": {
            "serialization": {"method": "files", "hash_type": "sha256", "allow_symlinks": False, "ignore_paths": []},
            "resources": [{"name": name, "algorithm": "sha256", "digest": digest} for name, digest in ordered],
            "release": release_of(subject),
        },
    }


def release_of(subject: Subject) -> dict[str, str]:
    """What the signature says of the tag."""
    return {
        "tag": subject.tag,
        "commit": subject.commit,
        "date": subject.day.isoformat(),
        "annotation": digest_bytes(subject.text.encode()),
    }


def _envelope(payload: bytes) -> bytes:
    """DSSE's pre-authentication encoding: what is really signed."""
    return f"DSSEv1 {len(PAYLOAD_TYPE)} {PAYLOAD_TYPE} {len(payload)} ".encode() + payload


def parse(text: str) -> Attested:
    """Read a signature; nothing is checked yet.

    Raises:
        ValueError: it is not of this format.
    """
    try:
        bundle = parse_json(text)
        envelope = bundle["dsseEnvelope"]
        (one,) = envelope["signatures"]
        payload = base64.b64decode(envelope["payload"], validate=True)
        statement = parse_json(payload.decode())
        predicate = statement["predicate"]
        kinds = (bundle["mediaType"], envelope["payloadType"], statement["_type"], statement["predicateType"])
        files = {str(part["name"]): str(part["digest"]) for part in predicate["resources"]}
        found = Attested(
            key=str(bundle["verificationMaterial"]["publicKey"]["hint"]),
            files=files,
            release=predicate.get("release"),
            payload=payload,
            signature=base64.b64decode(one["sig"], validate=True),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        message = f"not a signature of OpenSSF model signing: {fault!r}"
        raise ValueError(message) from None
    if kinds != (MEDIA_TYPE, PAYLOAD_TYPE, STATEMENT, PREDICATE) or len(files) != len(predicate["resources"]):
        message = "not a signature of OpenSSF model signing 1.0"
        raise ValueError(message)
    return found


def fits(attested: Attested, public: Any) -> bool:
    """Whether this key made the signature."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    try:
        public.verify(attested.signature, _envelope(attested.payload), ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def check_tag(attested: Attested, subject: Subject, keys: Mapping[str, Any]) -> list[str]:
    """Every way in which a signature does not belong to this tag; empty: it does, and a trusted key made it."""
    faults = []
    if attested.key not in keys:
        faults.append(f"signed by a key that release_signers does not list ({attested.key[:16]})")
    elif not fits(attested, keys[attested.key]):
        faults.append("the signature does not fit what it signs: it was changed")
    said = attested.release if isinstance(attested.release, dict) else {}
    for name, value in release_of(subject).items():
        if name != "date" and said.get(name) != value:
            what = "the tag's text is another one" if name == "annotation" else f"{name} is {value}"
            faults.append(f"{what} than was signed" + ("" if name == "annotation" else f": {said.get(name)}"))
    return faults


def day_of(attested: Attested) -> date | None:
    """The day that the signature names; None if it names none."""
    try:
        return date.fromisoformat((attested.release or {})["date"])
    except (KeyError, TypeError, ValueError):
        return None


def require(found: str | None, subject: Subject, keys: Mapping[str, Any]) -> Attested | None:
    """The signature of a tag that is about to be served: with trusted keys there must be one, and it must fit.

    Raises:
        ReleaseRefused: there is none, or it does not belong to this tag.
    """
    if not keys:
        return None
    next_step = "do not serve it: find out who changed the release (docs/releasing.md)"
    if not found:
        raise ReleaseRefused(f"{subject.tag} is not signed, and release_signers demands it", next_step=next_step)
    try:
        attested = parse(found)
    except ValueError as fault:
        raise ReleaseRefused(f"{subject.tag}: {fault}", next_step=next_step) from None
    if faults := check_tag(attested, subject, keys):
        raise ReleaseRefused(f"{subject.tag}: {'; '.join(faults)}", next_step=next_step)
    return attested


def pretty(text: str) -> str:
    """A signature as a file for `model_signing verify`."""
    return json.dumps(json.loads(text), indent=1) + "\n"
