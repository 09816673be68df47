"""Which of the teacher's rows may stay. `prepare` looks closer later: near-duplicates, leaks, private data."""

import unicodedata
from collections.abc import Iterable
from typing import Any

from tunegate.records.example import Example, Message
from tunegate.synth.reply import Unusable, turns_of_row
from tunegate.synth.rules import NO_RULES, Rules

Turns = tuple[Message, ...]


class Checks:
    """The rows that are there already, and what answers must keep to."""

    def __init__(self, real: Iterable[Example], made: Iterable[Example], rules: Rules = NO_RULES) -> None:
        """`real` are all clean training rows: a new row repeats none of them, whether it was shown or not.
        `made` are generated rows that are there already.
        """
        self._real = {_key(row.messages) for row in real}
        self._made: dict[tuple[str, ...], str] = {}
        self._rules = rules
        for row in made:
            self.keep(row.id, row.messages)

    def keep(self, name: str, row: Turns) -> None:
        """Count a generated row as there, so that no later one repeats it."""
        self._made.setdefault(_key(row), name)

    def read(self, content: Any, system: str) -> Turns:
        """The turns of a row that is sound in itself, the system turn of its seeds before them.

        Raises:
            Unusable: `form`, `role_order`, `empty_turn`, `encoding`, `label_unknown`, `schema_invalid`.
        """
        first = [("system", system)] if system else []
        turns = [*first, *turns_of_row(content)]
        self._rules.check(turns[-1][1])
        return tuple(Message.model_validate({"role": role, "content": text}) for role, text in turns)

    def compare(self, row: Turns) -> None:
        """Hold a row against those that are there.

        Raises:
            Unusable: `copies_real`, `duplicate`.
        """
        if _key(row) in self._real:
            raise Unusable("copies_real", "the same as a real row")
        if known := self._made.get(_key(row)):
            raise Unusable("duplicate", f"the same as {known}")


def _key(messages: Iterable[Message]) -> tuple[str, ...]:
    """What two rows must share to be the same: all turns but the system's, without case, width and spacing."""
    texts = (unicodedata.normalize("NFKC", turn.content).casefold() for turn in messages if turn.role != "system")
    return tuple(" ".join(text.split()) for text in texts)
