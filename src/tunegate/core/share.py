"""Tags and the Git remote: what is there, and pushing one tag that somebody else may have taken meanwhile."""

import subprocess
from pathlib import Path

from tunegate.core.errors import BusyError, MachineError
from tunegate.core.git import git

TRIES = 5  # of a tag whose number others take again and again


def remote_of(root: Path, branch: str) -> str:
    """The Git remote that the branch follows, else `origin`, else the only one; empty if there is none."""
    there = git(root, "remote").split()
    follows = subprocess.run(
        ["git", "config", f"branch.{branch}.remote"], cwd=root, capture_output=True, text=True, check=False
    ).stdout.strip()
    wanted = [name for name in (follows, "origin") if name in there]
    return (wanted or (there if len(there) == 1 else [""]))[0]


def fetch(root: Path, remote: str) -> None:
    """Fetch the remote's branches, and those of its tags that do not stand in the way of ours.

    Raises:
        MachineError: the remote cannot be reached; the message is Git's.
    """
    git(root, "fetch", "--quiet", "--no-tags", remote)
    ours = local_tags(root)
    new = [name for name in remote_tags(root, remote) if name not in ours]
    if new:
        git(root, "fetch", "--quiet", "--no-tags", remote, *(f"refs/tags/{name}:refs/tags/{name}" for name in new))


def local_tags(root: Path) -> dict[str, str]:
    """Our tags and the objects that they name."""
    lines = git(root, "for-each-ref", "refs/tags", "--format=%(objectname) %(refname:strip=2)").splitlines()
    return {name: digest for digest, _, name in (line.partition(" ") for line in lines)}


def remote_tags(root: Path, remote: str) -> dict[str, str]:
    """The remote's tags and the objects that they name.

    Raises:
        MachineError: the remote cannot be reached.
    """
    lines = git(root, "ls-remote", "--refs", "--tags", remote).splitlines()
    return {name.removeprefix("refs/tags/"): digest for digest, _, name in (line.partition("\t") for line in lines)}


def push_tag(root: Path, remote: str, name: str) -> bool:
    """Push one tag; False if the remote has another one of that name.

    Raises:
        MachineError: the remote cannot be reached, or refuses for another reason.
    """
    try:
        git(root, "push", "--quiet", remote, f"refs/tags/{name}:refs/tags/{name}")
    except MachineError as fault:
        there, ours = remote_tags(root, remote).get(name), local_tags(root).get(name)
        if there == ours:  # it had arrived all the same
            return True
        if there:
            return False
        raise MachineError(f"{name} is here and not on {remote}: {fault.message}",
                           next_step="mend it and run this again: it goes on from here") from None  # fmt: skip
    return True


def give_up(root: Path, remote: str, name: str) -> None:
    """Replace our tag, which nobody has seen, by the remote's of the same name."""
    git(root, "tag", "--delete", name)
    git(root, "fetch", "--quiet", "--no-tags", remote, f"refs/tags/{name}:refs/tags/{name}")


def taken(name: str) -> BusyError:
    """Others were faster, `TRIES` times."""
    return BusyError(f"{name}: others took the number {TRIES} times in a row", next_step="run this again")
