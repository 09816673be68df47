"""What a release run does, decided purely: from facts to one of four actions. `stage` acts."""

from enum import StrEnum
from typing import NamedTuple

from tunegate.core.settings import Compared
from tunegate.records.manifest import Manifest
from tunegate.records.released import Released
from tunegate.release.bump import next_version


class Action(StrEnum):
    """Render only; nothing to release; tag; refuse (the only one that fails the run)."""

    RENDER = "render"
    NOTHING = "nothing"
    TAG = "tag"
    REFUSE = "refuse"


class Facts(NamedTuple):
    """All that the decision rests on. Bundle digests are DVC's (`....dir`); `refusals` say what fell short."""

    key: str
    experiment: str
    refusals: tuple[str, ...]
    branch: str
    release_branch: str
    changed: tuple[str, ...]
    bundle: str
    committed_bundle: str
    manifest: Manifest
    newest: Released | None
    head: str
    compared: Compared | None = None
    asked: str = ""


class Decision(NamedTuple):
    """The action, why, and what to do next; `version` for a tag, and `bump`: why it is that one."""

    action: Action
    why: str
    next_step: str = ""
    version: str = ""
    bump: str = ""


COMMIT_FIRST = "commit, then `dvc repro {stage}` tags it"


def decide_release(facts: Facts) -> Decision:
    """Choose the action; the order of the questions is the contract of docs/releasing.md."""
    if facts.experiment:
        return Decision(Action.RENDER, "experiment: nothing is released")
    if facts.refusals:
        return Decision(Action.REFUSE, "; ".join(facts.refusals))
    if facts.newest and facts.newest.facts.get("bundle") == facts.bundle:
        return Decision(Action.NOTHING, f"{facts.newest.tag} is this very bundle: nothing to release")
    return _ready(facts)


def _ready(facts: Facts) -> Decision:
    """It passed and is new: may it be tagged here and now?"""
    if facts.compared and facts.newest and facts.compared.version != facts.newest.version:
        named, latest = facts.compared.version, facts.newest.version
        why = f"it was compared with version {named}, the newest is {latest}"
        return Decision(Action.REFUSE, why, f"`tunegate gate released {facts.key}`")
    if facts.branch != facts.release_branch:
        where = f"branch {facts.branch}" if facts.branch else "no branch (detached HEAD)"
        return Decision(Action.RENDER, f"on {where}: tags are made on {facts.release_branch}", "merge it first")
    commit_first = COMMIT_FIRST.format(stage="release-variant" if facts.manifest.variant else "release")
    if facts.changed:
        why = f"passed; not tagged, since the tree has changes ({_some(facts.changed)})"
        return Decision(Action.RENDER, why, commit_first)
    if facts.committed_bundle != facts.bundle:
        return Decision(Action.RENDER, "passed; not tagged, since HEAD's dvc.lock names another bundle", commit_first)
    if facts.newest and facts.newest.commit == facts.head:
        why = f"HEAD carries {facts.newest.tag} already, and a commit carries one version"
        return Decision(Action.RENDER, why, "commit first")
    version, bump = next_version(facts.newest, facts.manifest, facts.asked)
    return Decision(Action.TAG, "passed and committed", version=version, bump=bump)


def _some(names: tuple[str, ...]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
