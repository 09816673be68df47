"""1 if the answer's class is the reference's, else 0; an answer that is no class is wrong. A value a document.

The class is a field of the JSON answer, or the whole answer (`evaluate.classes` of params.yaml).
"""

import datasets
import evaluate

from tunegate.evaluate.classes import Classes


class Accuracy(evaluate.Metric):
    """Right classes."""

    def _info(self) -> evaluate.MetricInfo:
        text = datasets.Value("string")
        return evaluate.MetricInfo(__doc__, "", datasets.Features({"predictions": text, "references": text}))

    def _compute(self, predictions: list[str], references: list[str], classes: Classes) -> dict[str, object]:
        pairs = classes.positions(predictions, references)
        return {"per_sample": [float(true == said) for true, said in pairs], "record": classes.record()}
