"""Write what was decided: the clean splits, and every rejected row with its reason, each in the order it was read."""

import heapq
import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from tunegate.core.files import dump_json
from tunegate.prepare.facts import SPLITS
from tunegate.prepare.reject_line import file_name, reject_line
from tunegate.prepare.table import CODE_NAMES, KEPT, Table

SOURCE = re.compile(rb',"source":\{"file":"(?:[^"\\]|\\.)*","line":\d+\}')


def write_splits(folder: Path, table: Table) -> None:
    """Write the kept rows of each split to `SPLIT.jsonl`."""
    with ExitStack() as stack:
        streams: list[BinaryIO] = [stack.enter_context((folder / f"{name}.jsonl").open("wb")) for name in SPLITS]
        fates = zip(table.spool.lines(), (table.codes == KEPT).tolist(), table.facts["split"].tolist(), strict=True)
        for line, kept, split in fates:
            if kept:
                streams[split].write(line)


def write_rejects(path: Path, table: Table) -> int:
    """Write every rejected row; return how many there are."""
    count = 0
    early = zip(table.early_place, table.early.lines(), strict=True)
    late = _late(table)
    with path.open("wb") as stream:
        for _, line in heapq.merge(early, late, key=lambda one: one[0]):
            stream.write(line)
            count += 1
    return count


def _late(table: Table) -> Iterator[tuple[tuple[int, int], bytes]]:
    for number in (table.codes != KEPT).nonzero()[0].tolist():
        facts = table.facts[number]
        file, place, code = int(facts["file"]), int(facts["line"]), CODE_NAMES[table.codes[number]]
        name = file_name(table.files[file].name, int(facts["split"]))
        yield (file, place), reject_line(name, place, code, reason_of(table, number), _without_source(table, number))


def _without_source(table: Table, number: int) -> str:
    """A row as JSON text, without file and line. As it is stored, they are one piece of it."""
    parts = SOURCE.split(table.spool.line(number).rstrip(b"\n"))
    if len(parts) == 2:
        return b"".join(parts).decode("utf-8")
    row = table.row(number)  # a tool of its own has a source too
    del row["source"]
    return dump_json(row)


def reason_of(table: Table, number: int) -> str:
    """Why a row was dropped, for a person."""
    why = table.why[number]
    if why.other is None:
        return why.words
    code, other = CODE_NAMES[table.codes[number]], table.where(why.other)
    if code == "duplicate":
        return f"the same prompt and answer as {other}"
    how = "Jaccard" if code == "near_duplicate" else "cosine"
    return f"near {other} ({how} {why.similarity:.2f})"
