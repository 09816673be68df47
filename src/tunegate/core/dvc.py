"""The digest that DVC gives a folder: it ties a bundle to what dvc.lock and the release tag name."""

import hashlib
import json
from pathlib import Path

from tunegate.core.files import list_files


def dvc_digest(folder: Path) -> str:
    """The digest that DVC 3 gives a folder: MD5 of the JSON list of its files' MD5s, by path, ending `.dir`."""
    entries = [
        {"md5": hashlib.md5((folder / name).read_bytes(), usedforsecurity=False).hexdigest(), "relpath": name}
        for name in list_files(folder)
    ]
    return hashlib.md5(json.dumps(entries, sort_keys=True).encode(), usedforsecurity=False).hexdigest() + ".dir"
