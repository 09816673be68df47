"""Sums over a data report that page, plots, metrics and terminal share, so that all four say the same number."""

from collections import Counter
from typing import NamedTuple

from tunegate.records.data_report import REPLAY, DataReport, FileReport, SplitReport

ORDER = ("train", "validation", "test")


class Tally(NamedTuple):
    """Rows of the task's own files; general rows for replay count apart. `codes`: rejects by code, most first."""

    rows: int
    kept: int
    rejected: int
    codes: dict[str, int]


def tally(report: DataReport) -> Tally:
    """Count the rows of the task."""
    files = task_files(report)
    codes: Counter[str] = Counter()
    for file in files:
        codes.update(file.rejected)
    ranked = dict(sorted(codes.items(), key=lambda item: (-item[1], item[0])))
    return Tally(sum(file.rows for file in files), sum(file.kept for file in files), codes.total(), ranked)


def task_files(report: DataReport) -> list[FileReport]:
    """The task's raw files, most rows first."""
    own = [file for file in report.files if file.split != REPLAY]
    return sorted(own, key=lambda file: (-file.rows, file.name))


def replay_files(report: DataReport) -> list[FileReport]:
    """The files of general rows, most rows first."""
    general = [file for file in report.files if file.split == REPLAY]
    return sorted(general, key=lambda file: (-file.rows, file.name))


def task_splits(report: DataReport) -> dict[str, SplitReport]:
    """The task's splits: train, validation, test, then any other by name."""
    names = sorted(report.splits.keys() - {REPLAY}, key=lambda name: (_rank(name), name))
    return {name: report.splits[name] for name in names}


def all_splits(report: DataReport) -> dict[str, SplitReport]:
    """The task's splits, then the general rows."""
    replay = report.splits.get(REPLAY)
    return task_splits(report) | ({REPLAY: replay} if replay else {})


def contaminated(report: DataReport) -> dict[str, int]:
    """Training rows that met each suite: held-out splits first, then the suites with most rows."""
    suites = sorted(report.contamination.items(), key=lambda item: (_rank(item[0]), -item[1].rows, item[0]))
    return {name: suite.rows for name, suite in suites}


def _rank(name: str) -> int:
    return ORDER.index(name) if name in ORDER else len(ORDER)
