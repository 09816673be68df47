"""Where a session stands: build/human/KEY with the pairs, the sides apart from them, and the votes."""

import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from tunegate.core.errors import BusyError, DataError, EvidenceError
from tunegate.core.files import write_text
from tunegate.human.draw import Drawn, draw
from tunegate.human.sources import load_material
from tunegate.records.human import Against, HumanSession, Plan, Shown, Vote, session_path
from tunegate.records.lines import read_lines

START = "run `tunegate human new KEY`"
VOTES = "`tunegate human serve` writes this file; move it aside if it cannot be mended"
SEED_BITS = 63


class Files(NamedTuple):
    """The files of one adapter's session. Whoever serves pairs opens `pairs` and `votes` only."""

    folder: Path
    pairs: Path
    sides: Path
    votes: Path


def files_of(root: Path, key: str) -> Files:
    """Where the session of adapter `key` stands."""
    folder = root / "build" / "human" / key
    return Files(folder, folder / "pairs.jsonl", folder / "sides.json", folder / "votes.jsonl")


def read_pairs(files: Files) -> tuple[Shown, ...]:
    """The pairs as raters see them, in order.

    Raises:
        DataError: there is no session, or a line is broken.
    """
    found = read_lines(files.pairs, Shown, name="a pair", next_step=START)
    if not found:
        raise DataError(f"{files.pairs}: no pairs", next_step=START)
    return found


def read_plan(files: Files) -> Plan:
    """Which side is whose.

    Raises:
        DataError: there is no session, or the file is broken.
    """
    return Plan.read(files.sides, DataError, next_step=START)


def read_votes(files: Files) -> tuple[Vote, ...]:
    """All votes, oldest first.

    Raises:
        DataError: a line is broken.
    """
    return read_lines(files.votes, Vote, name="a vote", next_step=VOTES)


def new(root: Path, key: str, against: Against, pairs: int, seed: int | None = None) -> str:
    """Draw a session of `pairs` pairs and write it; return what was done in words.

    Without `seed` a secret one is drawn: who knows the seed can tell the sides. A session that was closed is moved to
    build/human/closed; one that was not is left alone.

    Raises:
        DataError: answers or data are missing; or a session with votes is there and not closed.
        EvidenceError: scores are missing or corrupt.
    """
    files = files_of(root, key)
    _make_room(root, key, files)
    material = load_material(root, key, against)
    drawn = draw(key, against, material, pairs, secrets.randbits(SEED_BITS) if seed is None else seed)
    if not any(side.kind == "pair" for side in drawn.plan.sides):
        raise DataError(f"{key}: both models wrote the same text to every prompt", next_step="there is nothing to rate")
    files.votes.unlink(missing_ok=True)
    drawn.plan.write(files.sides)
    files.sides.chmod(0o600)
    write_text(files.pairs, "".join(pair.to_line() for pair in drawn.shown))
    return _told(key, pairs, drawn)


def _make_room(root: Path, key: str, files: Files) -> None:
    if not read_votes(files):
        return
    plan = read_plan(files)
    try:
        closed = HumanSession.load(session_path(root / "scores", key)).plan == plan
    except EvidenceError:
        closed = False
    if not closed:
        raise DataError(
            f"{files.folder}: a session with votes is there and not closed",
            next_step=f"`tunegate human close {key}` closes it; or move the folder away",
        )
    aside = root / "build" / "human" / "closed" / f"{key}-{plan.seed:x}"
    if aside.exists():
        raise BusyError(f"{aside} is there already", next_step="move that folder away")
    aside.parent.mkdir(parents=True, exist_ok=True)
    files.folder.rename(aside)


def _told(key: str, wanted: int, drawn: Drawn) -> str:
    counts = {kind: sum(side.kind == kind for side in drawn.plan.sides) for kind in ("pair", "same", "gold")}
    twice = sum(side.raters == 2 for side in drawn.plan.sides)
    drawn_words = f"{key}: {counts['pair']} pairs against the {drawn.plan.against}, {twice} of them for two raters"
    more = f"{counts['gold']} gold pairs; {counts['same']} prompts with the same answer twice count as ties"
    next_step = f"next: `tunegate human serve {key} --reviewer NAME --reviewer NAME`"
    return "\n".join([f"{drawn_words}; {more}", *_short(counts, wanted), next_step])


def _short(counts: dict[str, int], wanted: int) -> Iterable[str]:
    if counts["pair"] < wanted:
        yield f"the answers differ on {counts['pair']} prompts only: all of them are in"
    if counts["pair"] < 100:
        yield "fewer than 100 pairs prove a clear preference only: docs/human-evaluation.md has the numbers"
    if not counts["gold"]:
        yield "no gold pairs: the references are too short or too much alike"
