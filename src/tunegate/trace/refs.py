"""The names of commits: branches, tags, releases, and DVC experiments (`refs/exps/*`)."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from tunegate.core.git import git
from tunegate.records.released import TAG

FORMAT = "%(refname)%00%(objectname)%00%(*objectname)"
EXPERIMENTS = "refs/exps/"
PASSING = EXPERIMENTS + "exec/"  # where an experiment that runs now started: no name of its own
QUEUES = ("celery/", "stash")


class Names(NamedTuple):
    """What a version of the data is known by. `releases` are tags of one adapter (`triage@v1.0.0`)."""

    branches: tuple[str, ...] = ()
    releases: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    experiments: tuple[str, ...] = ()


def names_by_commit(root: Path) -> dict[str, list[tuple[str, str]]]:
    """(kind, name) of every ref, by the commit that it names; an experiment names all commits of its own."""
    found: dict[str, list[tuple[str, str]]] = {}
    for line in git(root, "for-each-ref", f"--format={FORMAT}").splitlines():
        ref, own, peeled = line.split("\0")
        if ref.startswith(PASSING):
            continue
        kind, name = _kind(ref)
        for commit in _commits(root, ref, peeled or own) if kind == "experiment" else (peeled or own,):
            found.setdefault(commit, []).append((kind, name))
    return found


def names(commits: Iterable[str], known: dict[str, list[tuple[str, str]]]) -> Names:
    """All names of some commits, sorted, each once."""
    kinds: dict[str, set[str]] = {"branch": set(), "release": set(), "tag": set(), "experiment": set()}
    for commit in commits:
        for kind, name in known.get(commit, ()):
            kinds[kind].add(name)
    return Names(*(tuple(sorted(kinds[kind])) for kind in ("branch", "release", "tag", "experiment")))


def _kind(ref: str) -> tuple[str, str]:
    if ref.startswith("refs/tags/"):
        name = ref.removeprefix("refs/tags/")
        return ("release" if TAG.match(name) else "tag"), name
    if ref.startswith(EXPERIMENTS):
        rest = ref.removeprefix(EXPERIMENTS)
        return "experiment", f"(queue: {rest.split('/')[0]})" if rest.startswith(QUEUES) else rest.split("/", 2)[-1]
    for prefix in ("refs/heads/", "refs/remotes/"):
        if ref.startswith(prefix):
            return "branch", ref.removeprefix(prefix)
    return "branch", ref


def _commits(root: Path, ref: str, tip: str) -> list[str]:
    """The commits of an experiment that no branch or tag has; its tip at least."""
    return git(root, "rev-list", ref, "--not", "--branches", "--tags", "--remotes").split() or [tip]
