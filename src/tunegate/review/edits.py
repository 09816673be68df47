"""A row's fields, what a reviewer's edit makes of them, and whether the result may be stored."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Self

from tunegate.core.data_settings import Prepare
from tunegate.records.answer_schema import AnswerSchema
from tunegate.records.example import Kind
from tunegate.web.json_style import stored

PARTS: dict[Kind, tuple[str, ...]] = {
    "chat": ("messages",),
    "preference": ("prompt", "chosen", "rejected"),
    "feedback": ("prompt", "completion"),
}
NAMED = "prepare.answer_schema names it in params.yaml"


class Field(NamedTuple):
    """One text of a row that can be edited: `name` is its part and place, as `messages.1`."""

    name: str
    turn: dict[str, Any]
    answer: bool  # what the model learns to write


class Fault(NamedTuple):
    """Why an edit is not stored: the field (empty: the row), and words for the reviewer."""

    field: str
    message: str


def fields(kind: Kind, row: Mapping[str, Any]) -> Iterator[Field]:
    """The texts of a row in the order in which they are read."""
    for part in PARTS[kind]:
        turns = row[part]
        for n, turn in enumerate(turns):
            yield Field(f"{part}.{n}", turn, part != "prompt" and n == len(turns) - 1)


def edited(kind: Kind, row: Mapping[str, Any], typed: Mapping[str, str], label: bool | None) -> dict[str, Any]:  # noqa: FBT001 - it is data
    """The row with what was typed in its place; nothing but texts and the label of feedback can change."""
    after: dict[str, Any] = {part: [] for part in PARTS[kind]}
    for name, turn, _ in fields(kind, row):
        text = typed.get(name)
        after[name.partition(".")[0]].append(
            turn if text is None else {**turn, "content": stored(turn["content"], text)}
        )
    if kind == "feedback":
        after["label"] = row["label"] if label is None else label
    return after


class Rules(NamedTuple):
    """What an answer must be, from the adapter's settings."""

    schema: AnswerSchema | None = None
    labels: tuple[str, ...] | None = None

    @classmethod
    def load(cls, settings: Prepare, folder: Path) -> Self:
        """The rules of `prepare`; the schema is in the adapter's folder.

        Raises:
            DataError: the schema is missing or not one.
        """
        named = settings.answer_schema
        schema = AnswerSchema(folder / named, next_step=NAMED) if named else None
        return cls(schema, settings.labels)

    def faults(self, kind: Kind, row: Mapping[str, Any]) -> list[Fault]:
        """Everything that is wrong with an edited row, field by field; empty: it may be stored."""
        found = []
        for field in fields(kind, row):
            why = _unfit(field.turn) or (self._answer(field.turn["content"]) if field.answer else [])
            found += [Fault(field.name, each) for each in why]
        if kind == "preference" and row["chosen"] == row["rejected"]:
            found.append(Fault("", "The better and the worse answer are the same."))
        return found

    def _answer(self, text: str) -> list[str]:
        if self.labels is not None and text not in self.labels:
            return [f"Must be one of: {', '.join(self.labels)}"]
        breaches = self.schema.breaches(text) if self.schema else []
        return [f"{path}: {why}" if path else why[:1].upper() + why[1:] for path, why in breaches]


def _unfit(turn: Mapping[str, Any]) -> list[str]:
    text = turn["content"]
    if not text.strip() and not turn.get("tool_calls"):
        return ["Must not be empty."]
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return ["Holds half of a surrogate pair, which no file can store."]
    return []
