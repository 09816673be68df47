"""What the tags want against what a server has loaded: a pure comparison, and its table."""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import NamedTuple

from tunegate.records.released import Released
from tunegate.serve.plan import Wanted, folder, is_whole, served


class Difference(NamedTuple):
    """What is to be done. Names that are no versions of our adapters are nobody's business here (`foreign`)."""

    missing: list[Released]
    other_bytes: list[Released]
    superfluous: list[str]
    foreign: list[str]

    @property
    def in_step(self) -> bool:
        """Whether nothing is to be done."""
        return not (self.missing or self.other_bytes or self.superfluous)


def compare(wants: list[Wanted], known: list[Released], loaded: dict[str, str]) -> Difference:
    """Compare the plan with what is loaded (name to path). `known`: all releases, so that old ones are recognised.

    The folder's name carries the adapter's digest, so that the path says whether the bytes are those of the tag.
    """
    wanted = {version.name: version for version in served(wants)}
    ours = {version.name for version in known}
    return Difference(
        missing=[version for name, version in wanted.items() if name not in loaded],
        other_bytes=[version for name, version in wanted.items() if not _same(version, loaded.get(name))],
        superfluous=sorted(name for name in loaded if name in ours and name not in wanted),
        foreign=sorted(name for name in loaded if name not in ours and name not in wanted),
    )


def _same(version: Released, path: str | None) -> bool:
    return path is None or PurePosixPath(path).name == folder(version).name


def table(wants: list[Wanted], difference: Difference, own: Mapping[str, str]) -> str:
    """One line for each version: its name, its stage, whether it is loaded. `own`: what is known of the servers of full
    fine-tunes, by name; the one before production is not kept up.
    """
    missing, other = ({version.name for version in some} for some in (difference.missing, difference.other_bytes))
    rows = []
    for want in wants:
        for version in want.versions:
            state = "missing" if version.name in missing else "loaded"
            state = "loaded from other bytes than its tag names" if version.name in other else state
            state = own.get(version.name, "not kept up") if is_whole(version) else state
            rows.append((version.name, _stages(want, version), state))
    rows += [(name, "", "loaded, not wanted") for name in difference.superfluous]
    rows += [(name, "", "not ours, left alone") for name in difference.foreign]
    widths = [max((len(row[column]) for row in rows), default=0) for column in (0, 1)]
    return "\n".join(f"{name:<{widths[0]}}  {stage:<{widths[1]}}  {state}" for name, stage, state in rows)


def _stages(want: Wanted, version: Released) -> str:
    named = {"prod": want.prod, "previous": want.previous, "canary": want.canary}
    return ", ".join(stage for stage, one in named.items() if one == version)
