"""Precision, recall or F1, averaged over classes, from 0 to 1. A value of all documents only: no mean of single ones.

`macro_precision`, `macro_recall`, `macro_f1`, as scikit-learn has them: over the classes that stand among references or
answers, a ratio of nothing to nothing being 0. An answer that is no class is wrong: it lowers the recall of the true
class. Each document's parts are the positions of both classes, so that the gate can draw documents again.
"""

import datasets
import evaluate
from sklearn.metrics import precision_recall_fscore_support

from tunegate.evaluate.classes import Classes

FORMS = ("macro_precision", "macro_recall", "macro_f1")


class Macro(evaluate.Metric):
    """Averages over classes."""

    def _info(self) -> evaluate.MetricInfo:
        text = datasets.Value("string")
        return evaluate.MetricInfo(__doc__, "", datasets.Features({"predictions": text, "references": text}))

    def _compute(self, predictions: list[str], references: list[str], classes: Classes) -> dict[str, object]:
        pairs = classes.positions(predictions, references)
        true, said = zip(*pairs, strict=True)
        present = sorted({*true, *said} - {-1})
        values = precision_recall_fscore_support(true, said, labels=present, average="macro", zero_division=0)
        return {
            "parts": dict.fromkeys(FORMS, pairs),
            "form": {form: form for form in FORMS},
            "value": dict(zip(FORMS, map(float, values[:3]), strict=True)),
            "record": classes.record(),
        }
