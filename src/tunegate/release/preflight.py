"""What DVC says right before a tag: is anything to run again, and does the remote have what the release is made of?"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tunegate.core.errors import MachineError
from tunegate.release.decision import Preflight

ABSENT = "deleted"  # of a dependency or out: not on this disk, which a fresh clone may lack; the lock still names it
NOT_THERE = {"new", "missing"}  # against the remote: here only; nowhere


def preflight(root: Path, key: str) -> Preflight:
    """Ask `dvc status`, and `dvc status --cloud` where a default remote is configured.

    Raises:
        MachineError: DVC cannot say (the remote is down, say): nothing is tagged on a guess.
    """
    stale = tuple(name for name, said in _ask(root).items() if not name.startswith("release@") and _changed(said))
    if not _dvc(root, "config", "core.remote", check=False):
        return Preflight(stale)
    # It exits with 0 even where data is missing: what it prints is what counts.
    cloud = _ask(root, "--cloud", "--with-deps", f"release@{key}")
    return Preflight(stale, tuple(sorted(path for path, state in cloud.items() if state in NOT_THERE)))


def _ask(root: Path, *words: str) -> dict[str, Any]:
    said = _dvc(root, "status", "--json", *words)
    found: dict[str, Any] = json.loads(said) if said else {}
    return found


def _changed(said: list[Any]) -> bool:
    return any(state != ABSENT for entry in said for state in _states(entry))


def _states(entry: Any) -> Iterator[str]:
    """All states in one stage's entry: `{"changed deps": {path: state}}`, or a word such as "changed command"."""
    if isinstance(entry, dict):
        for part in entry.values():
            yield from _states(part)
    elif isinstance(entry, str):
        yield entry


def _dvc(root: Path, *words: str, check: bool = True) -> str:
    command = [sys.executable, "-m", "dvc", *words]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode and check:
        said = done.stderr.strip() or done.stdout.strip()
        raise MachineError(
            f"dvc {words[0]}: {said}", next_step="repair it, then `dvc repro release`: nothing is tagged"
        )
    return done.stdout.strip()
