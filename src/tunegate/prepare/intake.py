"""What is there to read, and reading it: all raw files of one adapter, the general rows, into the table."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from tunegate.core.data_settings import Prepare, Private
from tunegate.core.errors import DataError
from tunegate.core.files import digest_file
from tunegate.prepare.cleaner import Job, Task, clean
from tunegate.prepare.facts import REPLAY, SPLITS, TEST, TRAIN, VALIDATION
from tunegate.prepare.pool import Mapper
from tunegate.prepare.readers import DataFile, data_files, read_chunks
from tunegate.prepare.splits import Shares
from tunegate.prepare.table import File, Table
from tunegate.prepare.validate import load_schema
from tunegate.records.review import PLACE, read_decisions

SYNTHETIC = "synthetic"
QUEUE_ALL = 16 << 20  # bytes of raw data: of more only a sample is laid before reviewers


class Sources(NamedTuple):
    """Where the raw data stands. `tokenizer`: the base's folder, if its tokens are to be counted."""

    raw: Path
    general: Path
    tasks: Path
    tokenizer: Path | None = None


class Input(NamedTuple):
    """One raw file, the split of its folder, and whether a model wrote its rows."""

    file: DataFile
    split: int
    synthetic: bool
    job: Job


class Intake(NamedTuple):
    """All that is read; `shares` of the splits that have no folder; `size` in bytes."""

    inputs: list[Input]
    shares: Shares
    size: int


def look(sources: Sources, settings: Prepare) -> Intake:
    """Find all files before one is read, collecting what is wrong, so that a person mends it in one go.

    Raises:
        DataError: a folder is missing, empty or holds what is not read; the schema or the decisions cannot be used.
    """
    raw = sources.raw
    if not raw.is_dir():
        step = "run `tunegate data`, or put your data there (docs/data.md)"
        raise DataError(f"{raw}: no such folder", next_step=step)
    faults = _Faults()
    own = [split for split in (VALIDATION, TEST) if (raw / SPLITS[split]).is_dir()]
    found = {split: faults.files(raw, SPLITS[split]) for split in (TRAIN, *own)}
    synthetic = faults.files(raw, SYNTHETIC) if (raw / SYNTHETIC).is_dir() else []
    general = faults.files(sources.general, SPLITS[TRAIN])
    schema = raw / settings.answer_schema if settings.answer_schema else None
    if schema:
        faults.attempt(lambda: load_schema(schema))
    decisions = raw / PLACE
    faults.attempt(lambda: read_decisions(decisions))
    if not sources.tasks.is_dir():
        faults.add(DataError(f"{sources.tasks}: no such folder", next_step="it holds the general lm-eval tasks"))
    faults.tell()
    shares = Shares(0 if VALIDATION in own else settings.validation_share, 0 if TEST in own else settings.test_share)
    files = [file for some in (*found.values(), synthetic, general) for file in some]
    size = sum(file.path.stat().st_size for file in files)
    stamp = ",".join(digest_file(path) for path in (schema, decisions) if path and path.is_file())
    job = Job(settings, schema, sources.tokenizer, decisions, shares, queue_all=size <= QUEUE_ALL, stamp=stamp)
    plain = Prepare(duplicates=settings.duplicates, private=Private(kinds=()), max_tokens=settings.max_tokens)
    replay = Job(plain, None, sources.tokenizer, None, Shares(), queue_all=False)
    inputs = [Input(file, split, synthetic=False, job=job) for split in sorted(found) for file in found[split]]
    inputs += [Input(file, TRAIN, synthetic=True, job=job) for file in synthetic]
    inputs += [Input(file, REPLAY, synthetic=False, job=replay) for file in general]
    return Intake(inputs, shares, size)


class _Faults:
    """What is wrong with the data, to be said all at once."""

    def __init__(self) -> None:
        self._found: list[DataError] = []

    def add(self, fault: DataError) -> None:
        self._found.append(fault)

    def attempt(self, read: Callable[[], object]) -> None:
        try:
            read()
        except DataError as fault:
            self._found.append(fault)

    def files(self, root: Path, split: str) -> list[DataFile]:
        try:
            return data_files(root, split)
        except DataError as fault:
            self._found.append(fault)
            return []

    def tell(self) -> None:
        if self._found:
            steps = dict.fromkeys(fault.next_step for fault in self._found)
            raise DataError("\n".join(fault.message for fault in self._found), next_step="; ".join(steps))


def read_all(table: Table, intake: Intake, mapper: Mapper, say: Callable[[str], None]) -> None:
    """Read every file into the table.

    Raises:
        DataError: files that cannot be read as a whole, all of them named.
    """
    faults: list[DataError] = []
    read = 0
    for cleaned in mapper(clean, _tasks(table, intake, faults)):
        table.add(cleaned)
        read += cleaned.made.read
        say(f"{read:,} rows read")
    if faults:
        raise DataError("\n".join(fault.message for fault in faults), next_step=faults[0].next_step)
    table.seal()


def _tasks(table: Table, intake: Intake, faults: list[DataError]) -> Iterator[Task]:
    for number, one in enumerate(intake.inputs):
        table.files.append(File(one.file.name, SPLITS[one.split], one.file.container))
        try:
            for chunk in read_chunks(one.file):
                yield Task(one.job, chunk, number, one.split, synthetic=one.synthetic)
        except DataError as fault:
            faults.append(fault)
