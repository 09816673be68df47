"""Who holds which files, as DVC writes it down in `.dvc/tmp/rwlock`; the dead are let go of.

DVC lets go of a process that is gone. One that was killed in a container whose first process reaps nobody (Docker
without `--init`) stays as a zombie: DVC 3.67 takes it for alive, and refuses every later run until the container ends.
"""

import fcntl
import json
from pathlib import Path
from typing import Any


def let_go(root: Path) -> bool:
    """Take DVC's list of holders away if none of them is alive, or if a killed writer left half of it.

    Done under DVC's own guard of that file. Returns whether it was taken away, so that DVC may be asked again.
    """
    path = root / ".dvc" / "tmp" / "rwlock"
    if not path.is_file():
        return False
    with path.with_name("rwlock.lock").open("a", encoding="utf-8") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        if holders(path):
            return False
        path.unlink(missing_ok=True)
    return True


def holders(path: Path) -> list[str]:
    """The living ones, each `process PID (command)`."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return []
    entries = list(content.get("write", {}).values()) + [
        one for some in content.get("read", {}).values() for one in some
    ]
    return sorted({f"process {entry['pid']} ({_command(entry)})" for entry in entries if _alive(entry["pid"])})


def _command(entry: dict[str, Any]) -> str:
    return "dvc " + str(entry["cmd"]).partition("__main__.py ")[2] if "__main__.py " in entry["cmd"] else entry["cmd"]


def _alive(pid: int) -> bool:
    import psutil  # comes with DVC: where there is none, publishing ends before this, with a word

    try:
        return bool(psutil.Process(pid).status() not in {psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD})
    except psutil.NoSuchProcess:
        return False
