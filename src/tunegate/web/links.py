"""Personal links: each reviewer has a secret of his own, so that the page knows who decides and nobody else gets in.

The secrets are kept in a file that only its owner reads, so that a link still works after a restart.
"""

import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

from tunegate.core.errors import DataError
from tunegate.core.files import dump_json, parse_json

SECRET_BYTES = 32
NAME_LENGTH = 100


class Links:
    """Who may enter, by the digest of a secret."""

    def __init__(self, secrets_by_name: Mapping[str, str]) -> None:
        """`secrets_by_name`: the secret of each reviewer of this session."""
        self.secrets = dict(secrets_by_name)
        self._digests = {name: _digest(secret) for name, secret in secrets_by_name.items()}

    def name_of(self, secret: str) -> str | None:
        """Whose secret it is. Takes the same time whoever it is and however much of it is right."""
        digest, found = _digest(secret), None
        for name, known in self._digests.items():
            if hmac.compare_digest(digest, known):
                found = name
        return found

    def link(self, base: str, name: str) -> str:
        """The link of `name` on the page at `base` (http://host:port)."""
        return f"{base}/enter/{self.secrets[name]}"


def load_links(path: Path, names: Sequence[str], *, fresh: bool = False) -> Links:
    """The links of `names`: those of an earlier session, and new ones for new names, or for all if `fresh`.

    Raises:
        DataError: a name is empty, too long or holds control characters, or the file is not one of links.
    """
    wrong = [name for name in names if not name.strip() or len(name) > NAME_LENGTH or not name.isprintable()]
    if wrong or not names:
        raise DataError(
            f"not the name of a reviewer: {', '.join(map(repr, wrong)) or 'none given'}",
            next_step=f"give each a name of 1 to {NAME_LENGTH} printable characters: --reviewer 'Ann Lee'",
        )
    kept = {} if fresh else _read(path)
    known = {name: kept.get(name) or secrets.token_urlsafe(SECRET_BYTES) for name in names}
    _write_private(path, {**kept, **known})
    return Links(known)


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def _read(path: Path) -> dict[str, str]:
    try:
        content = parse_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError:
        content = None
    if not isinstance(content, dict) or not all(isinstance(secret, str) and secret for secret in content.values()):
        raise DataError(f"{path}: not a file of links", next_step=f"remove it (`rm {path}`); new links are made")
    return content


def _write_private(path: Path, content: Mapping[str, str]) -> None:
    """As core.files.write_text, but readable by its owner only from the first byte on."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(dump_json(content) + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(path)
