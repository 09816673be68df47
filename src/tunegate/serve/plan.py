"""Which released versions are served: of each adapter production, the production version before it, and the canary.

An adapter without stage tags is served by its newest version and the one before. A pure function of tags.
"""

from pathlib import Path
from typing import NamedTuple

from tunegate.core.errors import ReleaseRefused
from tunegate.records.released import Released, released
from tunegate.records.stages import Assignment, assignments

ADAPTERS = Path("serving/adapters")
STAGES = ("prod", "canary")


class Wanted(NamedTuple):
    """What one adapter wants served. `previous` is the newest production version other than `prod`, kept warm."""

    key: str
    prod: Released | None
    previous: Released | None = None
    canary: Released | None = None

    @property
    def versions(self) -> list[Released]:
        """The distinct versions: production, previous, canary."""
        some = (self.prod, self.previous, self.canary)
        return list({version.version: version for version in some if version}.values())


def folder(version: Released) -> Path:
    """Where a version's adapter lies, from the root. Its digest is in the path: other bytes never come to lie there."""
    return ADAPTERS / f"{version.name}-{version.facts.get('adapter', '')[:12]}"


def wanted(versions: list[Released], stages: list[Assignment]) -> list[Wanted]:
    """Choose from all versions (by key, newest first) and all assignments (by key, newest first).

    A canary ends with the next assignment to production: after a rollback the version that was withdrawn gets no
    requests as a canary either.

    Raises:
        ReleaseRefused: a stage names a commit that holds no released version.
    """
    chosen = []
    for key in dict.fromkeys(version.key for version in versions):
        own = [stage for stage in stages if stage.key == key and stage.stage in STAGES]
        made = {version.version: version for version in versions if version.key == key and _servable(version)}
        one = _staged(key, made, own) if own else Wanted(key, *[*made.values(), None][:2])
        if one.versions:
            chosen.append(one)
    return chosen


def _servable(version: Released) -> bool:
    return version.facts.get("method") in ("lora", "full")


def _staged(key: str, made: dict[str, Released], stages: list[Assignment]) -> Wanted:
    if lost := [f"{key}#{one.stage}#{one.counter}" for one in stages if not one.version]:
        raise ReleaseRefused(
            f"{', '.join(lost)}: no released version of {key} is at its commit",
            next_step="`git fetch --tags`; was the release's tag deleted? then delete this one as well",
        )
    distinct = list(dict.fromkeys(one.version for one in stages if one.stage == "prod" and one.version in made))
    prod, previous = [*(made[version] for version in distinct[:2]), None, None][:2]
    trial = made.get(stages[0].version) if stages[0].stage == "canary" else None
    return Wanted(key, prod, previous, trial if trial != prod else None)


def served(wants: list[Wanted]) -> list[Released]:
    """All adapters that one server holds, by key."""
    return [version for want in wants for version in want.versions if not is_whole(version)]


def whole(wants: list[Wanted]) -> list[Released]:
    """Full fine-tunes, each a model with a server of its own: production and canary; the one before is not kept up."""
    return [version for want in wants for version in (want.prod, want.canary) if version and is_whole(version)]


def is_whole(version: Released) -> bool:
    """Whether it is a full fine-tune, not an adapter."""
    return version.facts.get("method") == "full"


def plan(root: Path) -> list[Wanted]:
    """What this repository's tags want served.

    Raises:
        ReleaseRefused: nothing is released yet, or a stage names what is not.
    """
    if chosen := wanted(released(root), assignments(root)):
        return chosen
    raise ReleaseRefused("no adapter is released yet: there is no tag like triage@v1.0.0",
                         next_step="`dvc repro`, commit, `dvc repro release`")  # fmt: skip
