"""Bring the data that `datasets.dvc` names: from the cache, the remote, or the folder it was imported from."""

import subprocess
import sys
from pathlib import Path

import yaml

from tunegate.core.errors import DataError

OWN = "docs/data.md says how to bring your own data and remote"


def fetch_data(root: Path) -> str:
    """Make `datasets/` stand; return what was done in words. What is there already is never touched.

    Raises:
        DataError: there is no datasets.dvc, or its data is neither in the cache, nor on a remote, nor at its source.
    """
    folder, pointer = root / "datasets", root / "datasets.dvc"
    if folder.is_dir() and any(folder.iterdir()):
        return "datasets/ is there"
    if not pointer.is_file():
        raise DataError(f"{pointer}: no such file, and no datasets/", next_step=OWN)
    for command in (["checkout"], ["pull"]):
        if _dvc(root, *command, "datasets.dvc").returncode == 0:
            return f"datasets/ came by `dvc {command[0]}`"
    return _import_again(root, pointer)


def _import_again(root: Path, pointer: Path) -> str:
    before = pointer.read_bytes()
    content = yaml.safe_load(before) or {}
    source, out = (content.get("deps") or [{}])[0], (content.get("outs") or [{}])[0]
    if not source.get("md5") or source.get("md5") != out.get("md5"):
        raise DataError("the data of datasets.dvc is not in the cache and no DVC remote has it", next_step=OWN)
    done = _dvc(root, "update", "datasets.dvc")
    if done.returncode or pointer.read_bytes() != before:
        pointer.write_bytes(before)
        raise DataError(f"{source.get('path')} is not what datasets.dvc names: {done.stderr.strip()}", next_step=OWN)
    return f"datasets/ came from {source['path']}"


def _dvc(root: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: PLW1510 - the caller reads the code
        [sys.executable, "-m", "dvc", "--quiet", *words], cwd=root, capture_output=True, text=True
    )
