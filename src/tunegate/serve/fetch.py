"""Bring the served adapters' files out of their releases, and hold every byte against tag and manifest."""

import shutil
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from tunegate.core.dvc import dvc_digest
from tunegate.core.dvc_get import get_out
from tunegate.core.errors import ReleaseRefused
from tunegate.core.files import digest_tree, file_digests
from tunegate.core.git import git
from tunegate.core.params import load_params
from tunegate.records.attestation import Attested, Subject, require
from tunegate.records.manifest import Manifest
from tunegate.records.release_keys import trusted
from tunegate.records.released import Released, released
from tunegate.serve.plan import folder, plan, served, whole

WRONG = "do not serve it: find out who changed the release (docs/serving.md)"


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
    signed = _signed(root, version)
    target = root / folder(version)
    if target.is_dir():
        if digest_tree(target) == version.facts.get("adapter"):
            return "here"
        shutil.rmtree(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".fetch-") as temporary:
        bundle = Path(temporary) / "bundle"
        get_out(root, f"build/release/{version.key}", version.commit, bundle, what=version.tag)
        verify(bundle, version, signed)
        (bundle / "adapter").replace(target)
    return f"fetched, digests as in the tag, {'signed' if signed else 'signature not demanded'}"


def _signed(root: Path, version: Released) -> Attested | None:
    """The signature of a version, where params.yaml names keys that may sign: without a right one it is not served."""
    keys = trusted(root, load_params(root / "params.yaml").release_signers)
    subject = Subject(version.tag, version.commit, date.min, version.text)
    return require(version.signature, subject, keys)


def verify(bundle: Path, version: Released, signed: Attested | None = None) -> None:
    """Hold a bundle against its tag, and against what was signed.

    Raises:
        ReleaseRefused: a file is missing, changed or not in the manifest.
    """
    if dvc_digest(bundle) != version.facts.get("bundle"):
        raise ReleaseRefused(f"{version.tag}: the bundle is not the one that the tag names", next_step=WRONG)
    if signed and file_digests(bundle) != signed.files:
        raise ReleaseRefused(f"{version.tag}: the bundle's files are not those that were signed", next_step=WRONG)
    manifest = Manifest.read(bundle / "manifest.json", ReleaseRefused, next_step=WRONG)
    here = file_digests(bundle)  # never a path that the manifest names: it may lead out of the folder
    wrong = [name for name, digest in manifest.files.items() if here.get(name) != digest]
    if wrong or digest_tree(bundle / "adapter") != version.facts.get("adapter"):
        named = ", ".join(wrong) or "adapter"
        raise ReleaseRefused(f"{version.tag}: digests differ from the manifest's: {named}", next_step=WRONG)
