"""What a person reads: a line that moves on a terminal, and at most 15 lines at the end."""

import os
import sys
from typing import NamedTuple

from tunegate.core.data_settings import Synth
from tunegate.synth.budget import Budget, Spent
from tunegate.synth.estimate import money
from tunegate.synth.shelf import Counts

FEW = 50  # real rows that the playbook starts from
WIDTH = 100


class Places(NamedTuple):
    """What the summary names."""

    key: str
    rows: str
    rejected: str


class Progress:
    """One line on standard error that is written over; nothing where no person looks."""

    def __init__(self, key: str, settings: Synth, budget: Budget) -> None:
        """Find out whether a person looks."""
        self._on = sys.stderr.isatty() and not os.environ.get("CI")
        self._key, self._settings, self._budget = key, settings, budget

    def show(self, counts: Counts) -> None:
        """Write the line anew."""
        spent = self._budget.spent
        line = (
            f"synth {self._key}: {counts.rows:,} of {self._settings.rows:,} rows, {counts.requests:,} requests, "
            f"{counts.rejected.total():,} not taken, {spent.prompt + spent.completion:,} tokens, {money(spent.cost)}"
        )
        self._write(f"\r{line[:WIDTH]:<{WIDTH}}")

    def clear(self) -> None:
        """Take the line away."""
        self._write(f"\r{'':<{WIDTH}}\r")

    def _write(self, text: str) -> None:
        if self._on:
            sys.stderr.write(text)
            sys.stderr.flush()


class Session(NamedTuple):
    """What the client and the seeds have to say beside the counts."""

    retries: int
    refused: tuple[str, ...]
    seeds: int
    left_out: int


def summary(counts: Counts, spent: Spent, settings: Synth, session: Session, places: Places) -> str:
    """The lines for a person."""
    more = f" and {len(counts.revisions) - 1} others" if len(counts.revisions) > 1 else ""
    revision = next((f", revision {name}" for name, _ in counts.revisions.most_common(1)), "") + more
    lines = [
        f"synth {places.key}: {counts.rows:,} of {settings.rows:,} rows in {places.rows} ({counts.new:,} new)",
        f"teacher: {settings.model}{revision}, at {settings.endpoint}; licence of its answers: {settings.licence}",
        f"seeds: {_seeds(settings, session)}",
        f"requests: {counts.requests:,}, of these {counts.cached:,} from the cache; {session.retries:,} further tries",
    ]
    lines += [f"gave up on {count} request(s): {reason[:200]}" for reason, count in counts.gave_up.most_common(2)]
    if others := sum(count for _, count in counts.gave_up.most_common()[2:]):
        lines.append(f"gave up on {others} request(s) for other reasons")
    if counts.rejected:
        said = ", ".join(f"{count:,} {code}" for code, count in counts.rejected.most_common())
        lines.append(f"not taken: {said}; kept in {places.rejected}")
    if session.refused:
        lines.append(f"the endpoint takes no {', '.join(session.refused)}: asked without, and the rows say so")
    lines.append(f"spent in all runs: {_spent(spent, settings)}")
    if counts.rows:
        lines.append(
            f"next: nothing of this trains yet. `dvc add datasets`, `dvc repro prepare@{places.key}` checks the rows, "
            f"`tunegate review serve {places.key}` shows them to a person; only approved ones train"
        )
    return "\n".join(lines)


def _seeds(settings: Synth, session: Session) -> str:
    said = f"{session.seeds:,} real rows, {settings.seeds} a request"
    if session.left_out:
        said += f"; {session.left_out:,} with tools left out"
    return said + (f"; fewer than {FEW}: expect little variety" if session.seeds < FEW else "")


def _spent(spent: Spent, settings: Synth) -> str:
    cap = "" if settings.max_cost is None else f" of max_cost {settings.max_cost:g}"
    said = f"{spent.prompt:,} tokens in, {spent.completion:,} out, cost {money(spent.cost)}{cap}"
    if spent.lost:
        said += f"; {money(spent.assumed)} of it assumed: {spent.lost} tries ended without a count"
    return said
