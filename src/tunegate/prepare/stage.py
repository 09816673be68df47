"""Prepare one adapter's data: read, check, keep splits apart, write."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema

from tunegate.core.errors import DataError
from tunegate.core.files import dump_json, read_json, write_json, write_text
from tunegate.core.settings import Prepare
from tunegate.prepare.clean import Split, drop_leaks, read_split
from tunegate.prepare.general import Documents
from tunegate.prepare.normalise import digest
from tunegate.prepare.replay import drop_contaminated, read_replay
from tunegate.prepare.report import reject_rate, report
from tunegate.records.example import write_examples

if TYPE_CHECKING:
    from tunegate.records.example import Example


def prepare(raw: Path, general: Path, tasks: Path, out: Path, settings: Prepare) -> dict[str, Any]:
    """Write clean splits, replay rows, rejects and the report to `out`; return the report.

    Raises:
        DataError: a folder or file is missing or unreadable (all of them named), a split is empty, or more rows
            were rejected than `max_reject_rate` allows (rejects.jsonl and report.json are written first).
    """
    schema = _schema(raw, settings)
    train, validation, test = _read(raw, settings, schema)
    drop_leaks(validation, test)
    drop_leaks(train, test)
    drop_leaks(train, validation)
    documents = Documents(tasks)
    drop_contaminated(train, documents)
    replay = read_replay(general, documents, test)
    splits = [train, validation, test]
    found = report(splits, replay)
    rejects = [reject for split in splits for reject in split.rejects]
    rejects += [{**reject, "file": f"general/{reject['file']}"} for reject in (replay.rejects if replay else [])]
    write_text(out / "rejects.jsonl", "".join(dump_json(reject) + "\n" for reject in rejects))
    write_json(out / "report.json", found)
    _hold(splits, settings, out)
    for split in splits:
        write_examples(out / f"{split.name}.jsonl", split.kept)
    write_examples(out / "replay.jsonl", replay.kept if replay else [])
    if settings.answer_schema:
        write_text(out / "schema.json", (raw / settings.answer_schema).read_text(encoding="utf-8"))
    return found


def _schema(raw: Path, settings: Prepare) -> "jsonschema.protocols.Validator | None":
    if settings.answer_schema is None:
        return None
    path = raw / settings.answer_schema
    content = read_json(path, DataError, next_step="prepare.answer_schema names it in params.yaml")
    try:
        jsonschema.Draft202012Validator.check_schema(content)
    except jsonschema.SchemaError as fault:
        raise DataError(f"{path}: not a JSON Schema: {fault.message}", next_step="mend the schema") from None
    return jsonschema.Draft202012Validator(content)


def _read(raw: Path, settings: Prepare, schema: "jsonschema.protocols.Validator | None") -> tuple[Split, Split, Split]:
    if not raw.is_dir():
        raise DataError(
            f"{raw}: no such folder", next_step="run `tunegate data`, or put your data there (docs/data.md)"
        )
    own_validation = (raw / "validation").is_dir()
    found: dict[str, Split] = {}
    faults = []
    for name in ("train", "validation", "test") if own_validation else ("train", "test"):
        try:
            found[name] = read_split(raw, name, settings, schema)
        except DataError as fault:
            faults.append(fault)
    if faults:
        raise DataError("\n".join(fault.message for fault in faults), next_step=faults[0].next_step)
    if not own_validation:
        found["train"], found["validation"] = _divide(found["train"], settings.validation_share)
    return found["train"], found["validation"], found["test"]


def _divide(train: Split, share: float) -> tuple[Split, Split]:
    """Take a share of the families for validation by their digest: rows added later move no old one."""
    validation = Split("validation")
    inside: list[Example] = []
    for example in train.kept:
        taken = int(digest("validation", example.family), 16) / 2**64 < share
        (validation.kept if taken else inside).append(example)
    train.kept = inside
    return train, validation


def _hold(splits: list[Split], settings: Prepare, out: Path) -> None:
    rate = reject_rate(splits)
    if rate > settings.max_reject_rate:
        raise DataError(
            f"{rate:.1%} of the rows were rejected; prepare.max_reject_rate allows {settings.max_reject_rate:.1%}",
            next_step=f"read {out / 'rejects.jsonl'}: each row with file, line, code and reason",
        )
    empty = [split.name for split in splits if not split.kept]
    if empty:
        raise DataError(
            f"no clean rows in {', '.join(empty)}", next_step=f"read {out / 'rejects.jsonl'}, or add rows there"
        )
