"""Waivers: a committed line that lets a gate fall short until a date. Never an ERROR: no evidence is never a pass."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from tunegate.core.settings import Waiver
from tunegate.records.verdict import GateResult, Outcome, WaiverUsed


class Waived(NamedTuple):
    """The rows with their waivers, what each waiver did, and what a reader should know."""

    rows: list[GateResult]
    used: tuple[WaiverUsed, ...]
    warnings: list[str]


def apply_waivers(rows: Sequence[GateResult], waivers: Sequence[Waiver], today: date) -> Waived:
    """Mark the rows that a waiver covers; its last day is `expires`."""
    covered = {waiver.gate for waiver in waivers if today <= waiver.expires}
    marked = [row.model_copy(update={"waived": True}) if _needs(row) and row.id in covered else row for row in rows]
    short = {row.id for row in rows if _needs(row)}
    used = tuple(
        WaiverUsed(
            gate=waiver.gate,
            reason=waiver.reason,
            by=waiver.by,
            expires=waiver.expires.isoformat(),
            used=waiver.gate in short and today <= waiver.expires,
        )
        for waiver in waivers
    )
    return Waived(marked, used, [warning for waiver in waivers if (warning := _warn(waiver, rows, today))])


def _needs(row: GateResult) -> bool:
    return row.decides and row.outcome in (Outcome.FAIL, Outcome.INCONCLUSIVE)


def _warn(waiver: Waiver, rows: Sequence[GateResult], today: date) -> str:
    row = next((row for row in rows if row.id == waiver.gate), None)
    if row is None:
        return f"a waiver names {waiver.gate}, but there is no such gate"
    if today > waiver.expires:
        return f"the waiver of {waiver.gate} ended on {waiver.expires.isoformat()}"
    if row.outcome is Outcome.ERROR:
        return f"the waiver of {waiver.gate} does not count: an ERROR is never waived"
    return "" if _needs(row) else f"the waiver of {waiver.gate} is not needed: take it out"
