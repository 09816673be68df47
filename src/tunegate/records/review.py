"""A reviewer's decision on a row, and the file that keeps it: `datasets/KEY/review/decisions.jsonl`, one a line.

The file is only ever added to: the newest decision of a row counts, the older ones stay as its history. A decision is
bound to the row's id and to its content, so it follows the row through later versions of the data, and ends where the
row's text changes.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, JsonValue

from tunegate.core.files import dump_json
from tunegate.records.base import Record
from tunegate.records.lines import read_lines

PLACE = Path("review") / "decisions.jsonl"
NEXT_STEP = "`tunegate review` writes this file; take the last good state from DVC: `dvc checkout datasets.dvc`"


class Decision(Record):
    """One reviewer's word on one row. `content` is `content_hash` of the row as it was shown; `row` is set when edited:
    its `messages` (chat), `prompt`, `chosen`, `rejected` (preference) or `prompt`, `completion`, `label` (feedback).
    `withdrawn` takes the row's decision back: as if nobody had decided yet.
    """

    id: str
    content: str
    verdict: Literal["approved", "edited", "rejected", "withdrawn"]
    reviewer: str = Field(min_length=1)
    at: datetime
    reason: str = ""
    row: dict[str, JsonValue] | None = None


def content_hash(messages: Sequence[dict[str, Any]] | dict[str, Any]) -> str:
    """16 hex digits of a SHA-256 over what a row says: a chat's messages, or the parts of another kind of row."""
    return hashlib.sha256(dump_json(messages).encode("utf-8")).hexdigest()[:16]


def read_decisions(path: Path) -> tuple[Decision, ...]:
    """All decisions, oldest first; none if there is no file. A last line that a kill cut short does not count.

    Raises:
        DataError: a line is not a decision (the first such line is named).
    """
    return read_lines(path, Decision, name="a decision", next_step=NEXT_STEP)


def newest(decisions: Iterable[Decision]) -> dict[tuple[str, str], Decision]:
    """The decision that counts for each row, by (id, content); a row whose newest is `withdrawn` has none."""
    found = {(decision.id, decision.content): decision for decision in decisions}
    return {row: decision for row, decision in found.items() if decision.verdict != "withdrawn"}
