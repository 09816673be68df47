"""What modules return, checked: a value a document, or counts a document and the value of all."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from pydantic import JsonValue

from tunegate.core.errors import DataError
from tunegate.records.corpus import LENGTHS, Form

FORMS: tuple[Form, ...] = ("bleu", "chrf", "macro_f1", "macro_precision", "macro_recall")
PER_CLASS = 2  # positions of the true class and of the answer's
NEXT_STEP = "return per_sample, or parts with form and value (docs/metrics.md)"


class Values(NamedTuple):
    """Scores of a set of documents. `means` holds every metric's value of all documents; `record` what two measurements
    must have in common, `notes` what is to be told of this one.
    """

    scores: dict[str, list[float]]
    parts: dict[str, list[tuple[int, ...]]]
    corpus: dict[str, Form]
    means: dict[str, float]
    record: dict[str, JsonValue]
    notes: dict[str, JsonValue]

    def scores_of(self, at: int) -> dict[str, float]:
        """One document's scores."""
        return {name: values[at] for name, values in self.scores.items()}

    def parts_of(self, at: int) -> dict[str, tuple[int, ...]]:
        """One document's counts."""
        return {name: rows[at] for name, rows in self.parts.items()}


def merge(found: Iterable[Values]) -> Values:
    """The values of several modules together."""
    whole = Values({}, {}, {}, {}, {}, {})
    for one in found:
        whole = Values(
            {**whole.scores, **one.scores},
            {**whole.parts, **one.parts},
            {**whole.corpus, **one.corpus},
            {**whole.means, **one.means},
            {**whole.record, **one.record},
            {**whole.notes, **one.notes},
        )
    return whole


def single(where: str, name: str, values: Sequence[Any], count: int) -> Values:
    """The values of one metric that has one a document."""
    scores = _numbers(where, name, values, count)
    return Values({name: scores}, {}, {}, {name: sum(scores) / count}, {}, {})


def read_values(where: str, module: str, names: Sequence[str], found: Mapping[str, Any], count: int) -> Values:
    """Check what a module returned for `count` documents and take the metrics named.

    Raises:
        DataError: a metric is not there, a list is too short or too long, a value is no finite number.
    """
    record = {f"metric {module}": found["record"]} if found.get("record") else {}
    notes = {module: found["notes"]} if found.get("notes") else {}
    whole = Values({}, {}, {}, {}, record, notes)
    scores, parts = _named(found.get("per_sample"), module), _named(found.get("parts"), module)
    for name in names:
        if name in scores:
            one = single(where, name, scores[name], count)
        elif name in parts:
            forms, values = _named(found.get("form"), module), _named(found.get("value"), module)
            one = _corpus(where, name, (parts[name], forms.get(name), values.get(name)), count)
        else:
            there = ", ".join(sorted({*scores, *parts})) or "none"
            raise DataError(f"{where}: has no values called {name}; it has {there}", next_step=NEXT_STEP)
        whole = merge([whole, one])
    return whole


def _named(found: Any, module: str) -> dict[str, Any]:
    """A module of one metric may return it without its name."""
    if found is None:
        return {}
    return dict(found) if isinstance(found, dict) else {module: found}


def _corpus(where: str, name: str, found: tuple[Any, Any, Any], count: int) -> Values:
    rows, form, value = found
    if form not in FORMS:
        raise DataError(f"{where}: {name} has parts of the form {form!r}", next_step=f"one of {', '.join(FORMS)}")
    if not isinstance(value, int | float) or not math.isfinite(value):
        raise DataError(f"{where}: {name} has parts, but its value is {value!r}", next_step=NEXT_STEP)
    parts = [tuple(int(number) for number in row) for row in rows]
    width = LENGTHS.get(form, PER_CLASS)
    if len(parts) != count or any(len(row) != width for row in parts):
        raise DataError(f"{where}: {name} should have {count} rows of {width} parts", next_step=NEXT_STEP)
    return Values({}, {name: parts}, {name: form}, {name: float(value)}, {}, {})


def _numbers(where: str, name: str, values: Sequence[Any], count: int) -> list[float]:
    wrong = [value for value in values if isinstance(value, str) or value is None or not math.isfinite(value)]
    if wrong:
        raise DataError(f"{where}: {name} of a document is {wrong[0]!r}, no finite number", next_step=NEXT_STEP)
    if len(values) != count:
        raise DataError(f"{where}: {name} has {len(values)} values for {count} documents", next_step=NEXT_STEP)
    return [float(value) for value in values]
