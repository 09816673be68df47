"""What an answer must keep to: the adapter's JSON Schema, or its list of labels."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tunegate.synth.reply import Unusable

if TYPE_CHECKING:
    from tunegate.records.answer_schema import AnswerSchema

NEXT_STEP = "correct it, or prepare.answer_schema in params.yaml, which names it"


@dataclass(frozen=True)
class Rules:
    """The rules; `text` is the JSON Schema as the teacher is shown it."""

    text: str | None = None
    schema: "AnswerSchema | None" = None
    labels: tuple[str, ...] | None = None

    def check(self, answer: str) -> None:
        """Hold one answer against the rules.

        Raises:
            Unusable: `label_unknown` or `schema_invalid`.
        """
        if self.labels is not None and answer.strip() not in self.labels:
            raise Unusable("label_unknown", f"{answer.strip()[:80]!r} is none of the labels")
        if self.schema is not None and (found := self.schema.breaches(answer, limit=1)):
            place = f"{found[0].path}: " if found[0].path else ""
            raise Unusable("schema_invalid", f"the last turn: {place}{found[0].why}")


NO_RULES = Rules()


def load_rules(schema: Path | None, labels: tuple[str, ...] | None) -> Rules:
    """The rules of one adapter.

    Raises:
        DataError: the schema is missing, not JSON, no JSON Schema, or names another file.
    """
    if schema is None:
        return Rules(labels=labels)
    from tunegate.records.answer_schema import AnswerSchema

    read = AnswerSchema(schema, next_step=NEXT_STEP)
    return Rules(text=schema.read_text(encoding="utf-8"), schema=read, labels=labels)
