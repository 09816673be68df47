"""What publishing asks of DVC, as commands of its own: inside `dvc repro` its lock would stand in the way."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Container
from pathlib import Path
from typing import Any

from tunegate.core.dvc import dvc_digest
from tunegate.core.errors import BusyError, MachineError, ReleaseRefused
from tunegate.core.git import git
from tunegate.core.lock import RELEASES
from tunegate.publish.holders import holders, let_go

LOCKED = ("Unable to acquire lock", "is busy", "Unable to read RWLock-file")


def run(root: Path, *words: str) -> str:
    """Run one DVC command; return what it wrote.

    Raises:
        BusyError: another DVC is at work here.
        MachineError: it failed; the message is DVC's.
    """
    done = _dvc(root, *words)
    if done.returncode and _locked(done) and let_go(root):
        done = _dvc(root, *words)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR: ")] or done.stderr.splitlines()
        said = (lines or ["it says nothing"])[0].removeprefix("ERROR: ")
        if _locked(done):
            who = ", ".join(holders(root / ".dvc" / "tmp" / "rwlock")) or said
            raise BusyError(f"another DVC is at work here: {who}", next_step="wait for it, then run this again")
        if words[0] == "repro":
            print(done.stderr.strip(), file=sys.stderr)  # noqa: T201 - the stage's own words, with its table
            raise ReleaseRefused("no release: the stage's words stand above", next_step="mend it, then run this again")
        raise MachineError(f"dvc {words[0]}: {said}", next_step="mend it and run this again: it goes on from here")
    return done.stdout


def _dvc(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "dvc", *words]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


def _locked(done: subprocess.CompletedProcess[str]) -> bool:
    return any(words in done.stderr for words in LOCKED)


def status(root: Path) -> dict[str, Any]:
    """Which stages are not as dvc.lock says."""
    found: dict[str, Any] = json.loads(run(root, "status", "--json") or "{}")
    return found


def has_remote(root: Path) -> bool:
    """Whether there is a default remote."""
    return bool(_dvc(root, "config", "core.remote").stdout.strip())


def push(root: Path) -> str:
    """Push all data of this commit; DVC's closing line.

    Raises:
        MachineError: the remote does not take it.
    """
    return (run(root, "push").strip().splitlines() or ["nothing to push"])[-1]


def prove(root: Path, remote: str, path: str, digest: str) -> None:
    """Get an out from the remotes alone, as a fresh clone would: `dvc status --cloud` believes what it once saw there.

    Raises:
        ReleaseRefused: what comes is not what dvc.lock names.
        MachineError: it cannot be had; the message names the file.
    """
    url, head = git(root, "remote", "get-url", remote), git(root, "rev-parse", "HEAD")
    if (root / url).exists():
        url = str((root / url).resolve())  # a relative path is relative to this repository
    with tempfile.TemporaryDirectory(prefix="tunegate-") as place:
        out = Path(place) / "out"
        local = root / ".dvc" / "config.local"  # credentials of this machine, which no clone has
        words = ["--config", str(local.resolve())] if local.is_file() else []
        run(root, "get", url, path, "--rev", head, "--out", str(out), *words)
        if dvc_digest(out) != digest:
            raise ReleaseRefused(f"{path}: the remote has other bytes than dvc.lock names", next_step="`dvc push`")


def release(root: Path, keys: tuple[str, ...], variants: Container[str]) -> str:
    """Run the release stages; they decide again, and tag what passed. Returns their closing lines.

    Raises:
        ReleaseRefused: one refused; its words, with the table, are on the terminal.
    """
    stages = [f"{RELEASES[key in variants]}@{key}" for key in keys]
    said = run(root, "repro", "--pull", "--allow-missing", *stages)
    starts = ("released ", *(f"{key}: " for key in keys))
    return "\n".join(line for line in said.splitlines() if line.startswith(starts))
