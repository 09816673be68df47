"""Prepare one adapter's data: read, check, hold rows against each other, write."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tunegate.core.data_settings import Prepare
from tunegate.core.errors import DataError
from tunegate.core.files import write_json, write_text
from tunegate.prepare.codes import CODES
from tunegate.prepare.decide import Found, decide
from tunegate.prepare.examples import build_examples
from tunegate.prepare.facts import SPLITS, TEST, TRAIN, VALIDATION
from tunegate.prepare.figures import metrics_of
from tunegate.prepare.folder import whole_folder
from tunegate.prepare.intake import Sources, look, read_all
from tunegate.prepare.page import render_page
from tunegate.prepare.plots import write_plots
from tunegate.prepare.pool import worker_count, workers
from tunegate.prepare.queue_file import write_queue
from tunegate.prepare.report import NO_FAULT, build_report
from tunegate.prepare.splits import Shares
from tunegate.prepare.table import Table
from tunegate.prepare.write import write_rejects, write_splits
from tunegate.records.data_report import DataReport
from tunegate.records.review_queue import REVIEW_QUEUE


class Outs(NamedTuple):
    """Where everything goes: clean rows, the report with rejects and review queue, the numbers for `dvc metrics`."""

    data: Path
    report: Path
    metrics: Path


def prepare(key: str, sources: Sources, outs: Outs, settings: Prepare, say: Callable[[str], None]) -> DataReport:
    """Write clean splits, replay rows, rejects and the report; return the report. `say` gets short words of progress.

    Raises:
        DataError: a folder or file is missing or unreadable (all of them named), a split is empty, more rows were
            rejected than `max_reject_rate` allows, or training rows meet held-out ones and `contamination.action` is
            `fail`; then only the report's folder is written, to be read.
    """
    intake = look(sources, settings)
    with whole_folder(outs.report) as work, workers(worker_count(intake.size)) as mapper:
        table = Table(work)
        try:
            read_all(table, intake, mapper, say)
            say("holding rows against each other")
            shares = Shares(*intake.shares)
            found = decide(table, settings, shares, sources.tasks, mapper)
            say("writing")
            report = build_report(key, table, found, settings)
            _write_report(work, table, found, report)
            wrong = _wrong(table, report, settings, outs.report)
            if not wrong:
                _write_data(outs.data, table, sources, settings)
        finally:
            table.close()
    write_json(outs.metrics, metrics_of(report))
    if wrong:
        raise wrong
    return report


def _write_report(work: Path, table: Table, found: Found, report: DataReport) -> None:
    write_rejects(work / "rejects.jsonl", table)
    write_queue(work / REVIEW_QUEUE, table)
    report.write(work / "report.json")
    write_text(work / "data-report.html", render_page(report, build_examples(table, found, work / "rejects.jsonl")))
    write_plots(work, report)


def _write_data(out: Path, table: Table, sources: Sources, settings: Prepare) -> None:
    with whole_folder(out) as work:
        write_splits(work, table)
        if settings.answer_schema:
            schema = (sources.raw / settings.answer_schema).read_text(encoding="utf-8")
            write_text(work / "schema.json", schema)


def _wrong(table: Table, report: DataReport, settings: Prepare, folder: Path) -> DataError | None:
    """Why the data must not be trained on, all reasons at once."""
    faults = [*_too_many(table, report, settings), *_empty(table), *_contaminated(report, settings)]
    if not faults:
        return None
    rejects = folder / "rejects.jsonl"
    next_step = f"read {rejects} (file, line, code, reason and row of each) and {folder / 'data-report.html'}"
    return DataError("\n".join(faults), next_step=f"{next_step}; the next run replaces them")


def _too_many(table: Table, report: DataReport, settings: Prepare) -> list[str]:
    if report.reject_rate <= settings.max_reject_rate:
        return []
    counts: Counter[str] = sum((table.rejected(split) for split in (TRAIN, VALIDATION, TEST)), Counter())
    codes = ", ".join(f"{count} {code}" for code, count in counts.most_common() if code not in NO_FAULT)
    allowed = f"prepare.max_reject_rate allows {settings.max_reject_rate:.1%}"
    first = next(code for code, _ in counts.most_common() if code not in NO_FAULT)
    return [f"{report.reject_rate:.1%} of the rows were rejected ({codes}); {allowed}; {first}: {CODES[first]}"]


def _empty(table: Table) -> list[str]:
    empty = [SPLITS[split] for split in (TRAIN, VALIDATION, TEST) if not len(table.alive(split))]
    return [f"no clean rows in {', '.join(empty)}"] if empty else []


def _contaminated(report: DataReport, settings: Prepare) -> list[str]:
    met = {name: suite.rows for name, suite in report.contamination.items() if suite.rows}
    if settings.contamination.action != "fail" or not met:
        return []
    said = ", ".join(f"{rows} of {name}" for name, rows in met.items())
    return [f"training rows meet held-out rows ({said}); prepare.contamination.action is fail"]
