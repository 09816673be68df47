"""May this commit be published? All reasons against it at once."""

from typing import Any, NamedTuple

from tunegate.core.lock import is_release

ABSENT = {"deleted", "not in cache"}  # not on this machine: a fresh clone


class Facts(NamedTuple):
    """What Git and DVC say. `status` is `dvc status --json`; `ahead`: HEAD is not on the remote's branch; `newer`:
    releases of commits that came after HEAD.
    """

    branch: str
    release_branch: str
    newer: tuple[str, ...]
    changed: tuple[str, ...]
    remote: str
    ahead: bool
    dvc_remote: bool
    status: dict[str, Any]


def faults(facts: Facts) -> list[str]:
    """Every reason not to publish."""
    found = []
    if facts.branch != facts.release_branch:
        where = f"branch {facts.branch}" if facts.branch else "no branch (detached HEAD)"
        found.append(f"on {where}; releases are made on {facts.release_branch}")
    if facts.changed:
        found.append(f"the tree has changes ({_some(facts.changed)}): commit them")
    if not facts.remote:
        found.append("Git has no remote to share tags with: `git remote add origin URL`")
    elif facts.ahead:
        found.append(f"HEAD is not on {facts.remote}/{facts.release_branch}: `git push {facts.remote} HEAD`")
    if facts.newer:
        found.append(f"HEAD is older than {_some(facts.newer)}: `git pull`")
    if not facts.dvc_remote:
        found.append("DVC has no remote to share bundles with: `dvc remote add --default NAME URL`, commit")
    found += [f"{stage} is not as in dvc.lock ({why}): `dvc repro`, commit" for stage, why in stale(facts.status)]
    return found


def stale(status: dict[str, Any]) -> list[tuple[str, str]]:
    """Stages that would run again, and why; what is only absent here does not count. Nor do the release stages: they
    run in any case, render their out anew (a kill may have left half of it) and hold it against dvc.lock.
    """
    found = []
    for stage, entries in status.items():
        why = [reason for entry in entries for reason in _reasons(entry)]
        if why and not is_release(stage):
            found.append((stage, _some(tuple(why))))
    return found


def _reasons(entry: Any) -> list[str]:
    if isinstance(entry, str):
        return [entry]
    return [
        f"{path} {state if isinstance(state, str) else 'modified'}"
        for paths in entry.values()
        for path, state in paths.items()
        if not (isinstance(state, str) and state in ABSENT)
    ]


def _some(names: tuple[str, ...]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
