"""Bring the served adapters' files out of their releases, and hold every byte against tag and manifest."""

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tunegate.bundles.bring import bring, signature
from tunegate.core.errors import ReleaseRefused
from tunegate.core.files import digest_tree
from tunegate.core.git import git
from tunegate.records.released import Released, released
from tunegate.serve.plan import folder, plan, served, whole


def fetch(root: Path, tags: Sequence[str] = ()) -> list[str]:
    """Fill serving/adapters with the named releases, or all that are served; return a line for each.

    What is there and right is kept.

    Raises:
        ReleaseRefused: nothing is released, no such release, or bytes that are not those that the tag names.
        MachineError: DVC cannot get a bundle.
    """
    wants = [] if tags else plan(root)
    versions = _named(root, tags) if tags else [*served(wants), *whole(wants)]
    return [f"{version.tag}: {fetch_version(root, version)}" for version in versions]


def _named(root: Path, tags: Sequence[str]) -> list[Released]:
    known = {version.tag: version for version in released(root)}
    if missing := [tag for tag in tags if tag not in known]:
        raise ReleaseRefused(f"no such release: {', '.join(missing)}", next_step="`git fetch --tags`, `git tag`")
    return [known[tag] for tag in tags]


def clone(root: Path, url: str, commit: str) -> None:
    """Clone the repository at `url` into the empty folder `root`, as it was at `commit`.

    Raises:
        MachineError: Git cannot; the message is Git's.
    """
    if (root / ".git").is_dir():
        return  # an init container that is run again
    git(root, "clone", "--quiet", "--no-checkout", "--", url, ".")
    git(root, "checkout", "--quiet", "--detach", commit)


def fetch_version(root: Path, version: Released) -> str:
    """Bring one version's adapter to its folder; say how.

    Raises:
        ReleaseRefused: bytes that are not those that the tag names.
        MachineError: DVC cannot get the bundle.
    """
    signed = signature(root, version)
    target = root / folder(version)
    if target.is_dir():
        if digest_tree(target) == version.facts.get("adapter"):
            return "here"
        shutil.rmtree(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".fetch-") as temporary:
        bundle = Path(temporary) / "bundle"
        bring(root, version, bundle, signed)
        (bundle / "adapter").replace(target)
    return f"fetched, digests as in the tag, {'signed' if signed else 'signature not demanded'}"
