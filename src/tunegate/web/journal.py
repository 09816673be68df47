"""A journal: one JSON line an entry, only ever added to, on disk before it counts.

What `append` returned from is there after a kill or a power cut. One process writes at a time: a second one is
refused. A last line that a kill cut short was never acknowledged; it is moved aside into a `.cut` file, not lost.
"""

import fcntl
import os
import threading
from pathlib import Path
from types import TracebackType
from typing import Generic, Self, TypeVar

from tunegate.core.errors import BusyError, MachineError
from tunegate.records.base import Record
from tunegate.records.lines import parse_lines

Entry = TypeVar("Entry", bound=Record)


class Journal(Generic[Entry]):
    """The entries of one file, and the only way to add to them. Safe to use from several threads."""

    def __init__(self, path: Path, kind: type[Entry], *, next_step: str) -> None:
        """Open the journal, make it if it is not there, and lock it until `close`.

        Args:
            path: the file; its folder is made.
            kind: what a line holds.
            next_step: what a person does about a file that is no such journal.

        Raises:
            BusyError: another process has it open.
            DataError: a line is not an entry (the first such line is named).
            MachineError: the file is a link into DVC's cache, which must not be written to.
        """
        self.path = path
        self.cut: Path | None = None  # where a line that a kill cut short was moved to
        self._guard = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        _refuse_link(path)
        self._file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            _lock(self._file, path)
            content = self._heal()
            name = f"a {kind.__name__}"
            self.entries: list[Entry] = list(parse_lines(content, path, kind, name=name, next_step=next_step))
        except BaseException:
            os.close(self._file)
            raise
        self._size = len(content)
        _flush_folder(path.parent)

    def append(self, *entries: Entry) -> None:
        """Add entries, all or none; when this returns, they are on disk.

        Raises:
            BusyError: another program changed or replaced the file; nothing was written.
            OSError: the disk is full or broken; nothing was written.
        """
        lines = "".join(entry.to_line() for entry in entries).encode("utf-8")
        with self._guard:
            self._still_ours()
            try:
                _write_all(self._file, lines)
                os.fsync(self._file)
            except OSError as fault:
                os.ftruncate(self._file, self._size)  # half an entry must not stand before the next one
                fault.filename = fault.filename or str(self.path)
                raise
            self._size += len(lines)
            self.entries += entries

    def close(self) -> None:
        """Let another process have the file."""
        with self._guard:
            if self._file >= 0:
                os.close(self._file)
                self._file = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _heal(self) -> bytes:
        """The whole lines; what stands after the last of them goes into the `.cut` file first."""
        content = self.path.read_bytes()
        end = content.rfind(b"\n") + 1
        if end < len(content):
            self.cut = self.path.with_name(self.path.name + ".cut")
            with self.cut.open("ab") as aside:
                aside.write(content[end:] + b"\n")
                aside.flush()
                os.fsync(aside.fileno())
            os.ftruncate(self._file, end)
            os.fsync(self._file)
        return content[:end]

    def _still_ours(self) -> None:
        """`dvc checkout` or an editor may put another file in this place: what is added to the old one would vanish."""
        ours = os.fstat(self._file)
        try:
            there = self.path.stat()
        except FileNotFoundError:
            there = None
        if there is None or (there.st_ino, there.st_dev) != (ours.st_ino, ours.st_dev) or ours.st_size != self._size:
            raise BusyError(
                f"{self.path} was changed by another program; nothing was recorded",
                next_step="stop this server and start it again: it then reads the file anew",
            )


def _refuse_link(path: Path) -> None:
    if path.is_symlink() or (path.is_file() and (path.stat().st_nlink > 1 or not path.stat().st_mode & 0o200)):
        raise MachineError(
            f"{path} is a link into DVC's cache, or read-only; adding to it would damage the recorded version",
            next_step="run `dvc unprotect datasets.dvc`",
        )


def _lock(file: int, path: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise BusyError(
            f"{path} is open in another process", next_step="use the page that runs already, or stop it first"
        ) from None


def _write_all(file: int, content: bytes) -> None:
    while content:
        content = content[os.write(file, content) :]


def _flush_folder(folder: Path) -> None:
    """A new file's name is on disk only when its folder is."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
