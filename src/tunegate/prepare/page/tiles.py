"""The numbers that matter, each with what it means, on top of the page."""

from typing import NamedTuple

from tunegate.prepare.tally import ORDER, contaminated, tally
from tunegate.prepare.wording import counted, listed, number, percent
from tunegate.records.data_report import REPLAY, DataReport, SplitReport


class Tile(NamedTuple):
    """A number, its name, a few words, and its colour class."""

    name: str
    value: str
    told: str
    tone: str


def tiles(report: DataReport) -> list[Tile]:
    """Eight tiles, always the same eight."""
    total = tally(report)
    codes = f", {counted(len(total.codes), 'code')}" if total.codes else ""
    return [
        Tile("clean rows", number(total.kept), f"of {counted(total.rows, 'row')} in", "kept"),
        Tile(
            "rejected",
            number(total.rejected),
            f"{percent(report.reject_rate)} faulty{codes}",
            "rejected",
        ),
        *(_split(name, report.splits.get(name)) for name in ORDER),
        _duplicates(report),
        _contamination(report),
        _private(report),
    ]


def _split(name: str, split: SplitReport | None) -> Tile:
    if not split:
        return Tile(name, "0", "no such split", name)
    told = [counted(split.families, "family")] if split.families != split.kept else ["each row a family of its own"]
    if split.synthetic:
        told.append(f"{number(split.synthetic)} synthetic")
    return Tile(name, number(split.kept), ", ".join(told) if split.kept else "no rows", name)


def _duplicates(report: DataReport) -> Tile:
    found = report.duplicates
    count = found.exact + found.near + found.semantic
    told = counted(found.clusters, "cluster") if count else "none found"
    if count and REPLAY in report.splits:
        told += "; general rows count too"
    if count and found.action != "drop":
        told += "; kept"
    return Tile("duplicates", number(count), told, "plain")


def _contamination(report: DataReport) -> Tile:
    suites = contaminated(report)
    met = sum(1 for rows in suites.values() if rows)
    told = f"met {number(met)} of {counted(len(suites), 'suite')}" if suites else "not held against any suite"
    return Tile("leaks into training", number(sum(suites.values())), told, "plain")


def _private(report: DataReport) -> Tile:
    found = {kind: one for kind, one in sorted(report.private.items()) if one.findings}
    done = {"report": "still there", "mask": "masked", "drop": "rows taken out"}
    actions = sorted({done.get(one.action, one.action) for one in found.values()})
    told = f"{listed([*found], 6)}; {listed(actions)}" if found else "none found"
    return Tile("private data", number(sum(one.findings for one in found.values())), told, "plain")
