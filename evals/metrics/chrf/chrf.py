"""chrF (Popovic 2015), by sacrebleu, from 0 to 100: n-grams of characters. A value of all documents only.

Each document's parts are the counts of records.corpus, so that the gate can draw documents again (paired bootstrap).
"""

import datasets
import evaluate
from sacrebleu.metrics import CHRF


class Chrf(evaluate.Metric):
    """N-grams of characters in common."""

    def _info(self) -> evaluate.MetricInfo:
        text = datasets.Value("string")
        return evaluate.MetricInfo(__doc__, "", datasets.Features({"predictions": text, "references": text}))

    def _compute(self, predictions: list[str], references: list[str]) -> dict[str, object]:
        metric = CHRF()
        parts = metric._extract_corpus_statistics(predictions, [references])
        score = metric.corpus_score(predictions, [references]).score
        return {"parts": parts, "form": "chrf", "value": score, "record": {"signature": str(metric.get_signature())}}
