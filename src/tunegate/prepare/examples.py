"""Rows to show a person: the largest clusters of duplicates, the first rejects of each code; private data masked."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tunegate.core.data_settings import Private
from tunegate.core.files import dump_json, parse_json
from tunegate.prepare.decide import Found
from tunegate.prepare.facts import SPLITS
from tunegate.prepare.keep import clusters
from tunegate.prepare.near import Pair
from tunegate.prepare.private import Finder
from tunegate.prepare.rowtext import answer_text, prompt_of, said, where
from tunegate.prepare.table import Table
from tunegate.records.data_report import ClusterExample, DataExamples, RejectExample, ShownRow

CLUSTERS = 12
ROWS = 4  # of a cluster
REJECTS = 3  # of a code
LONGEST = 600  # characters
HEAD = '{"code":"'  # of each line of rejects


def build_examples(table: Table, found: Found, rejects: Path) -> DataExamples:
    """Examples for the page."""
    finder = Finder(Private())
    shown = [*_clusters(table, found.pairs, "near", finder), *_clusters(table, found.semantic, "semantic", finder)]
    return DataExamples(clusters=tuple(shown), rejects=tuple(_rejects(rejects, finder)))


def _clusters(table: Table, pairs: list[Pair], how: Any, finder: Finder) -> Iterator[ClusterExample]:
    split = table.facts["split"]
    largest = clusters(pairs)[:CLUSTERS]
    member = {row: number for number, rows in enumerate(largest) for row in rows}
    nearest: dict[int, float] = {}
    for one, _, similarity in pairs:
        if one in member:
            nearest[member[one]] = max(similarity, nearest.get(member[one], 0.0))
    for number, rows in enumerate(largest):
        leak = len({int(split[row]) for row in rows}) > 1
        yield ClusterExample(
            how="leak" if leak and how == "near" else how,
            size=len(rows),
            similarity=round(nearest[number], 4),
            rows=tuple(_shown(table.row(row), SPLITS[split[row]], finder) for row in rows[:ROWS]),
        )


def _shown(row: dict[str, Any], split: str, finder: Finder) -> ShownRow:
    prompt = "\n".join(said(turn) for turn in prompt_of(row))
    return ShownRow(
        where=where(row), split=split, prompt=_masked(prompt, finder), answer=_masked(answer_text(row), finder)
    )


def _masked(text: str, finder: Finder) -> str:
    cut = text[:LONGEST] + (" ..." if len(text) > LONGEST else "")
    return finder.mask(cut, finder.find(cut))


def _rejects(path: Path, finder: Finder) -> Iterator[RejectExample]:
    seen: dict[str, int] = {}
    for line in _lines(path):
        code = line[len(HEAD) : line.index('"', len(HEAD))]
        seen[code] = seen.get(code, 0) + 1
        if seen[code] <= REJECTS:
            reject = parse_json(line)
            row = reject["row"]
            text = row if isinstance(row, str) else dump_json(row)
            place = f"{reject['file']}:{reject['line']}"
            reason = _masked(reject["reason"], finder)
            yield RejectExample(where=place, code=code, reason=reason, row=_masked(text, finder))


def _lines(path: Path) -> Iterable[str]:
    with path.open(encoding="utf-8") as stream:
        yield from stream
