"""Bring the served adapters' files out of their releases, and hold every byte against tag and manifest."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tunegate.core.dvc import dvc_digest
from tunegate.core.errors import MachineError, ReleaseRefused
from tunegate.core.files import digest_file, digest_tree
from tunegate.core.git import git
from tunegate.records.manifest import Manifest
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
    target = root / folder(version)
    if target.is_dir():
        if digest_tree(target) == version.facts.get("adapter"):
            return "here"
        shutil.rmtree(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".fetch-") as temporary:
        bundle = Path(temporary) / "bundle"
        _get(root, version, bundle)
        verify(bundle, version)
        (bundle / "adapter").replace(target)
    return "fetched, digests as in the tag"


def _get(root: Path, version: Released, out: Path) -> None:
    words = ["get", ".", f"build/release/{version.key}", "--rev", version.commit, "--out", str(out.resolve())]
    done = subprocess.run(
        [sys.executable, "-m", "dvc", "--quiet", *words], cwd=root, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = done.stderr.strip().partition("\n")[0]  # an invitation to DVC's support follows
        raise MachineError(
            f"{version.tag}: DVC cannot get its bundle: {said}",
            next_step="`dvc pull`, or configure the remote that has it",
        )


def verify(bundle: Path, version: Released) -> None:
    """Hold a bundle against its tag.

    Raises:
        ReleaseRefused: a file is missing, changed or not in the manifest.
    """
    if dvc_digest(bundle) != version.facts.get("bundle"):
        raise ReleaseRefused(f"{version.tag}: the bundle is not the one that the tag names", next_step=WRONG)
    manifest = Manifest.read(bundle / "manifest.json", ReleaseRefused, next_step=WRONG)
    wrong = [name for name, digest in manifest.files.items() if digest_file(bundle / name) != digest]
    if wrong or digest_tree(bundle / "adapter") != version.facts.get("adapter"):
        named = ", ".join(wrong) or "adapter"
        raise ReleaseRefused(f"{version.tag}: digests differ from the manifest's: {named}", next_step=WRONG)
