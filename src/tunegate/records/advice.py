"""Whether to fine-tune at all: the facts that were measured, and the advice on them."""

from enum import StrEnum
from typing import Literal

from tunegate.records.base import Record


class Recommendation(StrEnum):
    """What to do, in words for people. `measure first` where a fact is missing that could change the answer."""

    FINE_TUNE = "fine-tune"
    PROMPT = "prompt"
    RAG = "retrieval (RAG)"
    FIX_DATA_FIRST = "fix the data first"
    BUILD_EVALUATION_FIRST = "build the evaluation first"
    MEASURE_FIRST = "measure first"


class Level(Record):
    """What the prompted base reaches: a mean score, 0 to 1, and its two one-sided bounds at the gate's alpha.

    `against_bar` is what the gate's test of a floor says of the bar: PASS clear above it, FAIL clear below.
    """

    metric: str
    split: Literal["validation", "test"]
    documents: int
    score: float
    interval: tuple[float, float] | None
    against_bar: Literal["PASS", "FAIL", "INCONCLUSIVE"]


class Power(Record):
    """What the gate could prove about a gain with the test set as it is (see `judge.power`).

    `gain` is the smallest true gain of `metric` that the gate proves with 80 % power, None if no gain that is possible
    is large enough; `wanted` brings the base to the bar, and `needed` documents would prove that. Gains are in points
    of the metric, 0 to 1. `rows` were scored; a document that stands twice among them counts once.
    """

    metric: str
    rows: int
    documents: int
    families: int
    base: float
    min_gain: float
    alpha: float
    gain: float | None
    wanted: float | None = None
    needed: int | None = None


class Facts(Record):
    """What is measured about one adapter; None: not measured yet. Counts are rows; `reject_rate` is a share, 0 to 1."""

    key: str
    max_reject_rate: float
    train: int | None = None
    test: int | None = None
    reject_rate: float | None = None
    near_duplicates: int | None = None
    review_pending: int | None = None
    base: Level | None = None
    power: Power | None = None


class Question(Record):
    """One of the questions of the advice: what was found, held against which threshold, and what `stops` then says."""

    name: str
    state: Literal["holds", "stops", "not measured"]
    found: str
    threshold: str
    says: Recommendation
    reason: str = ""


class Advice(Record):
    """The advice. `questions` stand in their order of precedence: the first that stops decides (`decided_by`)."""

    key: str
    recommendation: Recommendation
    decided_by: str
    reason: str
    questions: tuple[Question, ...]
    warnings: tuple[str, ...] = ()
    next_step: str
