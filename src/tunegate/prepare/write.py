"""Write what was decided: the clean splits, and every rejected row with its reason, each in the order it was read."""

import heapq
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from tunegate.core.files import dump_json
from tunegate.prepare.facts import SPLITS
from tunegate.prepare.reject_line import file_name, reject_line
from tunegate.prepare.table import CODE_NAMES, KEPT, Table


def write_splits(folder: Path, table: Table) -> None:
    """Write the kept rows of each split to `SPLIT.jsonl`."""
    with ExitStack() as stack:
        streams: list[BinaryIO] = [stack.enter_context((folder / f"{name}.jsonl").open("wb")) for name in SPLITS]
        splits = table.facts["split"]
        for number, line in enumerate(table.spool.lines()):
            if table.codes[number] == KEPT:
                streams[splits[number]].write(line)


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
        row = table.row(number)
        code, source = CODE_NAMES[table.codes[number]], row.pop("source")
        name = file_name(source["file"], int(table.facts["split"][number]))
        line = reject_line(name, source["line"], code, reason_of(table, number), dump_json(row))
        yield (int(table.facts["file"][number]), source["line"]), line


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
