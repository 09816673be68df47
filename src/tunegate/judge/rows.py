"""Rows of the verdict: a finding in, a GateResult out; numbers rounded, so that two machines write the same bytes."""

from collections.abc import Sequence

from tunegate.core.settings import Gate
from tunegate.judge.finding import Finding
from tunegate.records.verdict import GateResult, Outcome

REQUIRED_CHECKS = (
    "adapter_changes_outputs",
    "prompt_tokens_match_template",
    "labels_train_the_answer",
    "answers_end_in_stop_token",
    "stop_tokens_as_served",
    "sampling_as_evaluated",
    "adapter_is_live",
    "adapter_fits_vllm",
    "adapter_names_the_base",
    "tokenizer_as_served",
    "lengths_fit_the_server",
)
SERVED_CHECKS = (  # demanded besides, where `gate.served` asks for a real server
    "served_under_its_name",
    "served_tokens_match",
    "served_answers_match",
    "served_logprobs_match",
)
MACRO = "forgetting/macro"


def demanded(policy: Gate) -> tuple[str, ...]:
    """The names of the probe's checks without which there is no verdict."""
    return (*REQUIRED_CHECKS, *(SERVED_CHECKS if policy.served else ()))


def rounded(number: float) -> float:
    """Nine significant digits: what differs beyond is the machine's arithmetic."""
    return float(f"{number:.9g}")


def rounded_pair(pair: tuple[float, float] | None) -> tuple[float, float] | None:
    """Both ends of an interval, rounded."""
    return None if pair is None else (rounded(pair[0]), rounded(pair[1]))


def gain_row(task: str, metric: str) -> GateResult:
    """The row of a gain before it is judged: an ERROR."""
    return _row(f"gain/{metric}", "superiority", task, metric)


def floor_row(task: str, metric: str) -> GateResult:
    """The row of a floor before it is judged: an ERROR."""
    return _row(f"floor/{metric}", "floor", task, metric)


def regression_row(task: str, metric: str) -> GateResult:
    """The row of a change since the released version before it is judged: an ERROR."""
    return _row(f"regression/{metric}", "regression", task, metric)


def variant_row(task: str, metric: str) -> GateResult:
    """The row of a change since the adapter that a variant was made of before it is judged: an ERROR."""
    return _row(f"variant/{metric}", "regression", task, metric)


def leak_row(task: str, metric: str) -> GateResult:
    """The row of the gap between test and validation before it is judged: an ERROR."""
    return _row(f"leak/{metric}", "leak", task, metric)


def macro_row() -> GateResult:
    """The row of all general tasks before it is judged: an ERROR."""
    return _row(MACRO, "noninferiority", "general", "macro")


def task_row(task: str, metric: str) -> GateResult:
    """The row of one general task before it is judged: an ERROR."""
    return _row(f"forgetting/{task}", "noninferiority", task, metric)


def probe_row(task: str, check: str) -> GateResult:
    """The row of a probe before it is judged: an ERROR."""
    return _row(f"probe/{check}", "probe", task, check)


def human_row(task: str, question: str) -> GateResult:
    """The row of a question that people answered before it is judged: an ERROR."""
    return _row(f"human/{question}", "human", task, question)


def evidence_rows(faults: Sequence[str]) -> list[GateResult]:
    """One ERROR row a fault of the evidence as a whole."""
    return [
        _row(f"evidence/{number}", "evidence", "", "").model_copy(update={"reason": fault})
        for number, fault in enumerate(faults, 1)
    ]


def declared_rows(key: str, policy: Gate) -> list[GateResult]:
    """A row for every gate that the policy declares, all ERROR: none is judged, none is lost."""
    return [
        *(gain_row(key, gain.metric) for gain in policy.gains),
        *(floor_row(key, floor.metric) for floor in policy.floors),
        *(leak_row(key, gain.metric) for gain in policy.gains),
        *(regression_row(key, gain.metric) for gain in policy.gains if policy.released),
        *(variant_row(key, gain.metric) for gain in policy.gains if policy.parent),
        macro_row(),
        *([human_row(key, "overall")] if policy.human else []),
        *(probe_row(key, check) for check in demanded(policy)),
    ]


def failed(row: GateResult, faults: Sequence[str]) -> GateResult:
    """The row as an ERROR that says why."""
    return row.model_copy(update={"outcome": Outcome.ERROR, "reason": "; ".join(faults)})


def judged(row: GateResult, finding: Finding, bound: float, alpha: float) -> GateResult:
    """The row with what its test found."""
    return row.model_copy(
        update={
            "outcome": finding.outcome,
            "effect": rounded(finding.effect),
            "interval": rounded_pair(finding.interval),
            "bound": rounded(bound),
            "alpha": alpha,
            "test": finding.test,
            "p": rounded(finding.p),
            "min_n_80": finding.needed,
            "reason": finding.reason,
        }
    )


def _row(gate: str, kind: str, task: str, metric: str) -> GateResult:
    fields = {"id": gate, "kind": kind, "task": task, "metric": metric}
    return GateResult.model_validate(
        {**fields, "outcome": Outcome.ERROR, "reason": "not judged: the evidence is in error"}
    )
