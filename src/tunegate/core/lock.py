"""What a commit's dvc.lock says: whether it records this very bundle, and which data it came from."""

from pathlib import Path
from typing import Any

import yaml

from tunegate.core.git import file_at

RELEASES = ("release", "release-variant")  # the stages of dvc.yaml that refuse: of adapters, of variants


def committed(root: Path, key: str, out: str, commit: str = "HEAD") -> str:
    """The digest of `out` that the commit's dvc.lock records for the release of KEY; empty if it records none."""
    found = (_md5(_stage(root, commit, f"{name}@{key}").get("outs"), out) for name in RELEASES)
    return next((digest for digest in found if digest), "")


def is_release(stage: str) -> bool:
    """Whether this stage of dvc.yaml releases."""
    return stage.partition("@")[0] in RELEASES


def data_hash(root: Path, key: str) -> str:
    """DVC's hash of `datasets/KEY` that HEAD's dvc.lock records for `prepare@KEY`; empty if it records none."""
    return _md5(_stage(root, "HEAD", f"prepare@{key}").get("deps"), f"datasets/{key}")


def _stage(root: Path, commit: str, name: str) -> dict[str, Any]:
    text = file_at(root, commit, "dvc.lock")
    stages = (yaml.safe_load(text) or {}).get("stages", {}) if text else {}
    found: dict[str, Any] = stages.get(name, {})
    return found


def _md5(entries: list[dict[str, Any]] | None, path: str) -> str:
    return next((str(entry.get("md5", "")) for entry in entries or [] if entry.get("path") == path), "")
