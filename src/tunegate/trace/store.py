"""Where DVC keeps what a version holds: its cache on this machine, and, on demand, its remote.

The cache is read by its documented layout (`files/md5/xx/...`, a folder's `.dir` listing), since DVC's stable API finds
files by path and revision only and would read one object as often as there are commits. The remote is read through that
API (`dvc.api.DVCFileSystem`), which knows every kind of storage; nothing of it is written to this machine. See
docs/decisions/0012-trace.md.
"""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast

from tunegate.core.errors import MachineError
from tunegate.trace.versions import UNCOMMITTED, Version

LAYOUT = Path("files") / "md5"


class Entry(NamedTuple):
    """One file of a version: its path below the out (empty for an out that is a file), and its digest."""

    name: str
    digest: str


class Missing(Exception):  # noqa: N818 - it says what is the matter
    """An object is not here; the message says why."""


def cache_folder(root: Path) -> Path:
    """Where DVC's cache is, whatever its configuration says (`cache.dir`, also from the user's own files).

    Raises:
        MachineError: DVC is not installed, or `root` is no DVC project.
    """
    done = subprocess.run([sys.executable, "-m", "dvc", "cache", "dir"], cwd=root, capture_output=True, text=True,
                          check=False)  # fmt: skip
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise MachineError(f"dvc cache dir: {said[-1] if said else 'failed'}", next_step="install the extra `release`")
    return Path(done.stdout.strip())


class Store:
    """Reads versions. With `fetch`, what is not in the cache is read from the remote."""

    def __init__(self, root: Path, folder: Path, *, fetch: bool) -> None:
        self._root, self._folder, self._fetch = root, folder, fetch

    def entries(self, version: Version) -> list[Entry]:
        """The files of a version.

        Raises:
            Missing: its listing is not here.
        """
        out = version.out
        if not out.digest.endswith(".dir"):
            return [Entry("", out.digest)]
        path = self._object(out.digest, old=out.old)
        if path.is_file():
            try:
                listing = json.loads(path.read_bytes())
                return [Entry(each["relpath"], each["md5"]) for each in listing]
            except (ValueError, KeyError, TypeError):
                raise Missing(f"{path} is damaged") from None
        if not self._fetch:
            raise Missing("not in the cache")
        return self._remote(version).entries(out.path)

    def open(self, version: Version, entry: Entry) -> BinaryIO:
        """One file of a version, as a stream.

        Raises:
            Missing: it is not here.
        """
        path = self._object(entry.digest, old=version.out.old)
        if path.is_file():
            return path.open("rb")
        if not self._fetch:
            raise Missing("not in the cache")
        return self._remote(version).open(f"{version.out.path}/{entry.name}".rstrip("/"))

    def _object(self, digest: str, *, old: bool) -> Path:
        folder = self._folder if old else self._folder / LAYOUT
        return folder / digest[:2] / digest[2:]

    def _remote(self, version: Version) -> "Remote":
        commit = version.commits[-1]
        return _remote(self._root, None if commit == UNCOMMITTED else commit)


@cache
def _remote(root: Path, commit: str | None) -> "Remote":
    return Remote(root, commit)


class Remote:
    """The files of one commit, read from the remote that the project names."""

    def __init__(self, root: Path, commit: str | None) -> None:
        try:
            from dvc.api import DVCFileSystem
        except ImportError:
            raise MachineError("DVC is not installed", next_step="install the extra `release`") from None
        self._files: Any = DVCFileSystem(str(root), rev=commit)

    def entries(self, path: str) -> list[Entry]:
        """The files below `path`.

        Raises:
            Missing: the remote does not have the listing.
        """
        try:
            found = self._files.find(path, detail=True)
        except Exception as fault:  # noqa: BLE001 - each kind of storage has errors of its own
            raise Missing(f"not in the remote: {fault}") from None
        entries = [Entry(name.removeprefix(f"{path}/"), info["md5"]) for name, info in sorted(found.items())]
        if not entries:
            raise Missing("not in the remote")
        return entries

    def open(self, path: str) -> BinaryIO:
        """One file.

        Raises:
            Missing: the remote does not have it.
        """
        try:
            return cast("BinaryIO", self._files.open(path, "rb"))
        except Exception as fault:  # noqa: BLE001 - each kind of storage has errors of its own
            raise Missing(f"not in the remote: {fault}") from None
