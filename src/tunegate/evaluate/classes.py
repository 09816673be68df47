"""The classes of a classification: which part of an answer names one, and which there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tunegate.core.errors import DataError, SettingsError
from tunegate.core.files import parse_json

NEXT_STEP = "name the classes under evaluate.classes.labels, or the field of the schema that lists them as enum"


@dataclass(frozen=True)
class Classes:
    """`field` of the JSON answer holds the class, or (None) the whole answer but for space at its ends is it."""

    field: str | None
    labels: tuple[str, ...]

    def positions(self, answers: Sequence[str], references: Sequence[str]) -> list[tuple[int, int]]:
        """The positions in `labels` of the reference's class and of the answer's; -1 for an answer that is no class.

        Raises:
            DataError: a reference is no class.
        """
        where = {label: at for at, label in enumerate(self.labels)}
        true = [where.get(self._named(reference), -1) for reference in references]
        if -1 in true:
            raise DataError(
                f"a reference names no class of {', '.join(self.labels)}: {references[true.index(-1)]!r:.80}",
                next_step=NEXT_STEP,
            )
        return [(at, where.get(self._named(answer), -1)) for at, answer in zip(true, answers, strict=True)]

    def record(self) -> dict[str, Any]:
        """What a score depends on."""
        return {"field": self.field, "labels": list(self.labels)}

    def _named(self, text: str) -> str:
        """The class that a text names; a NUL where it names none (no label holds one)."""
        if self.field is None:
            return text.strip()
        try:
            value = parse_json(text)
        except ValueError:
            return "\0"
        found = value.get(self.field) if isinstance(value, dict) else None
        return found if isinstance(found, str) else "\0"


def labels_of(schema: Any, field: str | None) -> tuple[str, ...]:
    """The classes that the schema lists for `field` (or, if None, for the whole answer) as `enum` of strings.

    Raises:
        SettingsError: it lists none.
    """
    part: Any = schema if isinstance(schema, dict) else {}
    if field is not None:
        part = (part.get("properties") or {}).get(field) or {}
    found = part.get("enum") if isinstance(part, dict) else None
    if not isinstance(found, list) or len(found) < 2 or not all(isinstance(label, str) for label in found):
        raise SettingsError(
            f"params.yaml: evaluate.classes: no labels given, and the schema has no list of strings for {field}",
            next_step=NEXT_STEP,
        )
    return tuple(found)
