"""The share of the regular expressions of `evaluate.style` that the answer matches somewhere. A value a document."""

import re

import datasets
import evaluate


class Style(evaluate.Metric):
    """Rules kept."""

    def _info(self) -> evaluate.MetricInfo:
        return evaluate.MetricInfo(__doc__, "", datasets.Features({"predictions": datasets.Value("string")}))

    def _compute(self, predictions: list[str], patterns: list[str]) -> dict[str, object]:
        rules = [re.compile(pattern) for pattern in patterns]
        kept = [sum(rule.search(answer) is not None for rule in rules) for answer in predictions]
        return {"per_sample": [count / len(rules) for count in kept], "record": {"patterns": list(patterns)}}
