"""What HEAD's dvc.lock says: to know whether it records this very bundle, and which data it came from."""

from pathlib import Path
from typing import Any

import yaml

from tunegate.core.git import file_at


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
