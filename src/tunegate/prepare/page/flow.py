"""What flows: rows from their files, as clean or rejected, to splits and reject codes; every band is a true count."""

from collections.abc import Iterator
from typing import NamedTuple

from tunegate.prepare.page.sankey import Layout, Link, Part, Picture, draw
from tunegate.prepare.tally import tally, task_files, task_splits
from tunegate.prepare.wording import counted
from tunegate.records.data_report import DataReport

MOST = 8  # files, splits, codes that are shown; the rest is one place
WIDE = Layout(1040, columns=(268, 528, 790), inside=False, letters=32)
NARROW = Layout(360, columns=(0, 176, 351), inside=True, letters=14)
HEADS = ("files", "", "splits and rejects")


class Source(NamedTuple):
    """A file, or several as one."""

    name: str
    kept: int
    rejected: int


def flow(report: DataReport, layout: Layout) -> Picture | None:
    """The picture of a report's own rows (general rows are not in it); None where there are none."""
    total = tally(report)
    if not total.rows:
        return None
    sources, ends = _sources(report), _ends(report)
    files = [Part(source.name, source.kept + source.rejected, "file") for source in sources]
    middles = [Part("clean", total.kept, "kept"), Part("rejected", total.rejected, "rejected")]
    middles = [part for part in middles if part.rows]
    links = [*_first(sources, middles), *_second(middles, ends)]
    return draw([files, middles, ends], links, HEADS, layout)


def tone(split: str) -> str:
    """The colour class of a split."""
    return split if split in {"train", "validation", "test", "replay"} else "other"


def _sources(report: DataReport) -> list[Source]:
    files = [Source(file.name, file.kept, sum(file.rejected.values())) for file in task_files(report) if file.rows]
    if len(files) <= MOST:
        return files
    rest = files[MOST - 1 :]
    more = Source(f"{len(rest):,} more files", sum(one.kept for one in rest), sum(one.rejected for one in rest))
    return [*files[: MOST - 1], more]


def _ends(report: DataReport) -> list[Part]:
    splits = [Part(name, split.kept, tone(name)) for name, split in task_splits(report).items() if split.kept]
    codes = [Part(code, count, "rejected") for code, count in tally(report).codes.items()]
    return [*_fewer(splits, "splits", "other"), *_fewer(codes, "codes", "rejected")]


def _fewer(parts: list[Part], what: str, colour: str) -> list[Part]:
    if len(parts) <= MOST:
        return parts
    rest = parts[MOST - 1 :]
    return [*parts[: MOST - 1], Part(f"{len(rest):,} more {what}", sum(part.rows for part in rest), colour)]


def _first(sources: list[Source], middles: list[Part]) -> Iterator[Link]:
    for start, source in enumerate(sources):
        for end, middle in enumerate(middles):
            rows = source.rejected if middle.tone == "rejected" else source.kept
            if rows:
                title = f"{source.name}: {counted(rows, 'row')} {middle.name}"
                yield Link(0, start, end, rows, middle.tone, title)


def _second(middles: list[Part], ends: list[Part]) -> Iterator[Link]:
    for start, middle in enumerate(middles):
        for end, part in enumerate(ends):
            if (middle.tone == "rejected") == (part.tone == "rejected"):
                yield Link(1, start, end, part.rows, part.tone, f"{part.name}: {counted(part.rows, 'row')}")
