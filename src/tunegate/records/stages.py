"""Who is in which stage, read from the stage tags (`triage#prod#3`, in GTO's grammar): the repository is the registry.

The counter runs over all stages of an adapter, so it orders assignments in time; SemVer does not (a rollback assigns
an older version anew). Withdrawals (`triage#prod!#4`) do not count: a rollback is a new assignment.
"""

import re
from pathlib import Path
from typing import NamedTuple

from tunegate.core.git import git
from tunegate.records.released import released

STAGE_TAG = re.compile(r"^(?P<key>[a-z][a-z0-9-]*)#(?P<stage>[a-z][a-z0-9-]*)#(?P<counter>[1-9]\d*)$")


class Assignment(NamedTuple):
    """One stage tag. `version` is that of the release tag on its commit (`1.4.0`), empty where there is none."""

    key: str
    stage: str
    version: str
    counter: int
    commit: str


def assignments(root: Path) -> list[Assignment]:
    """All stage tags, newest (by counter) first within each key.

    Raises:
        MachineError: not a Git repository.
    """
    versions: dict[tuple[str, str], str] = {}
    for release in released(root):  # newest first: of two versions on one commit the newer counts
        versions.setdefault((release.key, release.commit), release.version)
    found = []
    form = "%(refname:short)%00%(objectname)%00%(*objectname)"
    for line in git(root, "for-each-ref", "refs/tags", f"--format={form}").splitlines():
        name, own, peeled = line.split("\0")
        if match := STAGE_TAG.match(name):
            key, commit = match["key"], peeled or own
            version = versions.get((key, commit), "")
            found.append(Assignment(key, match["stage"], version, int(match["counter"]), commit))
    return sorted(found, key=lambda one: (one.key, -one.counter))
