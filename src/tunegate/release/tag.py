"""Make the release tag through GTO: an annotated tag whose first line has data hash and scores."""

from pathlib import Path

from tunegate.core.errors import ReleaseRefused
from tunegate.core.git import git, identity
from tunegate.records.manifest import Manifest


def annotation(manifest: Manifest, bundle: str, data_hash: str) -> str:
    """The tag's text: a subject for `git tag -n1`, then one `name: value` line a fact (records.released reads them)."""
    said = " ".join(f"{name} {score:.3f}" for name, score in manifest.scores.items())
    facts = {
        "verdict": manifest.outcome,
        "base": manifest.base,
        "base-digest": manifest.base_digest,
        "adapter": manifest.adapter,
        "method": manifest.method,
        "rank": manifest.rank or "none",
        "data": manifest.data,
        "data-hash": data_hash or "none",
        "bundle": bundle,
        **{f"score-{name.replace('_', '-')}": score for name, score in manifest.scores.items()},
    }
    lines = "\n".join(f"{name}: {value}" for name, value in facts.items())
    return f"data {(data_hash or manifest.data)[:12]} {said}\n\n{lines}\n"


def make_tag(root: Path, key: str, version: str, message: str) -> str:
    """Register `KEY@vVERSION` at HEAD.

    Raises:
        MachineError: git does not know who makes the tag.
        ReleaseRefused: GTO refuses (a tag of that name is there, say).
    """
    name, mail = identity(root)
    from gto.api import register
    from gto.exceptions import GTOException

    try:
        register(str(root), key, git(root, "rev-parse", "HEAD"), version=f"v{version}", message=message,
                 author=name, author_email=mail)  # fmt: skip
    except GTOException as fault:
        raise ReleaseRefused(f"{key}@v{version}: {fault}", next_step="see `gto show`") from None
    return f"{key}@v{version}"
