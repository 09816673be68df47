"""What there is to search: files of the working tree, and files of all versions, each with the names it is known by."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path, PurePath
from typing import BinaryIO, Literal, NamedTuple

from tunegate.core.files import list_files
from tunegate.trace.store import Missing, Store
from tunegate.trace.versions import RAW, Kind, Version

SPLITS = ("train", "validation", "test", "replay")
GENERAL = "general"
QUEUE = "review-queue.jsonl"
FOLDERS: tuple[tuple[Kind | Literal["cache"], str], ...] = (
    ("data", "build/data/{key}"),
    ("report", "build/report/{key}"),
    ("outputs", "build/outputs/{key}"),
    ("raw", "datasets/{key}"),
    ("cache", ".cache/synth/{key}"),
)


class Place(NamedTuple):
    """One file. `version` is None in the working tree; `digest` is empty there, since nobody has counted it."""

    kind: Kind | Literal["cache"]
    key: str
    file: str
    version: Version | None
    digest: str
    open: Callable[[], BinaryIO]

    @property
    def split(self) -> str:
        """The split that the file is, or nothing."""
        name = PurePath(self.file)
        return name.stem if self.kind == "data" and name.suffix == ".jsonl" and name.stem in SPLITS else ""

    @property
    def has_ids(self) -> bool:
        """Whether every row of the file has its id, so that what a row says can be learned from it.

        An output has the id of the row that was asked, and in its prompt other rows too: it is searched for both.
        """
        return bool(self.split) or self.file.endswith(QUEUE)


class Lost(NamedTuple):
    """A file or a whole version that could not be searched."""

    file: str
    version: Version | None
    digest: str
    reason: str


def here(root: Path, keys: Iterable[str]) -> Iterator[Place]:
    """The files of the working tree."""
    folders = [(kind, key, folder.format(key=key)) for key in keys for kind, folder in FOLDERS]
    for kind, key, folder in (*folders, ("raw", "", f"{RAW}/{GENERAL}")):
        for name in list_files(root / folder) if (root / folder).is_dir() else ():
            path = root / folder / name
            yield Place(kind, key, f"{folder}/{name}", None, "", partial(_open, path))


def _open(path: Path) -> BinaryIO:
    return path.open("rb")


def stored(store: Store, versions: Iterable[Version], keys: Iterable[str], lost: list[Lost]) -> Iterator[Place]:
    """The files of all versions; what is not here is added to `lost`."""
    wanted = {*keys, GENERAL}
    for version in versions:
        out = version.out
        if out.key and out.key not in wanted:
            continue
        try:
            entries = store.entries(version)
        except Missing as fault:
            lost.append(Lost(out.path, version, out.digest, str(fault)))
            continue
        for entry in entries:
            file = f"{out.path}/{entry.name}".rstrip("/")
            if out.kind != "raw" or PurePath(file).parts[1:2] == () or PurePath(file).parts[1] in wanted:
                opened = partial(store.open, version, entry)
                yield Place(out.kind, out.key or _key_of(file, wanted), file, version, entry.digest, opened)


def _key_of(file: str, keys: set[str]) -> str:
    """The adapter that a raw file belongs to; general rows belong to all."""
    second = PurePath(file).parts[1:2]
    return second[0] if second and second[0] in keys - {GENERAL} else ""
