"""Move a released version into a stage, and back: tags `triage#prod#3` in GTO's grammar, each a new one.

A rollback is an assignment of the previous production version, never a withdrawal (`triage#prod!#4`): DVC ignores
those and goes on handing out the withdrawn version. Nothing here touches the tree, so a dirty one does not matter.
"""

from pathlib import Path

from tunegate.core.errors import ReleaseRefused, UsageError
from tunegate.records.released import Released, released
from tunegate.records.stages import Assignment, assignments
from tunegate.release.tag import make_tag


def promote(root: Path, key: str, version: str, stage: str) -> str:
    """Put `version` of `key` into `stage`; return what to tell.

    Raises:
        UsageError: no such version.
        BusyError: somebody else assigned a stage at the same moment.
    """
    wanted = version.removeprefix(f"{key}@").removeprefix("v")
    chosen = _version(root, key, wanted)
    history = _history(root, key)
    holder = next((one for one in history if one.stage == stage), None)
    if holder and holder.commit == chosen.commit:
        return f"{chosen.tag} is in {stage} already ({_tag(holder)})"
    before = f", before it {key}@v{holder.version}" if holder and holder.version else ""
    return _assign(root, chosen, stage, history, f"{chosen.tag} to {stage}{before}")


def rollback(root: Path, key: str) -> str:
    """Put the production version before the present one, by the stage counter, back into production.

    Raises:
        ReleaseRefused: there is none.
        BusyError: somebody else assigned a stage at the same moment.
    """
    history = _history(root, key)
    versions = list(dict.fromkeys(one.version for one in history if one.stage == "prod" and one.version))
    if len(versions) < 2:
        said = f"{key}@v{versions[0]} is the only one" if versions else "none ever was"
        raise ReleaseRefused(
            f"{key}: no version was in prod before the present one: {said}",
            next_step=f"`tunegate releases {key}` lists the versions; `tunegate promote {key} VERSION --stage prod`",
        )
    chosen = _version(root, key, versions[1])
    return _assign(root, chosen, "prod", history, f"rollback from {key}@v{versions[0]} to {chosen.tag}")


def _version(root: Path, key: str, version: str) -> Released:
    known = [one for one in released(root) if one.key == key]
    if found := next((one for one in known if one.version == version), None):
        return found
    said = ", ".join(one.version for one in known) or "none"
    raise UsageError(f"{key}: no released version {version}; there is {said}",
                     next_step="`tunegate releases` lists them; `git fetch --tags` brings other people's")  # fmt: skip


def _history(root: Path, key: str) -> list[Assignment]:
    return [one for one in assignments(root) if one.key == key]


def _assign(root: Path, chosen: Released, stage: str, history: list[Assignment], said: str) -> str:
    # One counter over all stages of the adapter, as GTO counts.
    tag = f"{chosen.key}#{stage}#{max((one.counter for one in history), default=0) + 1}"
    make_tag(root, tag, chosen.commit, f"{said}\n\nversion: {chosen.version}\n")
    return f"{said} ({tag}); next: git push origin '{tag}', then `tunegate serve render`"


def _tag(one: Assignment) -> str:
    return f"{one.key}#{one.stage}#{one.counter}"
