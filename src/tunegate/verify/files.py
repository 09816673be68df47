"""The bundle's files: all that the manifest names and no others, and none that could run when it is loaded."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from tunegate.core.errors import ReleaseRefused
from tunegate.records.manifest import SUMS, Manifest, sums
from tunegate.verify.finding import Finding, found
from tunegate.verify.tag import differences

TEXT = (".json", ".jsonl", ".md", ".jinja", ".txt")
LONGEST_HEADER = 100_000_000  # bytes; safetensors itself takes no longer one


def check_files(bundle: Path, manifest: Manifest, here: Mapping[str, str]) -> Finding:
    """Each file has the digest of manifest.json and of SHA256SUMS; none is missing, none is there besides."""
    own = {name: digest for name, digest in here.items() if name not in ("manifest.json", SUMS)}
    faults = differences(manifest.files, own, "in the manifest")
    listed = {name: digest for name, digest in here.items() if name != SUMS}
    try:
        text = (bundle / SUMS).read_text(encoding="utf-8")
    except (OSError, ValueError):
        text = ""
    if not text:
        faults.append(f"no {SUMS}: made by an older version, or taken away")
    elif text != sums(listed):
        faults.append(f"{SUMS} does not list these files with these digests")
    return found("files", faults, f"{len(own)} files as in manifest.json and {SUMS}")


def check_safe(bundle: Path) -> Finding:
    """No links, no folder outside, and only safetensors and text: nothing that runs when it is loaded."""
    faults = []
    for folder, folders, names in os.walk(bundle):  # does not follow links
        for name in sorted([*folders, *names]):
            path = Path(folder) / name
            shown = path.relative_to(bundle).as_posix()
            if path.is_symlink():
                faults.append(f"{shown} is a link")
            elif path.is_file() and (fault := _unsafe(path)):
                faults.append(f"{shown} {fault}")
    return found("safe", faults, "safetensors and text only, no links")


def has_links(bundle: Path) -> bool:
    """Whether a link is in the bundle: it may lead anywhere, so nothing is read through it."""
    return any((Path(folder) / name).is_symlink() for folder, below, names in os.walk(bundle) for name in below + names)


def _unsafe(path: Path) -> str:
    if path.suffix == ".safetensors":
        return "" if _is_safetensors(path) else "is no safetensors file"
    if path.suffix not in TEXT and path.name != SUMS:
        return "is neither safetensors nor text"
    try:
        return "is no text" if "\0" in path.read_text(encoding="utf-8") else ""
    except ValueError:
        return "is no text"


def _is_safetensors(path: Path) -> bool:
    """Eight bytes with the length of a JSON header, the header, and data as long as it says
    (https://huggingface.co/docs/safetensors, Format).
    """
    size = path.stat().st_size
    with path.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        if not 2 <= length <= min(size - 8, LONGEST_HEADER):
            return False
        try:
            header = json.loads(stream.read(length))
            ends = [part["data_offsets"][1] for name, part in header.items() if name != "__metadata__"]
        except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
            return False
    return max(ends, default=0) == size - 8 - length


def read_manifest(bundle: Path) -> Manifest:
    """Read manifest.json of a bundle.

    Raises:
        ReleaseRefused: missing, or not one.
    """
    return Manifest.read(bundle / "manifest.json", ReleaseRefused, next_step="this is no bundle of a release")
