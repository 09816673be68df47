"""Small tables for `dvc plots show`: rows by code, lengths and labels of each split; they stand beside the report."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from tunegate.core.files import write_text
from tunegate.records.data_report import DataReport

Rows = Iterable[Sequence[object]]


def write_plots(folder: Path, report: DataReport) -> None:
    """Write rejects.csv, lengths.csv and labels.csv to `folder`; where there is nothing, the head stands alone."""
    write_text(folder / "rejects.csv", table(("split", "code", "rows"), rejects(report)))
    write_text(folder / "lengths.csv", table(("split", "part", "from", "rows"), lengths(report)))
    write_text(folder / "labels.csv", table(("split", "label", "rows"), labels(report)))


def rejects(report: DataReport) -> Rows:
    """Rows of each split by code, kept ones too."""
    for name, split in report.splits.items():
        yield name, "kept", split.kept
        yield from ((name, code, count) for code, count in split.rejected.items())


def lengths(report: DataReport) -> Rows:
    """The histograms of prompts and answers."""
    for name, split in report.splits.items():
        for part, found in (("prompt", split.prompt), ("answer", split.answer)):
            yield from ((name, part, bar.low, bar.count) for bar in found.histogram)


def labels(report: DataReport) -> Rows:
    """How often each label stands in each split."""
    for name, split in report.splits.items():
        yield from ((name, label, count) for label, count in (split.labels or {}).items())


def table(head: Sequence[str], rows: Rows) -> str:
    """CSV with its head."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([head, *rows])
    return text.getvalue()
