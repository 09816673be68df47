"""The file of rows for `tunegate review`: all that need an approval, and a sample of the others."""

from pathlib import Path

from tunegate.core.files import atomic, parse_json
from tunegate.prepare.queue_entry import GONE
from tunegate.prepare.table import CODE_NAMES, KEPT, Table
from tunegate.prepare.write import reason_of
from tunegate.records.review_queue import QueuedRow


def write_queue(path: Path, table: Table) -> int:
    """Write the queue, synthetic rows first, each with what the stage found about it; return how many rows it has."""
    count = 0
    with atomic(path) as stream:
        for synthetic in (True, False):
            for number, line in zip(table.queue_rows, table.queue.lines(), strict=True):
                if (b'"synthetic":true' in line) is synthetic:
                    stream.write(_flagged(table, number, line))
                    count += 1
    return count


def _flagged(table: Table, number: int, line: bytes) -> bytes:
    if number == GONE or table.codes[number] == KEPT:
        return line
    row = QueuedRow.model_validate(parse_json(line.decode("utf-8")))
    flag = f"{CODE_NAMES[table.codes[number]]}: {reason_of(table, number)}"
    return row.model_copy(update={"flags": (*row.flags, flag)}).to_line().encode("utf-8")
