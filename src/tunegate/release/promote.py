"""Move a released version into a stage, and back: tags `triage#prod#3` in GTO's grammar, each a new one.

A rollback is an assignment of the previous production version, never a withdrawal (`triage#prod!#4`): DVC ignores
those and goes on handing out the withdrawn version. Nothing here touches the tree, so a dirty one does not matter.
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tunegate.core.errors import MachineError, ReleaseRefused, UsageError
from tunegate.core.git import branch, git
from tunegate.core.share import TRIES, fetch, give_up, push_tag, remote_of, remote_tags, taken
from tunegate.records.released import Released, released
from tunegate.records.stages import STAGE_TAG, Assignment, assignments
from tunegate.release.tag import make_tag


class Moved(NamedTuple):
    """What was done, and the stage tag that says it; `new` is False where it stood so already."""

    said: str
    tag: str
    new: bool = True


def promote(root: Path, key: str, version: str, stage: str, *, push: bool = False) -> str:
    """Put `version` of `key` into `stage`; return what to tell. `push`: share it at once.

    Raises:
        UsageError: no such version.
        BusyError: somebody else assigned a stage at the same moment.
        MachineError: there is no remote, or it cannot be reached.
    """
    return _move(root, key, lambda: _promote(root, key, version, stage), push=push)


def rollback(root: Path, key: str, *, push: bool = False) -> str:
    """Put the production version before the present one, by the stage counter, back into production.

    Raises:
        ReleaseRefused: there is none.
        BusyError: somebody else assigned a stage at the same moment.
        MachineError: there is no remote, or it cannot be reached.
    """
    if push:
        fetch(root, _remote(root))  # which version is in production is what everybody sees
    chosen, before = _previous(root, key)
    return _move(root, key, lambda: _rollback(root, key, chosen, before), push=push)


def _move(root: Path, key: str, move: Callable[[], Moved], *, push: bool) -> str:
    if not push:
        moved = move()
        more = f"; next: git push origin '{moved.tag}', then `tunegate serve reconcile`" if moved.new else ""
        return f"{moved.said} ({moved.tag}){more}"
    remote, tag = _remote(root), ""
    for _ in range(TRIES):
        fetch(root, remote)
        _drop_taken(root, remote, key)
        said, tag, _ = move()
        if push_tag(root, remote, tag):
            return f"{said} ({tag}), on {remote}; next: `tunegate serve reconcile`"
        give_up(root, remote, tag)  # others took its number: theirs stands, and ours comes after it
    raise taken(tag)


def _drop_taken(root: Path, remote: str, key: str) -> None:
    """Delete our stage tags that nobody has seen and whose number somebody else used, for whatever stage."""
    there = [match for name in remote_tags(root, remote) if (match := STAGE_TAG.match(name)) and match["key"] == key]
    names, numbers = {match[0] for match in there}, {match["counter"] for match in there}
    for one in _history(root, key):
        if str(one.counter) in numbers and _tag(one) not in names:
            git(root, "tag", "--delete", _tag(one))


def _remote(root: Path) -> str:
    if remote := remote_of(root, branch(root)):
        return remote
    raise MachineError("Git has no remote to push to", next_step="`git remote add origin URL`, or leave --push out")


def _promote(root: Path, key: str, version: str, stage: str) -> Moved:
    chosen = _version(root, key, version.removeprefix(f"{key}@").removeprefix("v"))
    history = _history(root, key)
    holder = next((one for one in history if one.stage == stage), None)
    if holder and holder.commit == chosen.commit:
        return Moved(f"{chosen.tag} is in {stage} already", _tag(holder), new=False)
    before = f", before it {key}@v{holder.version}" if holder and holder.version else ""
    return _assign(root, chosen, stage, history, f"{chosen.tag} to {stage}{before}")


def _previous(root: Path, key: str) -> tuple[Released, str]:
    """The version to go back to, and the one to leave."""
    versions = list(dict.fromkeys(one.version for one in _history(root, key) if one.stage == "prod" and one.version))
    if len(versions) < 2:
        never = "none ever was" if any(one.key == key for one in released(root)) else "nothing of that name is released"
        said = f"{key}@v{versions[0]} is the only one" if versions else never
        raise ReleaseRefused(
            f"{key}: no version was in prod before the present one: {said}",
            next_step=f"`tunegate releases {key}` lists the versions; `tunegate promote {key} VERSION --stage prod`",
        )
    return _version(root, key, versions[1]), versions[0]


def _rollback(root: Path, key: str, chosen: Released, before: str) -> Moved:
    """What was chosen when the command was given, also where others moved meanwhile: never back and forth."""
    history = _history(root, key)
    holder = next((one for one in history if one.stage == "prod"), None)
    if holder and holder.commit == chosen.commit:
        return Moved(f"{chosen.tag} is in prod already", _tag(holder), new=False)
    return _assign(root, chosen, "prod", history, f"rollback from {key}@v{before} to {chosen.tag}")


def _version(root: Path, key: str, version: str) -> Released:
    known = [one for one in released(root) if one.key == key]
    if found := next((one for one in known if one.version == version), None):
        return found
    said = ", ".join(one.version for one in known) or "none"
    raise UsageError(f"{key}: no released version {version}; there is {said}",
                     next_step="`tunegate releases` lists them; `git fetch --tags` brings other people's")  # fmt: skip


def _history(root: Path, key: str) -> list[Assignment]:
    return [one for one in assignments(root) if one.key == key]


def _assign(root: Path, chosen: Released, stage: str, history: list[Assignment], said: str) -> Moved:
    # One counter over all stages of the adapter, as GTO counts.
    tag = f"{chosen.key}#{stage}#{max((one.counter for one in history), default=0) + 1}"
    make_tag(root, tag, chosen.commit, f"{said}\n\nversion: {chosen.version}\n")
    return Moved(said, tag)


def _tag(one: Assignment) -> str:
    return f"{one.key}#{one.stage}#{one.counter}"
