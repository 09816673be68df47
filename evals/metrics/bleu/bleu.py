"""BLEU (Papineni et al. 2002), by sacrebleu, from 0 to 100. A value of all documents only: no mean of single ones.

Each document's parts are the counts of records.corpus, so that the gate can draw documents again (paired bootstrap).
"""

import datasets
import evaluate
from sacrebleu.metrics import BLEU


class Bleu(evaluate.Metric):
    """N-grams of words in common."""

    def _info(self) -> evaluate.MetricInfo:
        text = datasets.Value("string")
        return evaluate.MetricInfo(__doc__, "", datasets.Features({"predictions": text, "references": text}))

    def _compute(self, predictions: list[str], references: list[str]) -> dict[str, object]:
        metric = BLEU(force=True)  # else a warning where answers end in a free-standing full stop
        parts = metric._extract_corpus_statistics(predictions, [references])
        score = metric.corpus_score(predictions, [references]).score
        return {"parts": parts, "form": "bleu", "value": score, "record": {"signature": str(metric.get_signature())}}
