"""Small tables for `dvc plots show`, beside the report: rows by reject code, labels and lengths by split.

A table always has its head: DVC leaves an empty one out and says nothing, so an entry of `plots:` in dvc.yaml holds for
a task without labels or rejects too. DVC puts cells into the script of a page as they are: a cell must not end it.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from tunegate.core.files import write_text
from tunegate.prepare.tally import ORDER, tally
from tunegate.prepare.wording import plain
from tunegate.records.data_report import DataReport, Lengths

Row = tuple[object, ...]


def write_plots(folder: Path, report: DataReport) -> None:
    """Write the tables to `folder`: `rejects.csv`, `labels/SPLIT.csv`, `lengths/PART/SPLIT.csv`."""
    for name, text in plot_files(report).items():
        write_text(folder / name, text)


def plot_files(report: DataReport) -> dict[str, str]:
    """The tables by file name. The three splits are there whatever the report has; names from data are ASCII."""
    files = {"rejects.csv": _table(("code", "rows"), tally(report).codes.items())}
    for name in ORDER:
        split = report.splits.get(name)
        labels = sorted((split.labels or {}).items(), key=lambda pair: (-pair[1], pair[0])) if split else []
        prompt, answer = (_outline(split.prompt), _outline(split.answer)) if split else ((), ())
        files[f"labels/{name}.csv"] = _table(("label", "rows"), labels)
        files[f"lengths/prompt/{name}.csv"] = _table(("characters", "share"), prompt)
        files[f"lengths/answer/{name}.csv"] = _table(("characters", "share"), answer)
    return files


def _outline(lengths: Lengths) -> Iterator[Row]:
    """The middle of each bar, and which share of the split's rows has a length like it, for each 10 characters: so
    splits compare whatever their bars.
    """
    rows = sum(part.count for part in lengths.histogram) or 1
    for part in lengths.histogram:
        yield (part.low + part.high - 1) / 2, round(10 * part.count / rows / (part.high - part.low), 6)


def _table(head: Sequence[str], rows: Iterable[Row]) -> str:
    text = io.StringIO(newline="")
    shown = ([_harmless(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    csv.writer(text, lineterminator="\n").writerows([head, *shown])
    return text.getvalue()


def _harmless(cell: str) -> str:
    return plain(cell).replace("<", "\\x3c")
