"""The rows that need or may have a review, in order: `build/report/KEY/review-queue.jsonl`, which `prepare` writes."""

from pathlib import Path
from typing import Any

from pydantic import JsonValue

from tunegate.core.files import dump_json
from tunegate.records.base import Record
from tunegate.records.example import Kind, Origin

REVIEW_QUEUE = "review-queue.jsonl"


def queue_path(root: Path, key: str) -> Path:
    """Where the queue of adapter `key` stands."""
    return root / "build" / "report" / key / REVIEW_QUEUE


class QueuedRow(Record):
    """One row to review.

    `content` is `records.review.content_hash` of what `row` says: of a chat's messages, of the whole `row` otherwise.
    `file` and `line` name the raw row (line from 1); `flags` are short words for the reviewer; `sampled` marks a real
    row of the sample; `origin` of a synthetic row may be left out: `file` has it.
    """

    id: str
    content: str
    split: str
    file: str
    line: int
    kind: Kind
    synthetic: bool
    row: dict[str, JsonValue]
    flags: tuple[str, ...] = ()
    sampled: bool = False
    origin: Origin | None = None

    @property
    def said(self) -> Any:
        """What `content` is the hash of."""
        return self.row["messages"] if self.kind == "chat" else self.row

    def to_line(self) -> str:
        """The row as one JSON line, newline included."""
        return dump_json(self.model_dump(mode="json", exclude={"origin"} if self.origin is None else None)) + "\n"
