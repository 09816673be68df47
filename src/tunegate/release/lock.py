"""What dvc.lock says, and the digest that DVC will give a folder: to know whether HEAD has this very bundle."""

import hashlib
import json
from pathlib import Path
from typing import Any

import yaml

from tunegate.core.files import list_files
from tunegate.core.git import file_at


def dvc_digest(folder: Path) -> str:
    """The digest that DVC 3 gives a folder: MD5 of the JSON list of its files' MD5s, by path, ending `.dir`."""
    entries = [
        {"md5": hashlib.md5((folder / name).read_bytes(), usedforsecurity=False).hexdigest(), "relpath": name}
        for name in list_files(folder)
    ]
    return hashlib.md5(json.dumps(entries, sort_keys=True).encode(), usedforsecurity=False).hexdigest() + ".dir"


def committed(root: Path, key: str, out: str) -> str:
    """The digest of `out` that HEAD's dvc.lock records for `release@KEY`; empty if it records none."""
    return _md5(_stage(root, f"release@{key}").get("outs"), out)


def data_hash(root: Path, key: str) -> str:
    """DVC's hash of `datasets/KEY` that HEAD's dvc.lock records for `prepare@KEY`; empty if it records none."""
    return _md5(_stage(root, f"prepare@{key}").get("deps"), f"datasets/{key}")


def _stage(root: Path, name: str) -> dict[str, Any]:
    text = file_at(root, "HEAD", "dvc.lock")
    stages = (yaml.safe_load(text) or {}).get("stages", {}) if text else {}
    found: dict[str, Any] = stages.get(name, {})
    return found


def _md5(entries: list[dict[str, Any]] | None, path: str) -> str:
    return next((str(entry.get("md5", "")) for entry in entries or [] if entry.get("path") == path), "")
