"""The figures of a data report as DVC metrics: what `dvc exp show` and `dvc metrics diff` put side by side."""

from typing import Any

from tunegate.prepare.tally import ORDER, contaminated, tally
from tunegate.records.data_report import REPLAY, DataReport


def metrics_of(report: DataReport) -> dict[str, Any]:
    """`{KEY: {"data": {...}}}`, all counts being rows and `reject_rate` a share from 0 to 1.

    `contaminated` counts by suite, `private_rows` by kind: a row that holds two kinds counts once for each. Splits
    that are not there have 0 rows, so that a column never goes missing.
    """
    doubles, review = report.duplicates, report.review
    kept = {name: report.splits[name].kept if name in report.splits else 0 for name in (*ORDER, REPLAY)}
    figures = {
        **kept,
        "rejected": tally(report).rejected,
        "reject_rate": round(report.reject_rate, 6),
        "duplicates": doubles.exact,
        "near_duplicates": doubles.near,
        "semantic_duplicates": doubles.semantic,
        "contaminated": contaminated(report),
        "private_rows": {kind: found.rows for kind, found in sorted(report.private.items())},
        "synthetic": sum(split.synthetic for split in report.splits.values()),
        "review_pending": review.pending_synthetic + (review.pending_real if review.required else 0),
    }
    return {report.key: {"data": figures}}
