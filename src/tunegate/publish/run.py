"""`tunegate publish [KEY...]`: each step may be killed; run again, it goes on where it was.

The data is pushed, and got back from the remotes alone, before there is a tag; a tag is pushed by itself. Somebody who
took the same version meanwhile keeps it: our tag, which nobody has seen, is made anew with the next number.
"""

import subprocess
from collections.abc import Callable
from pathlib import Path

from tunegate.core.errors import ReleaseRefused, UsageError
from tunegate.core.git import branch, changed_files, git
from tunegate.core.lock import committed
from tunegate.core.params import load_params
from tunegate.core.settings import Params
from tunegate.core.share import TRIES, fetch, give_up, local_tags, push_tag, remote_of, remote_tags, taken
from tunegate.publish import dvc
from tunegate.publish.preflight import Facts, faults
from tunegate.records.released import Released, released

Say = Callable[[str], None]


def publish(root: Path, keys: list[str], say: Say, *, dry_run: bool = False) -> str:
    """Publish the named adapters, or all; return what to tell. `dry_run`: look, and say what would be done.

    Raises:
        UsageError: no such adapter.
        ReleaseRefused: a reason not to publish (all of them are named), or the gate refuses.
        MachineError: a remote cannot be reached; what was done stays, and the next run goes on.
        BusyError: others were faster five times in a row, or another DVC is at work here.
    """
    params = load_params(root / "params.yaml")
    if unknown := [key for key in keys if key not in params.releases]:
        raise UsageError(f"no such adapter: {', '.join(unknown)}", next_step=f"there is {', '.join(params.releases)}")
    wanted = tuple(keys or params.releases)
    remote = _preflight(root, params, wanted)
    if dry_run:
        return _foretold(root, remote, wanted)
    say(f"data: {dvc.push(root)}")
    for key in wanted:
        path = f"build/release/{key}"
        dvc.prove(root, remote, path, committed(root, key, path))
        say(f"{key}: its bundle comes from the remotes alone")
    for _ in range(TRIES):
        for tag in _lost(root, remote, wanted):
            say(f"{tag}: somebody else made this version meanwhile")
            give_up(root, remote, tag)
        said = dvc.release(root, wanted, params.variants)
        if _share(root, remote, wanted, say):
            return said
    raise taken(", ".join(wanted))


def _foretold(root: Path, remote: str, keys: tuple[str, ...]) -> str:
    there, own, said = remote_tags(root, remote), _own(root, keys), ["nothing stands against it"]
    for key in keys:
        last = next((version for version in own if version.key == key), None)
        if last and last.facts.get("bundle") == committed(root, key, f"build/release/{key}"):
            said.append(f"{key}: {last.tag} is this very bundle: nothing to release")
        else:
            after = f" after {last.tag}" if last else ""
            said.append(f"{key}: to be released{after}, if the gate says PASS again")
    said += [f"{version.tag}: to be pushed to {remote}" for version in reversed(own) if version.tag not in there]
    return "\n".join([*said, "nothing was changed: a dry run"])


def _preflight(root: Path, params: Params, keys: tuple[str, ...]) -> str:
    here = branch(root)
    remote = remote_of(root, here)
    if remote:
        fetch(root, remote)
    facts = Facts(
        branch=here,
        release_branch=params.release_branch,
        newer=tuple(one.tag for one in _own(root, keys) if _comes_after_head(root, one.commit)),
        changed=tuple(changed_files(root)),
        remote=remote,
        ahead=bool(remote) and not _is_on(root, f"{remote}/{params.release_branch}"),
        dvc_remote=dvc.has_remote(root),
        status=dvc.status(root),
    )
    if found := faults(facts):
        lines = "\n".join(f"- {fault}" for fault in found)
        raise ReleaseRefused(f"not published:\n{lines}", next_step="mend these, then run it again")
    return remote


def _is_on(root: Path, ref: str) -> bool:
    words = ["git", "merge-base", "--is-ancestor", "HEAD", ref]
    return subprocess.run(words, cwd=root, capture_output=True, check=False).returncode == 0


def _comes_after_head(root: Path, commit: str) -> bool:
    return git(root, "rev-parse", "HEAD") != commit and _is_on(root, commit)


def _own(root: Path, keys: tuple[str, ...]) -> list[Released]:
    return [version for version in released(root) if version.key in keys]


def _lost(root: Path, remote: str, keys: tuple[str, ...]) -> list[str]:
    """Our version tags for which the remote has other ones."""
    ours, there = local_tags(root), remote_tags(root, remote)
    return [one.tag for one in _own(root, keys) if one.tag in there and there[one.tag] != ours[one.tag]]


def _share(root: Path, remote: str, keys: tuple[str, ...], say: Say) -> bool:
    """Push our tags that the remote lacks, oldest first; False if another one of the name came first."""
    there = remote_tags(root, remote)
    for version in reversed(_own(root, keys)):
        if version.tag not in there:
            if not push_tag(root, remote, version.tag):
                fetch(root, remote)
                return False
            say(f"{version.tag}: pushed to {remote}")
    fetch(root, remote)
    return True
