"""A clean row of data: where it came from and what it says. Written by `prepare`, read by `train` and `evaluate`.

Three kinds: an `Example` (a chat that ends with the answer to learn), a `Preference` (one prompt, a better and a worse
answer; for DPO and reward models), a `Feedback` (one prompt, one answer, good or bad; for KTO). Names are those of TRL.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from pydantic import JsonValue, ValidationError

from tunegate.core.errors import DataError
from tunegate.core.files import dump_json, parse_json, write_text
from tunegate.records.base import Record, explain

NEXT_STEP = "run `dvc repro prepare`; it writes this file"
NO_CHAT = "a preference pair or feedback; training and evaluation take chats so far"
Kind = Literal["chat", "preference", "feedback"]


class Message(Record):
    """One turn of a chat. `tool_calls` (OpenAI's form, arguments as an object) only in a turn of the assistant;
    `name` and `tool_call_id` only in a turn of a tool.
    """

    role: Literal["system", "user", "assistant", "tool"]
    content: str
    tool_calls: tuple[dict[str, JsonValue], ...] | None = None
    name: str | None = None
    tool_call_id: str | None = None

    def plain(self) -> dict[str, Any]:
        """The turn as a chat template takes it: without keys that say nothing."""
        return self.model_dump(mode="json", exclude_none=True)


class Source(Record):
    """The raw row: file relative to the dataset's folder; line (JSONL, table) or position (array, Parquet) from 1."""

    file: str
    line: int


class Origin(Record):
    """Where a synthetic row came from: which model wrote it, asked how, under which licence, and who approved it."""

    teacher: str
    revision: str | None = None
    prompt_hash: str
    sampling: dict[str, JsonValue]
    licence: str
    seeds: tuple[str, ...] = ()
    approved_by: str | None = None


class Row(Record):
    """What all clean rows share. `family`: the cluster of the statistics; `tools`: JSON Schemas of functions."""

    id: str
    family: str
    source: Source
    tools: tuple[dict[str, JsonValue], ...] | None = None
    origin: Origin | None = None

    def to_line(self) -> str:
        """The row as one JSON line, newline included, without keys that say nothing."""
        return dump_json(self.model_dump(mode="json", exclude_none=True)) + "\n"


class Example(Row):
    """A chat. `messages` ends with the assistant's answer."""

    messages: tuple[Message, ...]

    @property
    def prompt(self) -> tuple[Message, ...]:
        """All turns but the last: what the model is given."""
        return self.messages[:-1]

    @property
    def answer(self) -> str:
        """The last turn's text: what the model should write."""
        return self.messages[-1].content


class Preference(Row):
    """One prompt and two ways to go on, the first of them better."""

    prompt: tuple[Message, ...]
    chosen: tuple[Message, ...]
    rejected: tuple[Message, ...]


class Feedback(Row):
    """One prompt, one way to go on, and whether a person liked it."""

    prompt: tuple[Message, ...]
    completion: tuple[Message, ...]
    label: bool


KINDS: dict[Kind, type[Row]] = {"chat": Example, "preference": Preference, "feedback": Feedback}


def write_examples(path: Path, examples: Iterable[Row]) -> None:
    """Write rows as JSONL, whole or not at all."""
    write_text(path, "".join(example.to_line() for example in examples))


def read_examples(path: Path) -> tuple[Example, ...]:
    """Read chats from JSONL.

    Raises:
        DataError: the file is missing, or a line is not an example (the first such line is named).
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise DataError(f"{path}: no such file", next_step=NEXT_STEP) from None
    examples = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = parse_json(line)
            if isinstance(row, dict) and ("chosen" in row or "completion" in row):
                raise DataError(f"{path}:{number}: {NO_CHAT}", next_step="give this adapter chats (docs/data.md)")
            examples.append(Example.model_validate(row))
        except ValidationError as fault:
            raise DataError(f"{path}:{number}: not an example: {explain(fault)}", next_step=NEXT_STEP) from None
        except ValueError as fault:
            raise DataError(f"{path}:{number}: not valid JSON: {fault}", next_step=NEXT_STEP) from None
    return tuple(examples)
