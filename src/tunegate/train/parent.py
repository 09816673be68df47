"""Training ends when its parent does: killing DVC leaves its child running, and DVC's next run would start a second.

Two guards. Linux kills us with our parent (PR_SET_PDEATHSIG); a thread looks every second whether one of our nearest
ancestors is gone, which also covers a shell in between and other systems.
"""

import ctypes
import os
import signal
import sys
import threading
import time
from pathlib import Path

PR_SET_PDEATHSIG = 1
SHELLS = ("sh", "bash", "dash", "zsh", "fish")
EVERY_SECONDS = 1.0
ORPHANED = 143  # as if by SIGTERM


def end_with_parent() -> None:
    """Arrange that this process ends when the one that started it ends; call it once, early, in the main thread."""
    line = _ancestors()
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    threading.Thread(target=_watch, args=(line,), name="parent-watch", daemon=True).start()


def _watch(line: list[int]) -> None:
    while _ancestors() == line:
        time.sleep(EVERY_SECONDS)
    os._exit(ORPHANED)  # no clean-up: the last whole checkpoint is on disk


def _ancestors() -> list[int]:
    """Ids of the parent and, where DVC runs us through a shell, of the shell's parent too."""
    line = [os.getppid()]
    if "DVC_STAGE" in os.environ and _name_of(line[0]) in SHELLS and (parent := _parent_of(line[0])):
        line.append(parent)
    return line


def _name_of(process: int) -> str:
    try:
        return Path(f"/proc/{process}/comm").read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def _parent_of(process: int) -> int:
    try:
        stat = Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
    except OSError:
        return 0
    return int(stat.rpartition(")")[2].split()[1])  # the name before it may hold spaces and brackets
