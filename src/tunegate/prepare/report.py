"""The data report's numbers, from what was decided: what came in, what was kept, what was rejected and why."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from tunegate.core.data_settings import Prepare
from tunegate.prepare.decide import Found
from tunegate.prepare.facts import REPLAY, SPLITS, TEST, TRAIN, VALIDATION, Facts
from tunegate.prepare.keep import clusters
from tunegate.prepare.reject_line import file_name
from tunegate.prepare.table import CODE_NAMES, KEPT, Table
from tunegate.records.data_report import (
    Bin,
    DataReport,
    DuplicateReport,
    FileReport,
    Lengths,
    PrivateReport,
    ReviewReport,
    SplitReport,
)

BINS = 24
FEW_LABELS = 200
ROWS_A_LABEL = 3  # at least, on average: else the answers are no labels
# Codes that say something about rows among others, or about people; the rate of rejects is about the rows themselves.
NO_FAULT = {
    "duplicate", "near_duplicate", "semantic_duplicate", "leaked_test", "leaked_validation", "contaminated_general",
    "review_pending", "review_rejected",
}  # fmt: skip
TASK = (TRAIN, VALIDATION, TEST)


def build_report(key: str, table: Table, found: Found, settings: Prepare) -> DataReport:
    """The whole report. For each file, `rows` = `kept` + `rejected`."""
    splits = {name: _split(table, number) for number, name in enumerate(SPLITS)}
    return DataReport(
        key=key,
        kind=found.kind,
        files=tuple(_files(table)),
        splits=splits,
        duplicates=_duplicates(table, found, settings),
        contamination=found.suites,
        private={
            kind: PrivateReport(rows=table.private_rows[kind], findings=count, action=settings.private.action)
            for kind, count in sorted(table.private.items())
        },
        review=_review(table, settings),
        reject_rate=round(reject_rate(table), 6),
        warnings=tuple(warnings(table, found, splits)),
    )


def reject_rate(table: Table) -> float:
    """Rows with a fault of their own as a share of all rows of the task; duplicates, leaks and reviews do not count."""
    rows = sum(file.rows for file in table.files if file.split != SPLITS[REPLAY])
    faults = sum((table.rejected(split) for split in TASK), Counter[str]())
    return sum(count for code, count in faults.items() if code not in NO_FAULT) / max(1, rows)


def _files(table: Table) -> Iterator[FileReport]:
    for number, file in enumerate(table.files):
        here = table.codes[table.facts["file"] == number]
        rejected = Counter(file.rejected)
        for code, count in zip(*np.unique(here[here != KEPT], return_counts=True), strict=True):
            rejected[CODE_NAMES[code]] += int(count)
        yield FileReport(
            name=file_name(file.name, SPLITS.index(file.split)),
            split=file.split,
            container=file.container,
            formats=dict(sorted(file.formats.items())),
            rows=file.rows,
            kept=int(np.sum(here == KEPT)),
            rejected=dict(sorted(rejected.items())),
        )


def _split(table: Table, split: int) -> SplitReport:
    facts = table.facts[table.alive(split)]
    tokens = facts["tokens"]
    return SplitReport(
        kept=len(facts),
        families=len(np.unique(facts["family"])),
        rejected=dict(sorted(table.rejected(split).items())),
        prompt=lengths(facts["prompt_length"]),
        answer=lengths(facts["answer_length"]),
        row=lengths(tokens, "tokens") if tokens.any() else None,
        labels=_labels(table, facts, split),
        system_prompts=len(set(facts["system"].tolist()) - {0}),
        synthetic=int(np.sum(facts["synthetic"])),
    )


def lengths(values: npt.NDArray[Any], unit: Literal["characters", "tokens"] = "characters") -> Lengths:
    """Mean, percentiles by nearest rank, maximum, and a histogram of equal bins."""
    if not len(values):
        return Lengths(unit=unit, mean=0, median=0, p95=0, p99=0, max=0, histogram=())
    ranked = np.sort(values)
    median, p95, p99 = (int(ranked[int(np.ceil(share * len(ranked))) - 1]) for share in (0.5, 0.95, 0.99))
    low, high = int(ranked[0]), int(ranked[-1])
    width = max(1, -(-(high - low + 1) // BINS))
    counts = np.bincount((ranked - low) // width)
    bars = tuple(
        Bin(low=low + at * width, high=low + (at + 1) * width, count=int(count)) for at, count in enumerate(counts)
    )
    mean = round(float(np.mean(values)), 1)
    return Lengths(unit=unit, mean=mean, median=median, p95=p95, p99=p99, max=high, histogram=bars)


def _labels(table: Table, facts: Facts, split: int) -> dict[str, int] | None:
    """The answers and how often each stands, if the task has few different ones."""
    if table.labels is None or split == REPLAY or not len(facts):
        return None
    task = table.facts["label"][table.alive(*TASK)]
    different = len(np.unique(task))
    if not task.all() or different > FEW_LABELS or len(task) < ROWS_A_LABEL * different:
        return None
    values, counts = np.unique(facts["label"], return_counts=True)
    named = {table.labels[int(value)]: int(count) for value, count in zip(values, counts, strict=True)}
    if any(name.lstrip().startswith("{") for name in named):
        return None  # JSON with several fields: its combinations are no classes
    return dict(sorted(named.items(), key=lambda one: (-one[1], one[0])))


def _duplicates(table: Table, found: Found, settings: Prepare) -> DuplicateReport:
    groups = clusters([*found.pairs, *found.semantic])
    reported = settings.duplicates.action == "report"
    return DuplicateReport(
        exact=table.count("duplicate"),
        near=len(found.pairs) if reported else table.count("near_duplicate"),
        semantic=len(found.semantic) if reported else table.count("semantic_duplicate"),
        clusters=len(groups),
        largest=len(groups[0]) if groups else 0,
        action=settings.duplicates.action,
    )


def _review(table: Table, settings: Prepare) -> ReviewReport:
    rejected = sum((table.rejected(split) for split in TASK), Counter[str]())
    synthetic = sum(file.rejected["review_pending"] for file in table.files if file.name.startswith("synthetic/"))
    return ReviewReport(
        required=settings.review.required,
        approved=table.reviewed["approved"],
        edited=table.reviewed["edited"],
        rejected=rejected["review_rejected"],
        pending_real=rejected["review_pending"] - synthetic,
        pending_synthetic=synthetic,
    )


def warnings(table: Table, found: Found, splits: dict[str, SplitReport]) -> Iterator[str]:
    """What rejects nothing and a person should still read."""
    for split in TASK:
        yield from _conflicts(table, split)
        if (systems := len(np.unique(table.facts["system"][table.alive(split)]))) > 1:
            yield f"{SPLITS[split]}: {systems} different system prompts (none counts as one)"
    for file in table.files:
        name = file_name(file.name, SPLITS.index(file.split))
        if not file.rows:
            yield f"{name}: no rows"
        if len(file.formats) > 1:
            yield f"{name}: rows of {len(file.formats)} formats: {', '.join(sorted(file.formats))}"
    yield from _ids(table)
    yield from _shared(table, found)
    if not splits["replay"].kept:
        yield "general: no rows left for replay"
    if not set(found.suites) - set(SPLITS):
        yield "no *.jsonl documents of general tasks: training rows were not held against them"


def _conflicts(table: Table, split: int) -> Iterator[str]:
    rows = table.alive(split)
    prompts, places, inverse = np.unique(table.facts["prompt"][rows], return_index=True, return_inverse=True)
    counts = np.bincount(inverse, minlength=len(prompts))  # exact duplicates are gone: twice means another answer
    if conflicts := int(np.sum(counts > 1)):
        first = table.where(int(rows[np.min(places[counts > 1])]))
        yield f"{SPLITS[split]}: conflicting_answers: {conflicts} prompts have more than one answer, first {first}"


def _ids(table: Table) -> Iterator[str]:
    rows = table.alive(*TASK)
    _, inverse, counts = np.unique(table.facts["id"][rows], return_inverse=True, return_counts=True)
    if twice := sorted({table.row(number)["id"] for number in rows[counts[inverse] > 1].tolist()}):
        yield f"{len(twice)} ids stand more than once, first {twice[0]}"


def _shared(table: Table, found: Found) -> Iterator[str]:
    families = {split: np.unique(table.facts["family"][table.alive(split)]) for split in TASK}
    for split in (VALIDATION, TEST):
        if shared := len(np.intersect1d(families[split], families[TRAIN])):
            yield f"{SPLITS[split]}: {shared} of {len(families[split])} families are also in train"
    for split in (VALIDATION, TEST):
        alive = set(table.alive(split).tolist())
        if near := sum(pair.one in alive and pair.other in alive for pair in found.pairs):
            yield f"{SPLITS[split]}: {near} pairs of near-duplicates; both stay, since the split was given"
