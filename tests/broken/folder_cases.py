"""Folders with what is no data file: each is built at test time, and has its one error."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from broken.case import GOOD


@dataclass(frozen=True)
class Folder:
    """`build` fills the folder `train` of a dataset; `error` is what the message says; nothing: one file is found."""

    name: str
    build: Callable[[Path], object]
    error: str = ""


def _good(train: Path, name: str = "a.jsonl") -> Path:
    (train / name).parent.mkdir(exist_ok=True)
    (train / name).write_bytes(GOOD)
    return train / name


def _link(train: Path, target: Path, name: str = "b.jsonl") -> None:
    _good(train)
    (train / name).symlink_to(target)


def _out(train: Path) -> None:
    outside = train.parent.parent / "outside.jsonl"
    outside.write_bytes(GOOD)
    _link(train, outside)


def _out_folder(train: Path) -> None:
    outside = train.parent.parent / "outside"
    outside.mkdir()
    (outside / "c.jsonl").write_bytes(GOOD)
    _link(train, outside, "folder")


def _loop(train: Path) -> None:
    _link(train, train / "b.jsonl")


def _dvc_link(train: Path) -> None:
    """What DVC makes with `cache.type symlink`."""
    kept = train.parent.parent / "cache/files/md5/ab" / ("c" * 30)
    kept.parent.mkdir(parents=True)
    kept.write_bytes(GOOD)
    (train / "a.jsonl").symlink_to(kept)


def _pipe(train: Path) -> None:
    _good(train)
    os.mkfifo(train / "b.jsonl")


def _bad_name(train: Path) -> None:
    _good(train)
    with open(os.fsencode(train) + b"/\xff.jsonl", "wb") as stream:  # noqa: PTH123 - a name that is no text
        stream.write(GOOD)


def _hidden(train: Path) -> None:
    for name in ("a.jsonl", ".hidden.txt", ".ipynb_checkpoints/a.jsonl", "README.md", "a.jsonl.dvc"):
        _good(train, name)


FOLDERS = (
    Folder("nothing", lambda train: train, "has no data files"),
    Folder("no folder", lambda train: train.rmdir(), "no such folder"),
    Folder("a text file", lambda train: (_good(train), _good(train, "notes.txt")), r"notes\.txt: not a kind of file"),
    Folder("bzip2", lambda train: _good(train, "a.jsonl.bz2"), r"a\.jsonl\.bz2: not a kind of file that is read"),
    Folder("gzip of nothing known", lambda train: _good(train, "a.gz"), r"a\.gz: not a kind of file that is read"),
    Folder("no ending", lambda train: _good(train, "jsonl"), "not a kind of file that is read"),
    Folder("a link out of the dataset", _out, r"b\.jsonl: a symbolic link that leads out of the dataset's folder"),
    Folder(
        "a link to a system file", lambda train: _link(train, Path("/etc/passwd")), "leads out of the dataset's folder"
    ),
    Folder("a link to a folder outside", _out_folder, "folder: a symbolic link to a folder"),
    Folder("a link to the folder itself", lambda train: _link(train, train, "again"), "a symbolic link to a folder"),
    Folder("a link to nothing", lambda train: _link(train, Path("gone.jsonl")), "a symbolic link that leads nowhere"),
    Folder("a link to itself", _loop, "a symbolic link that leads nowhere"),
    Folder("a pipe", _pipe, r"b\.jsonl: not an ordinary file"),
    Folder("a name that is not UTF-8", _bad_name, "the name is not UTF-8"),
    Folder("a link into DVC's cache", _dvc_link),
    Folder("hidden files, Markdown and DVC's pointers", _hidden),
    Folder("an ending in capitals", lambda train: _good(train, "A.JSONL")),
)
