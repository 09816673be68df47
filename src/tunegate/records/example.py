"""A clean row of data: a chat with where it came from. Written by `prepare`, read by `train` and `evaluate`."""

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from tunegate.core.errors import DataError
from tunegate.core.files import parse_json, write_text
from tunegate.records.base import Record, explain

NEXT_STEP = "run `dvc repro prepare`; it writes this file"


class Message(Record):
    """One turn of a chat."""

    role: Literal["system", "user", "assistant"]
    content: str


class Source(Record):
    """The raw row: file relative to the dataset's folder, and its line (JSONL) or position (array), from 1."""

    file: str
    line: int


class Example(Record):
    """One clean row. `messages` ends with the assistant's answer; `family` is the cluster of the statistics."""

    id: str
    messages: tuple[Message, ...]
    family: str
    source: Source

    @property
    def prompt(self) -> tuple[Message, ...]:
        """All turns but the last: what the model is given."""
        return self.messages[:-1]

    @property
    def answer(self) -> str:
        """The last turn's text: what the model should write."""
        return self.messages[-1].content


def write_examples(path: Path, examples: Iterable[Example]) -> None:
    """Write examples as JSONL, whole or not at all."""
    write_text(path, "".join(example.to_line() for example in examples))


def read_examples(path: Path) -> tuple[Example, ...]:
    """Read examples from JSONL.

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
            examples.append(Example.model_validate(parse_json(line)))
        except ValidationError as fault:
            raise DataError(f"{path}:{number}: not an example: {explain(fault)}", next_step=NEXT_STEP) from None
        except ValueError as fault:
            raise DataError(f"{path}:{number}: not valid JSON: {fault}", next_step=NEXT_STEP) from None
    return tuple(examples)
