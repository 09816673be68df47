"""How long the answer is. A value a document, 0 or more.

`length_tokens`: tokens written, the stop token included. `length_characters`. `length_ratio`: characters of the answer
for each of the reference (1 is as long; a reference without any counts as one character).
"""

import datasets
import evaluate


class Length(evaluate.Metric):
    """Lengths."""

    def _info(self) -> evaluate.MetricInfo:
        text, number = datasets.Value("string"), datasets.Value("int64")
        columns = {"predictions": text, "references": text, "new_tokens": number}
        return evaluate.MetricInfo(__doc__, "", datasets.Features(columns))

    def _compute(self, predictions: list[str], references: list[str], new_tokens: list[int]) -> dict[str, object]:
        signs = [len(answer) for answer in predictions]
        ratios = [count / max(1, len(wanted)) for count, wanted in zip(signs, references, strict=True)]
        return {"per_sample": {"length_tokens": new_tokens, "length_characters": signs, "length_ratio": ratios}}
