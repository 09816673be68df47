"""Checkpoints survive a kill: they lie outside DVC's outs, keyed by everything that decides the result.

DVC deletes a stage's outs before it runs the stage, so they cannot lie there. A checkpoint counts only with its mark, a
digest of its files written last: a half-written one is deleted, not resumed (transformers would take it).
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tunegate.core.errors import BusyError
from tunegate.core.files import digest_bytes, digest_file, digest_tree, dump_json, write_text
from tunegate.core.settings import Base, Train

MARK = "whole.sha256"
DATA = ("train.jsonl", "validation.jsonl", "replay.jsonl")


def inputs_digest(data: Path, base: Base, base_digest: str, settings: Train, libraries: dict[str, str]) -> str:
    """SHA-256 over what decides the result: data bytes, base, settings, library versions."""
    decisive = {
        "data": {name: digest_file(data / name) for name in DATA if (data / name).is_file()},
        "base": base_digest,
        "dtype": base.dtype,
        "train": settings.model_dump(mode="json"),
        "libraries": libraries,
    }
    return digest_bytes(dump_json(decisive).encode("utf-8"))


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder alone; the lock goes with the process, also when it is killed.

    Raises:
        BusyError: another process trains into it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f"{folder.name}.lock").open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BusyError(
                f"{folder}: another process trains with the same data and settings",
                next_step="wait for it or end it, then run this again",
            ) from None
        yield


def mark(checkpoint: Path) -> None:
    """Say that a checkpoint is whole; call it after all its files are written."""
    write_text(checkpoint / MARK, _digest(checkpoint))


def newest_whole(folder: Path) -> Path | None:
    """The newest whole checkpoint below `folder`, or None; half-written ones are deleted."""
    found = None
    for checkpoint in sorted(folder.glob("checkpoint-*"), key=_step, reverse=True):
        if found is None and _is_whole(checkpoint):
            found = checkpoint
        elif not _is_whole(checkpoint):
            shutil.rmtree(checkpoint)
    return found


def remove(folder: Path) -> None:
    """Remove the checkpoints of a finished training, with their lock file (held by us until the end)."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder.parent / f"{folder.name}.lock").unlink(missing_ok=True)
    if folder.parent.is_dir() and not os.listdir(folder.parent):  # noqa: PTH208 - only emptiness matters
        folder.parent.rmdir()


def _step(checkpoint: Path) -> int:
    number = checkpoint.name.rpartition("-")[2]
    return int(number) if number.isdigit() else -1


def _is_whole(checkpoint: Path) -> bool:
    path = checkpoint / MARK
    return path.is_file() and path.read_text(encoding="utf-8") == _digest(checkpoint)


def _digest(checkpoint: Path) -> str:
    return digest_tree(checkpoint, keep=lambda name: name != MARK)
