"""What a broken input is: a file of the training split, and what must come of it."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

PAIR = {"messages": [{"role": "user", "content": "a question"}, {"role": "assistant", "content": "an answer"}]}
GOOD = json.dumps(PAIR).encode()


@dataclass(frozen=True)
class Broken:
    """`codes` says what each row of the file gives, in order: a reject code, or nothing for a row that is sound.

    `error` is what the message of the file's error says, which comes after those rows; nothing: the file is readable.
    `settings` is the section `prepare` of params.yaml.
    """

    name: str
    file: str
    content: bytes | Callable[[], bytes]
    codes: tuple[str, ...] = ()
    error: str = ""
    settings: dict[str, Any] = field(default_factory=dict)

    def bytes(self) -> "bytes":
        """The file's content."""
        return self.content() if callable(self.content) else self.content


def line(name: str, row: Any, code: str, **settings: Any) -> Broken:
    """One row of JSONL, as an object or as it is written, between two sound ones."""
    raw = row if isinstance(row, bytes) else json.dumps(row).encode()
    return Broken(name, "a.jsonl", b"\n".join([GOOD, raw, GOOD, b""]), ("", code, ""), settings=settings)


def chat(*turns: Any, **more: Any) -> dict[str, Any]:
    """A chat row; a turn is a role and a text, or as it is written."""
    said = [{"role": turn[0], "content": turn[1]} if isinstance(turn, tuple) else turn for turn in turns]
    return {"messages": said, **more}
