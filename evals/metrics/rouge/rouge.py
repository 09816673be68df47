"""ROUGE (Lin 2004): F-measure over single words, pairs of words, or the longest common subsequence. A value a document.

`rouge_1`, `rouge_2`, `rouge_l`, from 0 to 1; the package rouge-score without stemming. Its tokenizer keeps only a to z
and digits: for other scripts take chrF.
"""

from importlib.metadata import version

import datasets
import evaluate
from rouge_score.rouge_scorer import RougeScorer

NAMES = {"rouge_1": "rouge1", "rouge_2": "rouge2", "rouge_l": "rougeL"}


class Rouge(evaluate.Metric):
    """Words in common."""

    def _info(self) -> evaluate.MetricInfo:
        text = datasets.Value("string")
        return evaluate.MetricInfo(__doc__, "", datasets.Features({"predictions": text, "references": text}))

    def _compute(self, predictions: list[str], references: list[str], names: list[str]) -> dict[str, object]:
        wanted = [name for name in names if name in NAMES]
        scorer = RougeScorer([NAMES[name] for name in wanted])
        found = [scorer.score(reference, answer) for answer, reference in zip(predictions, references, strict=True)]
        scores = {name: [float(one[NAMES[name]].fmeasure) for one in found] for name in wanted}
        return {"per_sample": scores, "record": {"rouge_score": version("rouge-score"), "stemming": False}}
