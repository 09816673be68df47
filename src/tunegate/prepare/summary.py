"""What the stage says on the terminal: at most 25 lines whatever the data, the most important first, ASCII only."""

from collections.abc import Iterator
from pathlib import Path

from tunegate.prepare.codes import CODES
from tunegate.prepare.findings import Finding, findings, verdict
from tunegate.prepare.tally import all_splits, contaminated, tally
from tunegate.prepare.wording import counted, cut, listed, number, percent, plain
from tunegate.records.data_report import DataReport, SplitReport

MOST_LINES = 25
WIDTH, NAME = 110, 24  # characters
MOST_SPLITS, MOST_CODES, MOST_FINDINGS = 5, 6, 6


def summary_lines(report: DataReport, page: Path) -> list[str]:
    """The lines, without newlines; `page` is where data-report.html is.

    Names and texts from data are shown as printable ASCII: a row cannot move the cursor.
    """
    lines = [cut(plain(f"{report.key}: {verdict(report)}"), WIDTH), *_splits(report), *_rejects(report)]
    lines += _figures(report)
    lines += _findings(report, min(MOST_FINDINGS, MOST_LINES - len(lines) - 1))
    return [*lines, f"  look at {plain(str(page))}"]


def _row(name: str, count: int, text: str = "", *, under: bool = False) -> str:
    shown = cut(plain(name), NAME - 2 * under)
    return cut(f"  {'  ' * under}{shown:<{NAME - 2 * under}} {number(count):>11}  {plain(text)}".rstrip(), WIDTH)


def _splits(report: DataReport) -> Iterator[str]:
    for name, split in list(all_splits(report).items())[:MOST_SPLITS]:
        yield _row(name, split.kept, ", ".join(_told(split)))


def _told(split: SplitReport) -> Iterator[str]:
    if split.families < split.kept:
        yield counted(split.families, "family")
    if split.labels:
        yield counted(sum(1 for count in split.labels.values() if count), "label")
    if split.synthetic:
        yield f"{number(split.synthetic)} synthetic"


def _rejects(report: DataReport) -> Iterator[str]:
    total = tally(report)
    rate = f"{percent(report.reject_rate)} of {counted(total.rows, 'row')} have a fault of their own"
    yield _row("rejected", total.rejected, rate)
    codes = list(total.codes.items())
    shown = codes if len(codes) <= MOST_CODES else codes[: MOST_CODES - 1]
    for code, count in shown:
        yield _row(code, count, CODES.get(code, ""), under=True)
    if rest := codes[len(shown) :]:
        count = sum(count for _, count in rest)
        yield _row(f"{len(rest)} other codes", count, listed([code for code, _ in rest], 4), under=True)


def _figures(report: DataReport) -> Iterator[str]:
    found = report.duplicates
    if count := found.exact + found.near + found.semantic:
        told = f"{number(found.exact)} exact, {number(found.near)} near, {number(found.semantic)} by meaning; "
        told += f"{counted(found.clusters, 'cluster')}, the largest of {counted(found.largest, 'row')}"
        yield _row("duplicates", count, told if found.action == "drop" else f"{told}; kept")
    suites = contaminated(report)
    if met := [f"{name} {number(rows)}" for name, rows in suites.items() if rows]:
        yield _row("contaminated", sum(suites.values()), listed(met, 5))
    private = {kind: one for kind, one in sorted(report.private.items()) if one.findings}
    if private:
        told = ", ".join(f"{kind} {number(one.findings)} ({one.action})" for kind, one in private.items())
        yield _row("private data", sum(one.findings for one in private.values()), told)
    review = report.review
    if decided := review.approved + review.edited + review.rejected:
        told = f"{number(review.approved)} approved, {number(review.edited)} edited, {number(review.rejected)} rejected"
        yield _row("reviewed", decided, told)


def _findings(report: DataReport, most: int) -> Iterator[str]:
    found = findings(report)
    shown = found if len(found) <= most else found[: most - 1]
    yield from map(_finding, shown)
    if len(found) > len(shown):
        yield f"  and {number(len(found) - len(shown))} more to know, on the page"


def _finding(finding: Finding) -> str:
    """The finding; where it is too long its text is cut, not the next step."""
    step = f" -> {plain(finding.next_step)}" if finding.next_step else ""
    head = f"  {'LOOK' if finding.grave else 'note'}: "
    return cut(f"{head}{cut(plain(finding.text), max(40, WIDTH - len(head) - len(step)))}{step}", WIDTH)
