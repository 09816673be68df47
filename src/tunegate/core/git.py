"""What this project asks of Git: questions, no shell. Only `release` makes anything: tags."""

import subprocess
from pathlib import Path

from tunegate.core.errors import MachineError

NEXT_STEP = "run this inside a Git repository with at least one commit"


def git(root: Path, *words: str) -> str:
    """Run one git command in `root`; return what it wrote to standard output, without the end of its last line.

    Raises:
        MachineError: git is not installed, or the command failed (its message is in the error).
    """
    try:
        done = subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=True)
    except FileNotFoundError:
        raise MachineError("git is not installed", next_step="install git") from None
    except subprocess.CalledProcessError as fault:
        raise MachineError(f"git {words[0]}: {fault.stderr.strip()}", next_step=NEXT_STEP) from None
    return done.stdout.rstrip()


def branch(root: Path) -> str:
    """The branch that is checked out; empty when HEAD is detached."""
    return git(root, "branch", "--show-current")


def changed_files(root: Path) -> list[str]:
    """Files that are not as in HEAD: changed, staged or untracked (ignored ones do not count)."""
    return [line[3:] for line in git(root, "status", "--porcelain", "--untracked-files=all").splitlines()]


def file_at(root: Path, commit: str, path: str) -> str | None:
    """A file's text in a commit, or None if it has none."""
    if not git(root, "ls-tree", "--name-only", commit, path):
        return None
    return git(root, "show", f"{commit}:{path}")


def blob_at(root: Path, commit: str, path: str) -> bytes | None:
    """A file's bytes in a commit, or None if it has none."""
    if not git(root, "ls-tree", "--name-only", commit, path):
        return None
    command = ["git", "cat-file", "blob", f"{commit}:{path}"]
    return subprocess.run(command, cwd=root, capture_output=True, check=True).stdout


def identity(root: Path) -> tuple[str, str]:
    """Name and mail of whoever makes tags here.

    Raises:
        MachineError: git knows none.
    """
    try:
        words = git(root, "var", "GIT_COMMITTER_IDENT")
    except MachineError:
        raise MachineError(
            "git does not know who you are, and a release tag names its maker",
            next_step="git config user.name 'Your Name' && git config user.email you@example.com",
        ) from None
    name, _, rest = words.partition(" <")
    return name, rest.partition(">")[0]
