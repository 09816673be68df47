"""1 if the answer is JSON that the schema accepts, else 0 (`json_valid` only parses). A value a document.

The schema is `answer_schema` of params.yaml, of the draft that it names, else 2020-12; nothing is fetched for a `$ref`.
"""

import datasets
import evaluate

from tunegate.records.answer_schema import AnswerSchema


class SchemaValid(evaluate.Metric):
    """Answers that fit."""

    def _info(self) -> evaluate.MetricInfo:
        return evaluate.MetricInfo(__doc__, "", datasets.Features({"predictions": datasets.Value("string")}))

    def _compute(self, predictions: list[str], schema: AnswerSchema) -> dict[str, object]:
        return {"per_sample": [float(not schema.breaches(answer, 1)) for answer in predictions]}
