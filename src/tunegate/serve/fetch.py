"""Bring the served adapters' files out of their releases, and hold every byte against tag and manifest."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tunegate.core.dvc import dvc_digest
from tunegate.core.errors import MachineError, ReleaseRefused
from tunegate.core.files import digest_file, digest_tree
from tunegate.records.manifest import Manifest
from tunegate.records.released import Released
from tunegate.serve.plan import plan
from tunegate.serve.render import ADAPTERS

WRONG = "do not serve it: find out who changed the release (docs/serving.md)"


def fetch(root: Path) -> list[str]:
    """Fill serving/adapters; return a line for each served version. What is there and right is kept.

    Raises:
        ReleaseRefused: nothing is released, or bytes that are not those that the tag names.
        MachineError: DVC cannot get a bundle.
    """
    return [f"{version.tag}: {_fetch(root, version)}" for version in plan(root)]


def _fetch(root: Path, version: Released) -> str:
    target = root / ADAPTERS / version.name
    if target.is_dir():
        if digest_tree(target) == version.facts.get("adapter"):
            return "here"
        shutil.rmtree(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".fetch-") as folder:
        bundle = Path(folder) / "bundle"
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
        raise MachineError(
            f"{version.tag}: DVC cannot get its bundle: {done.stderr.strip()}",
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
