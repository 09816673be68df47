"""Prepare one adapter's data: read, check, keep splits apart, write."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from tunegate.core.errors import DataError
from tunegate.core.files import dump_json, write_json, write_text
from tunegate.core.settings import Prepare
from tunegate.prepare.clean import Reject, Split, drop_leaks, read_split
from tunegate.prepare.folder import whole_folder
from tunegate.prepare.general import Documents, drop_contaminated
from tunegate.prepare.normalise import digest
from tunegate.prepare.report import reject_rate, report
from tunegate.prepare.validate import load_schema
from tunegate.records.example import Example, write_examples

T = TypeVar("T")


class Data(NamedTuple):
    """Everything that was read: the task's splits, the replay rows, and the general tasks' documents."""

    train: Split
    validation: Split
    test: Split
    replay: Split
    documents: Documents

    @property
    def splits(self) -> list[Split]:
        """The task's own splits."""
        return [self.train, self.validation, self.test]


def prepare(raw: Path, general: Path, tasks: Path, out: Path, settings: Prepare) -> dict[str, Any]:
    """Write clean splits, replay rows, rejects and the report to `out`; return the report.

    Raises:
        DataError: a folder or file is missing or unreadable (all of them named), a split is empty, or more rows
            were rejected than `max_reject_rate` allows; then `out` holds rejects.jsonl and report.json, to be read.
    """
    data = _read(raw, general, tasks, settings)
    _keep_apart(data)
    found = report(data.splits, data.replay, data.documents.count)
    rejects = _rejects(data)
    wrong = _too_many(data, settings, out) or _empty(data.splits, out)
    with whole_folder(out) as work:
        write_text(work / "rejects.jsonl", "".join(dump_json(reject) + "\n" for reject in rejects))
        write_json(work / "report.json", found)
        if not wrong:
            for split in data.splits:
                write_examples(work / f"{split.name}.jsonl", split.kept)
            write_examples(work / "replay.jsonl", data.replay.kept)
            if settings.answer_schema:
                write_text(work / "schema.json", (raw / settings.answer_schema).read_text(encoding="utf-8"))
    if wrong:
        raise wrong
    return found


def _read(raw: Path, general: Path, tasks: Path, settings: Prepare) -> Data:
    """Read all, collecting what is wrong, so that a person mends it in one go."""
    if not raw.is_dir():
        raise DataError(
            f"{raw}: no such folder", next_step="run `tunegate data`, or put your data there (docs/data.md)"
        )
    faults: list[DataError] = []

    def attempt(read: Callable[[], T]) -> T | None:
        try:
            return read()
        except DataError as fault:
            faults.append(fault)
            return None

    named = settings.answer_schema
    schema = attempt(lambda: load_schema(raw / named)) if named else None
    train = attempt(lambda: read_split(raw, "train", settings, schema))
    own = (raw / "validation").is_dir()
    validation = attempt(lambda: read_split(raw, "validation", settings, schema)) if own else Split("validation")
    test = attempt(lambda: read_split(raw, "test", settings, schema))
    replay = attempt(lambda: read_split(general, "train", Prepare(), None))
    documents = attempt(lambda: Documents(tasks))
    if not (train and validation and test and replay and documents) or faults:
        message = "\n".join(fault.message for fault in faults)
        raise DataError(message, next_step="; ".join(dict.fromkeys(fault.next_step for fault in faults)))
    if not own:
        _divide(train, validation, settings.validation_share)
    return Data(train, validation, test, replay, documents)


def _keep_apart(data: Data) -> None:
    """Test before validation before train: a row that two of them ask stays where it measures."""
    drop_leaks(data.validation, data.test)
    drop_leaks(data.train, data.test)
    drop_leaks(data.train, data.validation)
    drop_leaks(data.replay, data.test)
    drop_contaminated(data.train, data.documents)
    drop_contaminated(data.replay, data.documents)


def _divide(train: Split, validation: Split, share: float) -> None:
    """Take a share of the families for validation by their digest: rows added later move no old one."""
    validation.files = train.files
    inside: list[Example] = []
    for example in train.kept:
        taken = int(digest("validation", example.family), 16) / 2**64 < share
        (validation.kept if taken else inside).append(example)
    train.kept = inside


def _rejects(data: Data) -> list[Reject]:
    """All rejects by file and line, the same order each time."""
    found = [reject for split in data.splits for reject in split.rejects]
    found += [{**reject, "file": f"general/{reject['file']}"} for reject in data.replay.rejects]
    return sorted(found, key=lambda reject: (reject["file"], reject["line"]))


def _too_many(data: Data, settings: Prepare, out: Path) -> DataError | None:
    rate, allowed = reject_rate(data.splits), settings.max_reject_rate
    if rate <= allowed:
        return None
    rejects = [reject for split in data.splits for reject in split.rejects]
    codes = ", ".join(f"{count} {code}" for code, count in Counter(r["code"] for r in rejects).most_common())
    first = "".join(f"\n  {r['file']}:{r['line']}: {r['code']}: {r['reason']}" for r in rejects[:3])
    return DataError(
        f"{rate:.1%} of the rows were rejected ({codes}); prepare.max_reject_rate allows {allowed:.1%}; first:{first}",
        next_step=f"read {out / 'rejects.jsonl'}: each row with file, line, code and reason; the next run replaces it",
    )


def _empty(splits: list[Split], out: Path) -> DataError | None:
    empty = [split.name for split in splits if not split.kept]
    if not empty:
        return None
    return DataError(
        f"no clean rows in {', '.join(empty)}", next_step=f"read {out / 'rejects.jsonl'}, or add rows there"
    )
