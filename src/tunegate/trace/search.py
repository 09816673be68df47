"""Search all places for the rows that are meant: first where rows have ids, then, by what they say, all else."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import NamedTuple

from tunegate.trace.places import Lost, Place
from tunegate.trace.query import Query
from tunegate.trace.scan import Scan, Synthetic, derived, scan
from tunegate.trace.store import Missing

Say = Callable[[str], None]


class Found(NamedTuple):
    """A file that holds rows that are meant."""

    place: Place
    scan: Scan


class Derived(NamedTuple):
    """A synthetic row that was derived from one of them."""

    place: Place
    row: Synthetic


@dataclass
class Result:
    """All that was found, and all that could not be searched."""

    found: list[Found] = field(default_factory=list)
    derived: list[Derived] = field(default_factory=list)
    lost: list[Lost] = field(default_factory=list)
    searched: int = 0  # distinct files


def search(places: Sequence[Place], query: Query, lost: Sequence[Lost]) -> Result:
    """Search each distinct file once; `lost` is what could not even be listed."""
    result = Result(lost=list(lost))
    scans: dict[int, Scan] = {}
    _phase([(at, place) for at, place in enumerate(places) if place.has_ids], query, scans, result)
    # What a row says is learned only where it was asked for by its id: a text is looked for as it was given.
    said = query.said.union(*(each.said for each in scans.values())) if query.ids else query.said
    later = query._replace(ids=query.ids | _ids(places, scans), said=said)
    _phase([(at, place) for at, place in enumerate(places) if not place.has_ids], later, scans, result)
    ids = query.ids | _ids(places, scans)
    for at in sorted(scans):
        if scans[at].hits:
            result.found.append(Found(places[at], scans[at]))
        result.derived += [Derived(places[at], row) for row in derived(scans[at].synthetic, ids)]
    return result


def _ids(places: Sequence[Place], scans: dict[int, Scan]) -> frozenset[str]:
    """The ids of all rows found so far. An output whose prompt shows a row is another row's output."""
    rows = (scan for at, scan in scans.items() if places[at].kind in {"data", "report", "raw"})
    return frozenset(name for scan in rows for hit in scan.hits for name in hit.ids)


def _phase(places: Sequence[tuple[int, Place]], query: Query, scans: dict[int, Scan], result: Result) -> None:
    by_content: dict[tuple[str, tuple[str, ...]], Scan] = {}
    for count, (at, place) in enumerate(places, 1):
        content = (place.digest, tuple(PurePath(place.file).suffixes))
        scanned = by_content.get(content) if place.digest else None
        if scanned is None:
            _progress(count, len(places), place.file)
            try:
                with place.open() as stream:
                    scanned = scan(place.file, stream, query)
            except (Missing, OSError) as fault:
                scanned = Scan(fault=str(fault))
            result.searched += not scanned.fault
        if place.digest:
            by_content[content] = scanned
        if scanned.fault:
            result.lost.append(Lost(place.file, place.version, place.digest, scanned.fault))
        scans[at] = scanned


def _progress(count: int, total: int, file: str) -> None:
    if sys.stderr.isatty():
        end = "\n" if count == total else ""
        sys.stderr.write(f"\r\033[Ksearching file {count} of {total}: {file}{end}")
