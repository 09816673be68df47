"""1 if the answer is JSON (strictly: no NaN, no key twice), else 0. A value a document; the mean is the parse rate."""

import datasets
import evaluate

from tunegate.core.files import parse_json


class JsonValid(evaluate.Metric):
    """Answers that parse."""

    def _info(self) -> evaluate.MetricInfo:
        return evaluate.MetricInfo(__doc__, "", datasets.Features({"predictions": datasets.Value("string")}))

    def _compute(self, predictions: list[str]) -> dict[str, object]:
        return {"per_sample": [float(_parses(answer)) for answer in predictions]}


def _parses(answer: str) -> bool:
    try:
        parse_json(answer)
    except ValueError:
        return False
    return True
