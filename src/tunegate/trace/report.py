"""The outcome for a person, and as JSON: places and names, no text of any row."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tunegate.trace.outcome import HERE, NotSearched, Outcome, Seen
from tunegate.trace.refs import Names
from tunegate.trace.steps import steps

MOST = 5  # numbers or names in one cell; the rest is counted, and whole in --json
HEAD = ("where", "data", "commits", "known as")


def text(outcome: Outcome) -> str:
    """The whole report."""
    return "".join(f"{line.rstrip()}\n" for line in _lines(outcome))


def as_json(outcome: Outcome) -> dict[str, Any]:
    """All of it; `complete` says whether everything could be searched."""
    return {
        "what": outcome.what,
        "found": outcome.found,
        "complete": outcome.complete,
        "searched": outcome.searched,
        "ids": outcome.ids,
        "derived_ids": outcome.derived_ids,
        "seen": [_plain(seen) for seen in outcome.seen],
        "derived": [_plain(seen) for seen in outcome.derived],
        "releases": {release.tag: release.says for release in outcome.releases},
        "not_searched": [_plain(lost) for lost in outcome.not_searched],
        "faults": list(outcome.faults),
        "steps": steps(outcome),
    }


def _plain(value: Seen | NotSearched) -> dict[str, Any]:
    return {**value._asdict(), "names": value.names._asdict()}


def _lines(outcome: Outcome) -> Iterator[str]:
    whole = "" if outcome.complete else "; NOT EVERYTHING could be searched, see below"
    files = f"{outcome.searched:,} file{'s' * (outcome.searched != 1)}"
    yield f"{outcome.what}: {'found' if outcome.found else 'found nowhere'} ({files} searched{whole})"
    if outcome.ids:
        yield f"  ids: {_few(outcome.ids)}"
    yield from _table("", outcome.seen)
    yield from _table(f"Synthetic rows that were derived from it: {_few(outcome.derived_ids)}", outcome.derived)
    if reviews := [(seen, review) for seen in outcome.seen for review in seen.reviews]:
        yield from ("", "Reviews of it")
        yield from (f"  {seen.file} ({_version(seen)}) {review}" for seen, review in reviews)
    if outcome.releases and outcome.found:
        yield from ("", "Releases")
        yield from _columns([(release.tag, release.says) for release in outcome.releases])
    if not outcome.complete:
        yield from ("", "Not searched")
        yield from (f"  {fault}" for fault in outcome.faults)
        yield from _columns([_lost(lost) for lost in outcome.not_searched])
    if outcome.found:
        yield from ("", "To delete it (docs/deletion-requests.md)")
        yield from (f"  {number}. {step}" for number, step in enumerate(steps(outcome), 1))


def _table(title: str, rows: Sequence[Seen]) -> Iterator[str]:
    if rows:
        yield from ("", *([title] if title else []))
        yield from _columns([HEAD, *(_cells(seen) for seen in rows)])


def _cells(seen: Seen) -> tuple[str, ...]:
    return f"{seen.file}:{_few(map(str, seen.lines))}", _version(seen), _commits(seen.commits), _known(seen.names)


def _version(seen: Seen) -> str:
    return seen.version if seen.version == HERE else seen.version[:8]


def _lost(lost: NotSearched) -> tuple[str, ...]:
    return lost.file, lost.digest[:8], _commits(lost.commits), _known(lost.names), lost.reason


def _commits(commits: Sequence[str]) -> str:
    """Oldest and newest: what lies between has it too, or is on another branch."""
    if len(commits) < 2:
        return "".join(commit if commit.startswith("(") else commit[:8] for commit in commits if commit != HERE)
    return f"{len(commits)}: {commits[0][:8]} to {commits[-1][:8]}"


def _known(names: Names) -> str:
    experiments = [f"experiment {name}" for name in names.experiments]
    return _few([*names.releases, *names.branches, *names.tags, *experiments])


def _few(values: Iterable[str]) -> str:
    found = list(values)
    return ", ".join(found[:MOST]) + (f" and {len(found) - MOST:,} more" if len(found) > MOST else "")


def _columns(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))] if rows else []
    for row in rows:
        yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
