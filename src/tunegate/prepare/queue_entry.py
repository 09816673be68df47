"""One row as it is laid before reviewers."""

from typing import Any, NamedTuple

from tunegate.prepare.normalise import digest
from tunegate.prepare.rowtext import kind_of, told
from tunegate.records.review import content_hash
from tunegate.records.review_queue import QueuedRow

GONE = -1


class Entry(NamedTuple):
    """A line of the queue, and the row's place among the rows that reading kept (GONE: it is not among them)."""

    row: int
    line: bytes


def sampled(row: dict[str, Any], share: float) -> bool:
    """Whether a real row is one of the share that is laid before reviewers."""
    return "origin" not in row and int(digest("review", row["id"]), 16) / 2**64 < share


def queued(row: dict[str, Any], split: str, share: float) -> QueuedRow:
    """A row as it stands before any review and masking: a decision is bound to that."""
    said = told(row)
    return QueuedRow(
        id=row["id"],
        content=content_hash(said),
        split=split,
        file=row["source"]["file"],
        line=row["source"]["line"],
        kind=kind_of(row),
        synthetic="origin" in row,
        row={"messages": said} if "messages" in row else said,
        sampled=sampled(row, share),
        origin=row.get("origin"),
    )
