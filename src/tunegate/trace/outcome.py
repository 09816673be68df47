"""What a search means: in which versions and releases the rows are, told without any text of theirs. Pure."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tunegate.trace.places import Lost, Place
from tunegate.trace.refs import Names, names
from tunegate.trace.scan import Hit
from tunegate.trace.search import Result
from tunegate.trace.versions import Version

HERE = "working tree"
LEARNED, DERIVED, REPLAYED, MEASURED, WITHOUT, UNKNOWN = (
    "learned it (train)",
    "learned rows derived from it (train)",
    "may have learned it (replay: a share of these rows is mixed in)",
    "was measured on it, did not learn it",
    "without it",
    "unknown: its data could not be searched",
)
Known = dict[str, list[tuple[str, str]]]


class Seen(NamedTuple):
    """One file in one version that holds rows: their lines, ids and raw places, and where the version is known."""

    file: str
    version: str
    lines: tuple[int, ...]
    ids: tuple[str, ...]
    sources: tuple[str, ...]
    reviews: tuple[str, ...]
    commits: tuple[str, ...]
    names: Names


class Release(NamedTuple):
    """What a released model has to do with the rows."""

    tag: str
    says: str


class NotSearched(NamedTuple):
    """What is not here, and the commits that have it."""

    file: str
    digest: str
    reason: str
    commits: tuple[str, ...]
    names: Names


class Outcome(NamedTuple):
    """The whole of it. `derived` are synthetic rows; `faults` are of the history itself."""

    what: str
    seen: tuple[Seen, ...]
    derived: tuple[Seen, ...]
    releases: tuple[Release, ...]
    not_searched: tuple[NotSearched, ...]
    faults: tuple[str, ...]
    searched: int

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the rows that were found, of those that have one."""
        return tuple(sorted({name for seen in self.seen if "/outputs/" not in seen.file for name in seen.ids}))

    @property
    def derived_ids(self) -> tuple[str, ...]:
        """The ids of the synthetic rows that were derived from them."""
        return tuple(sorted({name for seen in self.derived for name in seen.ids}))

    @property
    def found(self) -> bool:
        """Whether anything was found."""
        return bool(self.seen or self.derived)

    @property
    def complete(self) -> bool:
        """Whether everything could be searched."""
        return not self.not_searched and not self.faults

    @property
    def exit_code(self) -> int:
        """0 found, 1 nowhere; 2: not everything could be searched, whatever was found."""
        if not self.complete:
            return 2
        return 0 if self.found else 1


def outcome(what: str, result: Result, versions: Sequence[Version], known: Known, faults: Iterable[str]) -> Outcome:
    """Put together what was found and what the versions are known by."""
    derived: dict[Place, list[Hit]] = {}
    for place, row in result.derived:
        derived.setdefault(place, []).append(Hit(row.number, (row.id,)))
    return Outcome(
        what=what,
        seen=tuple(_seen(found.place, found.scan.hits, known) for found in result.found),
        derived=tuple(_seen(place, rows, known) for place, rows in derived.items()),
        releases=tuple(_releases(result, versions, known)),
        not_searched=tuple(_not_searched(result.lost, known)),
        faults=tuple(faults),
        searched=result.searched,
    )


def _seen(place: Place, hits: Sequence[Hit], known: Known) -> Seen:
    commits = place.version.commits if place.version else ()
    return Seen(
        file=place.file,
        version=place.version.out.digest if place.version else HERE,
        lines=tuple(hit.number for hit in hits),
        ids=tuple(dict.fromkeys(name for hit in hits for name in hit.ids)),
        sources=tuple(dict.fromkeys(f"{hit.source[0]}:{hit.source[1]}" for hit in hits if hit.source)),
        reviews=tuple(f"line {hit.number}: {hit.review}" for hit in hits if hit.review),
        commits=commits,
        names=names(commits, known),
    )


def _releases(result: Result, versions: Sequence[Version], known: Known) -> list[Release]:
    """What each release of an adapter that was searched has to do with the rows."""
    says: dict[str, set[str]] = {}
    for version in versions:
        if version.out.kind == "data":
            for tag in names(version.commits, known).releases:
                if tag.split("@")[0] == version.out.key:
                    says.setdefault(tag, set()).update(_says(version, result))
    order = (LEARNED, DERIVED, REPLAYED, UNKNOWN, MEASURED, WITHOUT)
    return [Release(tag, min(found, key=order.index)) for tag, found in sorted(says.items())]


def _says(version: Version, result: Result) -> set[str]:
    meant = {"train": LEARNED, "replay": REPLAYED, "validation": MEASURED, "test": MEASURED}
    found = {meant[f.place.split] for f in result.found if f.place.version == version and f.place.split}
    if any(each.place.version == version and each.place.split == "train" for each in result.derived):
        found.add(DERIVED)
    if any(lost.version == version for lost in result.lost):
        found.add(UNKNOWN)
    return found or {WITHOUT}


def _not_searched(lost: Iterable[Lost], known: Known) -> list[NotSearched]:
    """Each object once, with the commits of all versions that have it."""
    grouped: dict[tuple[str, str, str], list[str]] = {}
    for each in lost:
        commits = each.version.commits if each.version else (HERE,)
        grouped.setdefault((each.file, each.digest, each.reason), []).extend(commits)
    return [
        NotSearched(file, digest, reason, tuple(dict.fromkeys(commits)), names(commits, known))
        for (file, digest, reason), commits in grouped.items()
    ]
