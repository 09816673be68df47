"""What `prepare` found in the data, in numbers: no text of a row stands in it, so it may go into a bundle and into Git.

Examples with text (clusters of duplicates, rejected rows) stand beside it in files that only DVC keeps.
"""

from typing import Literal

from tunegate.records.base import Record
from tunegate.records.example import Kind

REPLAY = "replay"  # the pseudo-split of general rows


class FileReport(Record):
    """One raw file. `rows` = `kept` + the sum of `rejected` (by code); `formats` counts the rows of each format."""

    name: str
    split: str
    container: str
    formats: dict[str, int]
    rows: int
    kept: int
    rejected: dict[str, int]


class Bin(Record):
    """One bar of a histogram: values from `low` (included) to `high` (not included)."""

    low: int
    high: int
    count: int


class Lengths(Record):
    """Lengths of one part of the rows, `unit` being characters or tokens; percentiles by nearest rank."""

    unit: Literal["characters", "tokens"]
    mean: float
    median: int
    p95: int
    p99: int
    max: int
    histogram: tuple[Bin, ...]


class SplitReport(Record):
    """One split after cleaning. `labels` counts the answers where there are few different ones (a classification)."""

    kept: int
    families: int
    rejected: dict[str, int]
    prompt: Lengths
    answer: Lengths
    row: Lengths | None = None
    labels: dict[str, int] | None = None
    system_prompts: int = 0
    synthetic: int = 0


class DuplicateReport(Record):
    """Duplicates over all splits: rows dropped or reported, clusters they form, rows of the largest."""

    exact: int = 0
    near: int = 0
    semantic: int = 0
    clusters: int = 0
    largest: int = 0
    action: str = "drop"


class SuiteReport(Record):
    """Contamination of training rows by one suite: the held-out splits, and each general task by its name."""

    documents: int
    by_words: int
    by_near: int

    @property
    def rows(self) -> int:
        """Training rows that met the suite."""
        return self.by_words + self.by_near


class PrivateReport(Record):
    """One kind of private data: rows that hold it, findings in them, and what was done."""

    rows: int
    findings: int
    action: str


class ReviewReport(Record):
    """Where the reviews stand. `pending` real rows matter only where `required`; pending synthetic ones never train."""

    required: bool
    approved: int
    edited: int
    rejected: int
    pending_real: int
    pending_synthetic: int


class DataReport(Record):
    """The whole report of one adapter's data."""

    schema_version: Literal[1] = 1
    key: str
    kind: Kind
    files: tuple[FileReport, ...]
    splits: dict[str, SplitReport]
    duplicates: DuplicateReport
    contamination: dict[str, SuiteReport]
    private: dict[str, PrivateReport]
    review: ReviewReport
    reject_rate: float
    warnings: tuple[str, ...] = ()


class ShownRow(Record):
    """A row as a person is shown it, private data masked, long text cut."""

    where: str
    split: str
    prompt: str
    answer: str


class ClusterExample(Record):
    """One cluster of duplicates: the row that was kept first, and how near the others are (Jaccard or cosine)."""

    how: Literal["exact", "near", "semantic", "leak"]
    size: int
    similarity: float
    rows: tuple[ShownRow, ...]


class RejectExample(Record):
    """A rejected row as a person is shown it."""

    where: str
    code: str
    reason: str
    row: str


class DataExamples(Record):
    """Examples for the page: the largest clusters, and the first rejects of each code."""

    clusters: tuple[ClusterExample, ...] = ()
    rejects: tuple[RejectExample, ...] = ()
