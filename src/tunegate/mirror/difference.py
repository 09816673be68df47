"""What a mirror lacks, from the tags alone: versions that it has not, and stages that it names otherwise."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tunegate.records.released import Released
from tunegate.records.stages import Assignment


class Copy(NamedTuple):
    """One version as a mirror has it. `number`: its own counting; `bundle`: the digest that it was copied under."""

    number: int
    bundle: str


class There(NamedTuple):
    """What a mirror has of one adapter: copies by Git tag, and for each alias the number that it names."""

    copies: Mapping[str, Copy]
    aliases: Mapping[str, int]


class Difference(NamedTuple):
    """What is to be done. `missing`: versions to copy, oldest first; `moves`: aliases to set, with the tag that each is
    to name; `strange`: tags under which the mirror has another bundle, which nobody but a person can judge.
    """

    missing: tuple[Released, ...]
    moves: Mapping[str, str]
    strange: tuple[str, ...]


def difference(versions: Sequence[Released], stages: Mapping[str, str], there: There) -> Difference:
    """Compare one adapter's tags with what a mirror has of it.

    Args:
        versions: all that is released.
        stages: the tag that is in each stage (`holders`).
        there: what the mirror has. Versions and aliases that no tag knows are somebody else's, and left alone.
    """
    missing = sorted((one for one in versions if one.tag not in there.copies), key=lambda one: one.order)
    strange = tuple(
        one.tag for one in versions if (copy := there.copies.get(one.tag)) and copy.bundle != one.facts.get("bundle")
    )
    moves = {
        stage: tag
        for stage, tag in stages.items()
        if tag not in there.copies or there.aliases.get(stage) != there.copies[tag].number
    }
    return Difference(tuple(missing), moves, strange)


def holders(key: str, found: Sequence[Assignment]) -> dict[str, str]:
    """The tag that is in each stage of an adapter. `found`: all assignments, newest first."""
    stages: dict[str, str] = {}
    for one in found:
        if one.key == key and one.version:
            stages.setdefault(one.stage, f"{key}@v{one.version}")
    return stages
