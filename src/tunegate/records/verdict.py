"""The verdict: what was compared, with which bound and result. Written by `gate`, decided again by `release`.

It holds no time, commit or version: it is a pure function of the evidence and the policy.
"""

from enum import StrEnum
from typing import Literal

from pydantic import Field, JsonValue

from tunegate.records.base import Record
from tunegate.records.scores import Measured


class Outcome(StrEnum):
    """The four outcomes. Only PASS releases."""

    PASS = "PASS"  # noqa: S105 - an outcome, no password
    FAIL = "FAIL"
    INCONCLUSIVE = "INCONCLUSIVE"
    ERROR = "ERROR"

    @property
    def exit_code(self) -> int:
        """Of `tunegate gate check`: 0, 1, 2, 3."""
        return list(Outcome).index(self)


class GateResult(Record):
    """One gate. Numbers are None where the gate has none (a probe) or where the evidence is in error.

    `bound` is what the interval is held against; `interval` is one-sided at `alpha` (the other side given for the
    picture); `min_n_80` is the number of documents that would give 80 % power; `decides` is False for rows that
    inform (a single task under macro+veto that is not below its margin). `above_chance`: base and candidate as shares
    of what guessing leaves, (score - chance) / (1 - chance), for multiple choice.
    """

    id: str
    kind: Literal["superiority", "noninferiority", "floor", "regression", "leak", "human", "probe", "evidence"]
    task: str
    metric: str
    outcome: Outcome
    decides: bool = True
    waived: bool = False
    n: int | None = None
    clusters: int | None = None
    base: float | None = None
    candidate: float | None = None
    effect: float | None = None
    interval: tuple[float, float] | None = None
    bound: float | None = None
    alpha: float | None = None
    test: str = ""
    p: float | None = None
    p_adjusted: float | None = None
    min_n_80: int | None = None
    better: int | None = None
    worse: int | None = None
    above_chance: tuple[float, float] | None = None
    reason: str


class WaiverUsed(Record):
    """A waiver that the policy names: whether it was needed, and until when it holds (ISO date)."""

    gate: str
    reason: str
    by: str
    expires: str
    used: bool


class Verdict(Record):
    """The decision on one candidate. `inputs` maps each evidence file's name to its SHA-256; `looks` counts the
    candidates that were judged on this test split.
    """

    schema_version: Literal[1] = 1
    key: str
    outcome: Outcome
    policy: dict[str, JsonValue]
    base: Measured | None = None
    candidate: Measured | None = None
    gates: tuple[GateResult, ...]
    waivers: tuple[WaiverUsed, ...] = ()
    looks: int | None = None
    inputs: dict[str, str] = Field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @property
    def parent(self) -> str:
        """Of a variant: the adapter that it was made of; else empty."""
        found = self.policy.get("parent")
        return str(found["key"]) if isinstance(found, dict) else ""
