"""1 if the model ended its answer by itself (a stop token), 0 if it was cut off. A value a document."""

import datasets
import evaluate


class StopReason(evaluate.Metric):
    """Answers that end."""

    def _info(self) -> evaluate.MetricInfo:
        return evaluate.MetricInfo(__doc__, "", datasets.Features({"finish_reasons": datasets.Value("string")}))

    def _compute(self, finish_reasons: list[str]) -> dict[str, object]:
        return {"per_sample": [float(reason == "stop") for reason in finish_reasons]}
