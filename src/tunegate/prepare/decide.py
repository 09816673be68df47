"""What becomes of each row among the others: kind, template, duplicates, leaks. What measures precedes what trains."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tunegate.core.data_settings import Prepare
from tunegate.core.files import digest_file
from tunegate.prepare.contamination import Hit, ScanTask, scan, telling
from tunegate.prepare.facts import KIND_NAMES, REPLAY, SPLITS, TEST, TRAIN, VALIDATION
from tunegate.prepare.heldout import Document, read_documents, write_documents
from tunegate.prepare.keep import drop
from tunegate.prepare.near import Pair, Source, near_pairs
from tunegate.prepare.pool import Mapper
from tunegate.prepare.rowtext import answer_key, asked, compared, prompt_of, where
from tunegate.prepare.semantic import semantic_pairs
from tunegate.prepare.splits import Shares
from tunegate.prepare.table import Rows, Table, Why
from tunegate.records.data_report import SuiteReport
from tunegate.records.example import Kind

FEW = 20  # rows; fewer do not make a template
SCANNED = 2000  # rows a chunk
RANK = np.array([2, 1, 0, 3])  # of train, validation, test, replay: of two duplicates the one that measures stays


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
    source = Source(table.spool.line, compared)
    pairs = near_pairs(table.bands, _ordered(table), source, near, mapper) if near else []
    held = table.spool_folder / "heldout.jsonl"
    counts = write_documents(held, [*_rows_held(table, answers=settings.contamination.answers), *read_documents(tasks)])
    suites = _leaks(table, _hits(table, held, near, settings.contamination.common, mapper), pairs, counts)
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


def _ordered(table: Table) -> Rows:
    """The rows that are kept, the one that stays of two duplicates first; no file's place or name matters."""
    rows = table.alive()
    facts = table.facts[rows]
    found: Rows = rows[np.lexsort((rows, facts["raw"], facts["nameless"], facts["synthetic"], RANK[facts["split"]]))]
    return found


def _exact(table: Table) -> None:
    rows = _ordered(table)
    facts = table.facts[rows]
    order = np.lexsort((np.arange(len(rows)), facts["exact"], facts["split"]))
    ordered = facts[order]
    first = 0
    same = (ordered["exact"][1:] == ordered["exact"][:-1]) & (ordered["split"][1:] == ordered["split"][:-1])
    for at, again in enumerate(same.tolist(), 1):
        if again:
            table.drop(int(rows[order[at]]), "duplicate", Why(other=int(rows[order[first]])))
        else:
            first = at


def _rows_held(table: Table, *, answers: bool) -> Iterator[Document]:
    for split in (TEST, VALIDATION):
        for number in table.alive(split).tolist():
            row = table.row(number)
            prompt = asked(prompt_of(row))
            parts = [prompt, answer_key(row)] if answers else [prompt]
            yield Document(SPLITS[split], where(row), [prompt], parts, turns=True)


def _hits(table: Table, held: Path, near: float | None, common: int, mapper: Mapper) -> list[Hit]:
    rows = table.alive(TRAIN, VALIDATION, REPLAY)
    stamp = digest_file(held)

    def tasks() -> Iterator[ScanTask]:
        for at in range(0, len(rows), SCANNED):
            numbers: list[int] = rows[at : at + SCANNED].tolist()
            yield ScanTask(held, stamp, near, numbers, [table.spool.line(number) for number in numbers])

    return telling((hit for hits in mapper(scan, tasks()) for hit in hits), common)


def _leaks(table: Table, hits: Sequence[Hit], pairs: Sequence[Pair], counts: dict[str, int]) -> dict[str, SuiteReport]:
    """Drop rows that meet what is held out; say for each suite how many did, and how."""
    split = table.facts["split"]
    by_row: dict[int, dict[str, Hit]] = {}
    crossing = [*hits, *_crossing(table, pairs)]
    for hit in sorted(crossing, key=lambda one: (one.row, one.similarity is None, -(one.similarity or 0), one.gram)):
        if split[hit.row] != VALIDATION or hit.suite == SPLITS[TEST]:
            by_row.setdefault(hit.row, {}).setdefault(hit.suite, hit)
    near, by_words = dict.fromkeys(counts, 0), dict.fromkeys(counts, 0)
    for row, met in by_row.items():
        for suite, hit in met.items():
            (by_words if hit.similarity is None else near)[suite] += 1
        suite = next((name for name in (SPLITS[TEST], SPLITS[VALIDATION]) if name in met), next(iter(met)))
        code = f"leaked_{suite}" if suite in SPLITS else "contaminated_general"
        table.drop(row, code, Why(words=_said(met[suite], suite), similarity=met[suite].similarity or 0))
    return {
        suite: SuiteReport(documents=counts[suite], by_words=by_words[suite], by_near=near[suite]) for suite in counts
    }


def _crossing(table: Table, pairs: Sequence[Pair]) -> Iterator[Hit]:
    """Near-duplicates of which one measures and the other trains: also where only the answers are long and the same."""
    split = table.facts["split"]
    for one, other, value in pairs:
        ranked = sorted((one, other), key=lambda row: RANK[split[row]])
        first, second = ranked
        if split[first] != split[second] and split[first] in (TEST, VALIDATION):
            yield Hit(second, SPLITS[split[first]], table.where(first), value, "", 0)


def _said(hit: Hit, suite: str) -> str:
    what = f"in {suite}" if suite in SPLITS else f"of {suite}"
    if hit.similarity is None:
        return f"shares 13 words in a row with {hit.where} {what}: {hit.words}"
    if hit.similarity == 1:
        return f"the same prompt as {hit.where} {what}"
    return f"nearly the prompt of {hit.where} {what} (Jaccard {hit.similarity:.2f})"


def _drop_near(table: Table, pairs: Sequence[Pair], splits: Sequence[int], code: str) -> None:
    order = _ordered(table)
    split = table.facts["split"]
    for one in splits:
        rows = order[split[order] == one].tolist()
        for gone in drop(pairs, rows):
            table.drop(gone.row, code, Why(other=gone.kept, similarity=gone.similarity))
