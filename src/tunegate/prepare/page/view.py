"""All that the template shows, worked out and cut to what a page holds; the template only arranges it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Generic, NamedTuple, TypeVar

from tunegate.prepare.codes import CODES
from tunegate.prepare.findings import KINDS, Finding, findings, verdict
from tunegate.prepare.page.differences import Piece, compare
from tunegate.prepare.page.flow import NARROW, WIDE, flow
from tunegate.prepare.page.histogram import Histogram, histogram
from tunegate.prepare.page.label_table import LabelTable, label_table
from tunegate.prepare.page.sankey import Picture
from tunegate.prepare.page.tiles import Tile, tiles
from tunegate.prepare.tally import Tally, all_splits, replay_files, tally, task_files, task_splits
from tunegate.records.data_report import (
    REPLAY,
    ClusterExample,
    DataExamples,
    DataReport,
    FileReport,
    Lengths,
    PrivateReport,
    RejectExample,
    ShownRow,
    SplitReport,
    SuiteReport,
)

T = TypeVar("T")
MOST_FILES, MOST_CODES, MOST_SUITES, MOST_SPLITS, MOST_FINDINGS = 40, 40, 30, 8, 30
MOST_CLUSTERS, MOST_ROWS, MOST_CURVES, MOST_EXAMPLES = 20, 4, 4, 5


class Some(NamedTuple, Generic[T]):
    """What is shown of many, and how many are not."""

    shown: Sequence[T]
    more: int


class Code(NamedTuple):
    """A reject code: its meaning, rows, rows by split, and examples."""

    name: str
    meaning: str
    rows: int
    splits: dict[str, int]
    examples: Sequence[RejectExample]


class ComparedRow(NamedTuple):
    """A row of a cluster with its differences marked."""

    row: ShownRow
    prompt: Sequence[Piece]
    answer: Sequence[Piece]


class Cluster(NamedTuple):
    """A cluster of duplicates."""

    example: ClusterExample
    rows: Sequence[ComparedRow]


class Kind(NamedTuple):
    """A kind of private data, in words."""

    name: str
    found: PrivateReport


class View(NamedTuple):
    """The page."""

    report: DataReport
    verdict: str
    findings: Some[Finding]
    total: Tally
    tiles: Sequence[Tile]
    wide: Picture | None
    narrow: Picture | None
    files: Some[FileReport]
    replay_files: Some[FileReport]
    codes: Some[Code]
    clusters: Some[Cluster]
    suites: Some[tuple[str, SuiteReport]]
    unmet: Sequence[str]
    splits: Some[tuple[str, SplitReport]]
    parts: Some[tuple[str, SplitReport]]
    histograms: Sequence[tuple[str, Histogram]]
    lengths: Sequence[tuple[str, str, Lengths]]
    labels: LabelTable | None
    private: Sequence[Kind]
    synthetic: int


def view(report: DataReport, examples: DataExamples) -> View:
    """Work out the page of a report."""
    total = tally(report)
    met = [(name, suite) for name, suite in report.contamination.items() if suite.rows]
    met.sort(key=lambda pair: (-pair[1].rows, pair[0]))
    lengths = _lengths(report)
    return View(
        report=report,
        verdict=verdict(report),
        findings=some(findings(report), MOST_FINDINGS),
        total=total,
        tiles=tiles(report),
        wide=flow(report, WIDE),
        narrow=flow(report, NARROW),
        files=some(task_files(report), MOST_FILES),
        replay_files=some(replay_files(report), MOST_FILES),
        codes=some(_codes(report, examples), MOST_CODES),
        clusters=some([_cluster(one) for one in sorted(examples.clusters, key=_rank)[:MOST_CLUSTERS]], MOST_CLUSTERS),
        suites=some(met, MOST_SUITES),
        unmet=sorted(name for name, suite in report.contamination.items() if not suite.rows),
        splits=some(list(all_splits(report).items()), MOST_SPLITS),
        parts=some([pair for pair in task_splits(report).items() if pair[1].kept], MOST_SPLITS),
        histograms=_histograms(lengths),
        lengths=[(what, name, one) for what, named in lengths for name, one in named.items()],
        labels=label_table(report),
        private=[
            Kind(KINDS.get(kind, kind), found) for kind, found in sorted(report.private.items()) if found.findings
        ],
        synthetic=sum(split.synthetic for split in report.splits.values()),
    )


def some(things: Sequence[T], most: int) -> Some[T]:
    """The first of them."""
    return Some(things[:most], max(0, len(things) - most))


def _codes(report: DataReport, examples: DataExamples) -> list[Code]:
    splits: dict[str, dict[str, int]] = defaultdict(dict)
    for name, split in all_splits(report).items():
        for code, count in split.rejected.items():
            splits[code][name] = count
    shown: dict[str, list[RejectExample]] = defaultdict(list)
    for example in examples.rejects:
        shown[example.code].append(example)
    counts = dict(tally(report).codes)
    for file in replay_files(report):
        for code, count in file.rejected.items():
            counts[code] = counts.get(code, 0) + count
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return [Code(code, CODES.get(code, ""), count, splits[code], shown[code][:MOST_EXAMPLES]) for code, count in ranked]


def _rank(example: ClusterExample) -> tuple[bool, bool]:
    """Leaks first, clusters of general rows last."""
    return all(row.split == REPLAY for row in example.rows), example.how != "leak"


def _cluster(example: ClusterExample) -> Cluster:
    rows = example.rows[:MOST_ROWS]
    prompts, answers = _compared(row.prompt for row in rows), _compared(row.answer for row in rows)
    return Cluster(example, [ComparedRow(*parts) for parts in zip(rows, prompts, answers, strict=True)])


def _compared(texts: Iterable[str]) -> list[list[Piece]]:
    first, *others = [*texts] or [""]
    return compare(first, others) if others else [[Piece(first, differs=False)]]


def _lengths(report: DataReport) -> list[tuple[str, dict[str, Lengths]]]:
    splits = dict(list(task_splits(report).items())[:MOST_CURVES])
    answer = {"chat": "answer", "preference": "answers, both", "feedback": "answer"}[report.kind]
    rows = {name: split.row for name, split in splits.items() if split.row}
    named = [
        ("prompt", {name: split.prompt for name, split in splits.items()}),
        (answer, {name: split.answer for name, split in splits.items()}),
        ("whole row", rows),
    ]
    return [(what, lengths) for what, lengths in named if lengths]


def _histograms(lengths: Sequence[tuple[str, dict[str, Lengths]]]) -> list[tuple[str, Histogram]]:
    drawn = [(what, histogram(named)) for what, named in lengths]
    return [(what, picture) for what, picture in drawn if picture]
