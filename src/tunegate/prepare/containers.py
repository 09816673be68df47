"""Which files hold data: kinds by their endings, in a fixed order, nothing left out in silence."""

import re
from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import NamedTuple

from tunegate.core.errors import DataError

KINDS = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".csv": "csv",
    ".tsv": "tsv",
    ".parquet": "parquet",
}
PACKED = {".gz": "gz", ".zst": "zst"}
ENDINGS = f"{', '.join(KINDS)}, each plain or with {' or '.join(PACKED)}"
NO_DATA = (".md", ".dvc")  # a read-me, and DVC's own pointer beside a file
# Where DVC keeps what it tracks: with `cache.type symlink` the files of a dataset are links into it.
DVC_CACHE = re.compile(r"/files/md5/[0-9a-f]{2}/[0-9a-f]{30}$")


class DataFile(NamedTuple):
    """One file. `name` is relative to the dataset's folder; `container` is `csv`, `jsonl+gz` or the like."""

    path: Path
    name: str
    container: str

    @property
    def kind(self) -> str:
        """The container without its packing."""
        return self.container.partition("+")[0]

    @property
    def packing(self) -> str:
        """`gz`, `zst` or nothing."""
        return self.container.partition("+")[2]


def container_of(name: str) -> str:
    """The container that a file's name says, or nothing."""
    path = PurePath(name.lower())
    packing = PACKED.get(path.suffix, "")
    kind = KINDS.get(PurePath(path.stem).suffix if packing else path.suffix, "")
    return f"{kind}+{packing}" if kind and packing else kind


def data_files(root: Path, split: str) -> list[DataFile]:
    """The data files of one split of the dataset `root`, also in sub-folders, in a fixed order.

    Hidden files and folders, Markdown and DVC's pointer files are no data.

    Raises:
        DataError: the folder is missing, has no data files, or holds what is not read (everything is named): a file of
            another kind, a symbolic link out of the dataset or to a folder, a pipe, a name that is not UTF-8.
    """
    folder = root / split
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder", next_step=f"put {ENDINGS} files there (docs/data.md)")
    files, wrong = [], []
    for path in _inside(folder):
        if fault := _fault(path, root):
            wrong.append(f"{_shown(path)}: {fault}")
        elif not path.name.endswith(NO_DATA):
            files.append(DataFile(path, path.relative_to(root).as_posix(), container_of(path.name)))
    if wrong:
        raise DataError("\n".join(wrong), next_step=f"convert to one of {ENDINGS}, or move it away")
    if not files:
        raise DataError(f"{folder}: has no data files", next_step=f"put {ENDINGS} files there")
    return files


def _inside(folder: Path) -> Iterator[Path]:
    """All that is no folder, and the links to folders; hidden ones left out, sorted by their parts."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _inside(path)
        else:
            yield path


def _fault(path: Path, root: Path) -> str:
    if not _utf8(path.name):
        return "the name is not UTF-8"
    if path.is_symlink() and (fault := _link_fault(path, root)):
        return fault
    if not path.is_file():
        return "not an ordinary file"
    if path.name.endswith(NO_DATA) or container_of(path.name):
        return ""
    return "not a kind of file that is read"


def _link_fault(path: Path, root: Path) -> str:
    try:
        target = path.resolve(strict=True)
    except (OSError, RuntimeError):  # a loop is a RuntimeError in Python 3.11
        return "a symbolic link that leads nowhere"
    if target.is_dir():
        return "a symbolic link to a folder, which is not followed"
    if not target.is_relative_to(root.resolve()) and not DVC_CACHE.search(target.as_posix()):
        return "a symbolic link that leads out of the dataset's folder"
    return ""


def _utf8(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _shown(path: Path) -> str:
    return str(path).encode("utf-8", "backslashreplace").decode()
