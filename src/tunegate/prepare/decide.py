"""What becomes of each row among the others: kind, template, duplicates, leaks. What measures precedes what trains."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tunegate.core.data_settings import Prepare
from tunegate.prepare.facts import KIND_NAMES, REPLAY, TEST, TRAIN, VALIDATION
from tunegate.prepare.keep import drop
from tunegate.prepare.leaks import drop_leaks
from tunegate.prepare.near import Pair, near_pairs
from tunegate.prepare.pool import Mapper
from tunegate.prepare.semantic import semantic_pairs
from tunegate.prepare.splits import Shares
from tunegate.prepare.table import Table, Why
from tunegate.records.data_report import SuiteReport
from tunegate.records.example import Kind

FEW = 20  # rows; fewer do not make a template


class Found(NamedTuple):
    """What the decisions rest on, for the report."""

    kind: Kind
    pairs: list[Pair]
    semantic: list[Pair]
    suites: dict[str, SuiteReport]


def decide(table: Table, settings: Prepare, shares: Shares, tasks: Path, mapper: Mapper) -> Found:
    """Drop what must not stay; the table holds which rows and why.

    Raises:
        DataError: the documents of the general tasks cannot be read.
    """
    kind = _kinds(table)
    _templates(table, settings.template_share)
    _exact(table)
    near = settings.duplicates.near
    pairs = near_pairs(table.bands, table.ranked(), table.traces.some, near, mapper) if near else []
    suites = drop_leaks(table, settings.contamination, near, pairs, tasks, mapper)
    own = {TEST: shares.test, VALIDATION: shares.validation}
    dropping = [TRAIN, REPLAY, *(split for split, share in own.items() if share)]
    semantic: list[Pair] = []
    if settings.duplicates.action == "drop":
        _drop_near(table, pairs, dropping, "near_duplicate")
    if settings.duplicates.semantic:
        semantic = semantic_pairs(table, settings.duplicates.semantic, dropping)
        if settings.duplicates.action == "drop":
            _drop_near(table, semantic, dropping, "semantic_duplicate")
    return Found(kind, pairs, semantic, suites)


def _kinds(table: Table) -> Kind:
    """The kind of most rows of the task; the others go. General rows are chats."""
    task = table.alive(TRAIN, VALIDATION, TEST)
    counts = np.bincount(table.facts["kind"][task], minlength=len(KIND_NAMES))
    most = int(np.argmax(counts))
    for row in task[table.facts["kind"][task] != most].tolist():
        found = KIND_NAMES[table.facts["kind"][row]]
        table.drop(
            row, "kind_mismatch", Why(words=f"a {found} row; {counts[most]} rows are of kind {KIND_NAMES[most]}")
        )
    for row in table.alive(REPLAY).tolist():
        if KIND_NAMES[table.facts["kind"][row]] != "chat":
            table.drop(row, "kind_mismatch", Why(words="general rows are chats"))
    return KIND_NAMES[most]


def _templates(table: Table, share: float) -> None:
    rows = table.alive(TRAIN, VALIDATION, TEST)
    if len(rows) < FEW:
        return
    counts = np.bincount(table.facts["template"][rows])
    most = int(np.argmax(counts))
    if counts[most] < share * len(rows):
        return
    for row in rows[table.facts["template"][rows] != most].tolist():
        own, usual = table.templates[table.facts["template"][row]], table.templates[most]
        table.drop(
            row, "template_mismatch", Why(words=f"{own}; {counts[most] / len(rows):.1%} of the rows have {usual}")
        )


def _exact(table: Table) -> None:
    rows = table.ranked()
    exact, split = table.facts["exact"][rows], table.facts["split"][rows]
    order = np.lexsort((exact, split))  # among equals the order stays
    rows, exact, split = rows[order], exact[order], split[order]
    first = 0
    same = (exact[1:] == exact[:-1]) & (split[1:] == split[:-1])
    for at, again in enumerate(same.tolist(), 1):
        if again:
            table.drop(int(rows[at]), "duplicate", Why(other=int(rows[first])))
        else:
            first = at


def _drop_near(table: Table, pairs: Sequence[Pair], splits: Sequence[int], code: str) -> None:
    order = table.ranked()
    split = table.facts["split"]
    for one in splits:
        rows = order[split[order] == one].tolist()
        for gone in drop(pairs, rows):
            table.drop(gone.row, code, Why(other=gone.kept, similarity=gone.similarity))
