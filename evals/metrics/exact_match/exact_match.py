"""1 if the answer equals the reference but for space at their ends, else 0. A value a document."""

import datasets
import evaluate


class ExactMatch(evaluate.Metric):
    """Equal texts."""

    def _info(self) -> evaluate.MetricInfo:
        text = datasets.Value("string")
        return evaluate.MetricInfo(__doc__, "", datasets.Features({"predictions": text, "references": text}))

    def _compute(self, predictions: list[str], references: list[str]) -> dict[str, object]:
        pairs = zip(predictions, references, strict=True)
        return {"per_sample": [float(answer.strip() == wanted.strip()) for answer, wanted in pairs]}
