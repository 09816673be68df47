"""Bring the data that `datasets.dvc` names: from the cache, the remote, or the folder it was imported from.

`tunegate data` calls it before `dvc repro`. docs/decisions/0003-datasets-dvc.md says why DVC alone does not do it.
"""

import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml

from tunegate.core.errors import DataError, MachineError

OWN = "docs/data.md says how to bring your own data and remote"
DIFFERS = (
    "datasets/ is there and is not what datasets.dvc names; it is left as it is. "
    "To record it: `dvc add datasets`. To have the recorded data back: `dvc checkout --force datasets.dvc`"
)
STILL_EXAMPLE = (
    "datasets/ is there and is left as it is, but datasets.dvc still names the example as its source. "
    "To make it yours: `rm datasets.dvc && dvc add datasets`"
)


def fetch_data(root: Path) -> str:
    """Make `datasets/` stand; return what was done in words. What is there already is never touched.

    Raises:
        DataError: there is no datasets.dvc, or its data is neither in the cache, nor on a remote, nor at its source.
        MachineError: DVC is not installed.
    """
    folder, pointer = root / "datasets", root / "datasets.dvc"
    there = folder.is_dir() and any(folder.iterdir())
    if not pointer.is_file():
        if there:
            return "datasets/ is there, and no datasets.dvc tracks it: `dvc add datasets` records it"
        raise DataError(f"{pointer}: no such file, and no datasets/", next_step=OWN)
    source, out = _named(pointer)
    if there:
        return _standing(root, edited=bool(source) and source.get("md5") != out.get("md5"))
    for command in ("checkout", "pull"):
        if _dvc(root, command, "datasets.dvc").returncode == 0:
            return f"datasets/ came by `dvc {command}`"
    if not source.get("md5") or source.get("md5") != out.get("md5"):
        raise DataError("the data of datasets.dvc is not in the cache and no DVC remote has it", next_step=OWN)
    return _import_again(root, pointer, str(source.get("path")))


def _named(pointer: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The source (empty unless imported) and the out that datasets.dvc records."""
    try:
        content = yaml.safe_load(pointer.read_text(encoding="utf-8"))
        return (content.get("deps") or [{}])[0], content["outs"][0]
    except (yaml.YAMLError, UnicodeDecodeError, AttributeError, KeyError, IndexError, TypeError):
        raise DataError(
            f"{pointer}: not a DVC file", next_step="take it from Git: `git checkout datasets.dvc`"
        ) from None


def _standing(root: Path, *, edited: bool) -> str:
    if edited:
        return STILL_EXAMPLE
    same = _dvc(root, "status", "datasets.dvc").returncode == 0
    return "datasets/ is there" if same else DIFFERS


def _import_again(root: Path, pointer: Path, source: str) -> str:
    before = pointer.read_bytes()
    done = _dvc(root, "update", "datasets.dvc")
    if done.returncode or pointer.read_bytes() != before:
        pointer.write_bytes(before)
        shutil.rmtree(root / "datasets", ignore_errors=True)  # this call made it: nothing stood there
        said = done.stderr.strip() or "its content has another digest"
        raise DataError(
            f"{source} is not the data that datasets.dvc names: {said}",
            next_step=f"if it should be: `dvc update datasets.dvc` and commit; else `git checkout {source}`",
        )
    return f"datasets/ came from {source}"


def _dvc(root: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    if find_spec("dvc") is None:
        raise MachineError("DVC is not installed here", next_step="make setup")
    return subprocess.run(  # noqa: PLW1510 - the caller reads the code
        [sys.executable, "-m", "dvc", words[0], "--quiet", *words[1:]], cwd=root, capture_output=True, text=True
    )
