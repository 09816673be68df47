"""The keys that sign releases: on the curve P-256, in PEM files.

The private half is named by TUNEGATE_RELEASE_KEY and stays out of Git; `release_signers` in params.yaml names files
with the public halves that the team trusts, in Git.
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tunegate.core.errors import SettingsError, UsageError
from tunegate.core.files import digest_bytes

VARIABLE = "TUNEGATE_RELEASE_KEY"
NEXT_STEP = f"`tunegate keygen FILE` makes a pair; {VARIABLE} names the file with the private half"


def key_id(public: Any) -> str:
    """SHA-256 of the public key's PEM text, in hex: how a signature names its key."""
    return digest_bytes(public_pem(public))


def public_pem(public: Any) -> bytes:
    """The public key as PEM."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    found: bytes = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return found


def private_key(environment: Mapping[str, str] = os.environ) -> Any:
    """The private key that the environment names; None where it names none.

    Raises:
        SettingsError: no such file, or it holds no P-256 key (what it holds is never shown).
    """
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    name = environment.get(VARIABLE, "").strip()
    return _key(Path(name), lambda content: load_pem_private_key(content, None)) if name else None


def signer(root: Path, names: tuple[str, ...]) -> Any:
    """The key to sign a release with: the environment's; None where there is none and none is demanded.

    Raises:
        SettingsError: `release_signers` demands a signature, and there is no key, or not one of theirs.
    """
    private, keys = private_key(), trusted(root, names)
    if keys and (private is None or key_id(private.public_key()) not in keys):
        what = "no key is here" if private is None else "the key that is here is none of them"
        raise SettingsError(f"params.yaml: release_signers demands a signature of one of {', '.join(names)}; {what}",
                            next_step=f"set {VARIABLE} to the file with the private half")  # fmt: skip
    return private


def trusted(root: Path, names: tuple[str, ...]) -> dict[str, Any]:
    """The public keys that params.yaml names in `release_signers`, by their id.

    Raises:
        SettingsError: a file is missing, or holds no P-256 key.
    """
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    found = {}
    for name in names:
        public = _key(root / name, load_pem_public_key)
        found[key_id(public)] = public
    return found


def _key(path: Path, load: Callable[[bytes], Any]) -> Any:
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        key = load(path.read_bytes())
    except OSError as fault:
        raise SettingsError(f"{path}: {fault.strerror}", next_step=NEXT_STEP) from None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if getattr(getattr(key, "curve", None), "name", "") != "secp256r1":
        expected = "expected a key on the curve P-256 in PEM, without a password"
        raise SettingsError(f"{path}: {expected}", next_step=NEXT_STEP)
    return key


def keygen(path: Path) -> str:
    """Write a new private key to `path`, readable by its owner only, and its public half to `path`.pub.

    Raises:
        UsageError: one of the files is there already, or cannot be made.
    """
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    private, beside = ec.generate_private_key(ec.SECP256R1()), path.with_name(path.name + ".pub")
    secret = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for target, content, mode in ((beside, public_pem(private.public_key()), 0o644), (path, secret, 0o600)):
        try:
            handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        except OSError as fault:
            step = "name a new file in a folder that is there"
            raise UsageError(f"{target}: {fault.strerror}", next_step=step) from None
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
    return (
        f"{path} is the private key: keep it out of Git; whoever releases names it in {VARIABLE}.\n"
        f"{beside} is the public one: commit it, and name it in params.yaml:\nrelease_signers: [{beside}]"
    )
