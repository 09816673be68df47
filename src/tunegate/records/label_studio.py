"""What Label Studio exports (JSON), as far as we read it: tasks with annotations, each a list of results."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from tunegate.core.errors import DataError
from tunegate.core.files import read_json
from tunegate.records.base import explain

SHOWN = 20
MEND = "mend these tasks in Label Studio or in the file; nothing was imported"


class Loose(BaseModel):
    """A part of somebody else's format: what we do not know is left alone."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Result(Loose):
    """What one control of the labelling set-up was given."""

    from_name: str = ""
    value: dict[str, JsonValue] = {}
    meta: dict[str, JsonValue] = {}

    def word(self) -> str:
        """The choice, the text or the selected side; the last, where a field was filled twice."""
        found = self.value.get("choices") or self.value.get("text") or self.value.get("selected") or ""
        return str(found[-1]) if isinstance(found, list) else str(found)


class Annotation(Loose):
    """All results that one person gave a task."""

    result: tuple[Result, ...] = ()
    was_cancelled: bool = False
    created_at: datetime | None = None
    completed_by: int | dict[str, JsonValue] | None = None

    def words(self) -> dict[str, str]:
        """What each control was given, by its name."""
        return {result.from_name: result.word() for result in self.result}

    def who(self) -> str:
        """Whose annotation it is, as far as Label Studio says."""
        who = self.completed_by
        if isinstance(who, dict):
            name = " ".join(str(who[part]) for part in ("first_name", "last_name") if who.get(part))
            return name or str(who.get("email") or who.get("id") or "Label Studio")
        return "Label Studio" if who is None else f"Label Studio user {who}"


Data = TypeVar("Data", bound=Loose)


class Task(Loose, Generic[Data]):
    """A task: our own `data`, and what people said."""

    data: Data
    annotations: tuple[Annotation, ...] = ()


def read_tasks(
    source: Path, kind: type[Task[Data]], faults: list[str], *, export: str
) -> Iterator[tuple[str, Task[Data]]]:
    """The tasks of an export, each with its place in words; one that is none becomes a fault.

    Raises:
        DataError: not a list of tasks; `export` says what to give instead.
    """
    content = read_json(source, DataError, next_step=export)
    if not isinstance(content, list):
        raise DataError(f"{source}: not a list of tasks", next_step=export)
    for number, each in enumerate(content, 1):
        try:
            yield f"task {number}", kind.model_validate(each)
        except ValidationError as fault:
            faults.append(f"task {number}: {explain(fault)}")


def refuse(source: Path, faults: list[str]) -> None:
    """Do nothing if there are no faults.

    Raises:
        DataError: names the first of them.
    """
    if faults:
        more = f"\n  and {len(faults) - SHOWN} more" if len(faults) > SHOWN else ""
        listed = "".join(f"\n  {fault}" for fault in faults[:SHOWN])
        raise DataError(f"{source}: {len(faults)} fault(s):{listed}{more}", next_step=MEND)


def in_utc(at: datetime) -> datetime:
    """A time with its zone; Label Studio means UTC where it names none."""
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
