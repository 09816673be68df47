"""1 if the answer is a JSON object whose field equals the reference's, else 0. A value a document.

Its name in params.yaml is the field's: any name that is no other metric's.
"""

from typing import Any

import datasets
import evaluate

from tunegate.core.errors import DataError
from tunegate.core.files import parse_json


class Field(evaluate.Metric):
    """Equal fields."""

    def _info(self) -> evaluate.MetricInfo:
        text = datasets.Value("string")
        return evaluate.MetricInfo(__doc__, "", datasets.Features({"predictions": text, "references": text}))

    def _compute(self, predictions: list[str], references: list[str], names: list[str]) -> dict[str, object]:
        answers, wanted = [_object(text) for text in predictions], [_object(text) for text in references]
        scores = {}
        for name in names:
            if lacking := [text for text, row in zip(references, wanted, strict=True) if name not in (row or {})]:
                raise DataError(
                    f"metric {name}: the reference has no such field: {lacking[0]!r:.80}",
                    next_step="name a metric of docs/metrics.md or a field of the JSON answers",
                )
            pairs = zip(answers, wanted, strict=True)
            scores[name] = [float(name in a and name in w and _same(a[name], w[name])) for a, w in pairs]
        return {"per_sample": scores}


def _same(one: Any, other: Any) -> bool:
    """Whether two JSON values are equal; 1 and 1.0 are, 1 and true are not, though they are in Python."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)


def _object(text: str) -> dict[str, Any]:
    """The JSON object, or an empty one where the text is none."""
    try:
        value = parse_json(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
