"""`tunegate review import KEY FILE`: what was decided in Label Studio, from its JSON export. All of it, or nothing."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from tunegate.core.data_settings import Prepare
from tunegate.core.files import parse_json
from tunegate.records.base import explain
from tunegate.records.label_studio import Annotation, Loose, Task, in_utc, read_tasks, refuse
from tunegate.records.review import NEXT_STEP, PLACE, Decision
from tunegate.records.review_queue import QueuedRow
from tunegate.review.edits import Rules, edited
from tunegate.review.label_studio import LIKED, VERDICTS, answer_fields, stamp
from tunegate.review.queue import Queue, open_queue
from tunegate.web.journal import Journal

EXPORT = "give the JSON export of a Label Studio project made with `tunegate review export`"


class _Names(Loose):
    id: str
    content: str


def import_decisions(root: Path, key: str, settings: Prepare, source: Path, reviewer: str | None = None) -> str:
    """Record the decisions of a Label Studio export; return what was done in words.

    Args:
        root: the repository.
        key: the adapter.
        settings: its `prepare` section: edits must fit its rules.
        source: the export.
        reviewer: who decided, where Label Studio names only a number.

    Raises:
        DataError: not such a file, or faults in tasks (unknown row, no verdict, an edit against the rules): all named.
        BusyError: the page is being served.
    """
    folder = root / "datasets" / key
    rules, queue = Rules.load(settings, folder), open_queue(root, key, "all")
    faults: list[str] = []
    found: list[Decision] = []
    for place, task in read_tasks(source, Task[_Names], faults, export=EXPORT):
        found += _decided(place, task, queue, Reader(rules, reviewer), faults)
    queue.close()
    refuse(source, faults)
    with Journal(folder / PLACE, Decision, next_step=NEXT_STEP) as journal:
        known = {decision.to_line() for decision in journal.entries}
        by_line = {decision.to_line(): decision for decision in sorted(found, key=lambda each: each.at)}
        new = [decision for line, decision in by_line.items() if line not in known]
        journal.append(*new)
    return f"{len(new)} decisions added to {folder / PLACE}; {len(found) - len(new)} were there already"


def _decided(place: str, task: Task[_Names], queue: Queue, reader: "Reader", faults: list[str]) -> list[Decision]:
    number = queue.places.get((task.data.id, task.data.content))
    if number is None:
        faults.append(f"{place}: no row {task.data.id!r} with content {task.data.content!r} in the review queue")
        return []
    row, found = queue.read(number), []
    for count, annotation in enumerate(task.annotations, 1):
        if annotation.was_cancelled:
            continue
        try:
            found.append(reader.decision(row, annotation))
        except ValidationError as fault:
            faults.append(f"{place} ({task.data.id}), annotation {count}: {explain(fault)}")
        except ValueError as fault:
            faults.append(f"{place} ({task.data.id}), annotation {count}: {fault}")
    return found


class Reader:
    """Makes a decision of an annotation."""

    def __init__(self, rules: Rules, reviewer: str | None) -> None:
        """`reviewer`: who decided, where Label Studio names only a number."""
        self._rules, self._reviewer = rules, reviewer
        self._now = datetime.now(UTC)

    def decision(self, row: QueuedRow, annotation: Annotation) -> Decision:
        """The decision that an annotation states.

        Raises:
            ValueError: it states none, or an edit that breaks the rules.
        """
        words = annotation.words()
        verdict = words.get("verdict", "")
        if verdict not in VERDICTS:
            raise ValueError(f"verdict is {verdict or 'missing'}; expected one of {', '.join(VERDICTS)}")
        after = self._edit(row, words)
        if verdict == "approved" and after != row.row:
            raise ValueError("approved, but the answer was changed: choose edited")
        if verdict == "edited" and after == row.row:
            raise ValueError("edited, but nothing was changed: choose approved")
        if verdict == "edited" and (faults := self._rules.faults(row.kind, after)):
            raise ValueError("; ".join(f"{fault.field}: {fault.message}".removeprefix(": ") for fault in faults))
        plain = Decision(
            id=row.id,
            content=row.content,
            verdict=verdict,
            reviewer=self._reviewer or annotation.who(),
            at=in_utc(annotation.created_at or self._now),
            reason=words.get("reason", "").strip(),
            row=after if verdict == "edited" else None,
        )
        return _as_first_decided(plain, annotation)

    def _edit(self, row: QueuedRow, words: dict[str, str]) -> dict[str, Any]:
        """The row as the annotation leaves it."""
        base: dict[str, Any] = dict(row.row)
        if whole := words.get("row", "").strip():
            base = _same_shape(row, parse_json(whole))
        typed = {place: words[name] for name, place in answer_fields(row).items() if words.get(name)}
        label = words.get("label")
        liked = {value: key for key, value in LIKED.items()}.get(label) if label else None
        return edited(row.kind, base, {} if whole else typed, liked)


def _same_shape(row: QueuedRow, whole: Any) -> dict[str, Any]:
    """A whole row that was typed as JSON: other texts, the same turns.

    Raises:
        ValueError: it has another shape.
    """
    if _bare(whole) != _bare(row.row):
        raise ValueError("row: only texts may change, not turns, roles or keys")
    found: dict[str, Any] = whole
    return found


def _bare(value: Any, key: str = "") -> Any:
    """A row without its texts and its label."""
    if isinstance(value, dict):
        return {name: _bare(part, name) for name, part in value.items()}
    if isinstance(value, list):
        return [_bare(part) for part in value]
    return type(value).__name__ if key in {"content", "label"} else value


def _as_first_decided(plain: Decision, annotation: Annotation) -> Decision:
    """With the reviewer and the time of our own export, where nobody changed the annotation since."""
    for result in annotation.result:
        ours = result.meta.get("tunegate")
        if isinstance(ours, dict) and ours.get("stamp") == stamp(plain):
            said = Decision.model_validate(
                {**plain.model_dump(), "reviewer": ours.get("reviewer"), "at": ours.get("at")}
            )
            return said.model_copy(update={"at": in_utc(said.at)})
    return plain
