"""A model's opinion: is the answer better than the reference? 1 better, 0 worse, 0.5 a tie. A value a document.

Each pair is judged in both orders and the two verdicts are averaged, since judges prefer a place; how often the first
place won is told (`first_wins`, 0.5 is fair). Replies are kept in .cache/llm-judge by content: a question is
asked once. It costs a call for each order; off unless params.yaml names it (`evaluate.judge`).
"""

from pathlib import Path

import datasets
import evaluate

from tunegate.core.evaluate_settings import Judge
from tunegate.evaluate.judging import CACHE, Pair, judge_pairs


class LlmJudge(evaluate.Metric):
    """Opinions."""

    paid = True

    def _info(self) -> evaluate.MetricInfo:
        text = datasets.Value("string")
        columns = {"predictions": text, "references": text, "prompts": text}
        return evaluate.MetricInfo(__doc__, "", datasets.Features(columns))

    def _compute(
        self, predictions: list[str], references: list[str], prompts: list[str], judge: Judge
    ) -> dict[str, object]:
        pairs = [Pair(*row) for row in zip(prompts, predictions, references, strict=True)]
        found = judge_pairs(judge, pairs, Path(CACHE))
        record = {"model": judge.model, "rubric": judge.rubric, "max_tokens": judge.max_tokens}
        return {"per_sample": found.scores, "record": record, "notes": found.notes}
