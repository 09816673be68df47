"""Regression: has the candidate fallen behind the last released version by more than `max_drop` (relative)? And a
variant behind the adapter that it was made of?

The released version's scores are those that its commit holds, on the same documents, paired. Non-inferiority, as for
forgetting: PASS only if it is proven that at most `max_drop` is lost.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from tunegate.core.settings import Compared, Gate
from tunegate.judge.bootstrap import bootstrap_ratio
from tunegate.judge.comparability import find, pair_faults
from tunegate.judge.corpus import counted
from tunegate.judge.finding import Finding, tail
from tunegate.judge.forgetting import needed, ratio_interval
from tunegate.judge.pairing import Pairs, pair
from tunegate.judge.retention import Retention
from tunegate.judge.rows import failed, judged, regression_row, rounded, variant_row
from tunegate.judge.words import change_words, variant_words
from tunegate.records.evidence import Evidence
from tunegate.records.scores import ScoreFile, TaskScores
from tunegate.records.verdict import GateResult, Outcome

Words = Callable[[Outcome, tuple[float, float], float, int | None], str]
MISSING = "scores/KEY/released.jsonl is missing: `tunegate gate released KEY` writes it"
OTHER = "scores/KEY/released.jsonl is not the file that gate.released.scores names: `tunegate gate released KEY`"


def regression_rows(
    key: str, evidence: Evidence, policy: Gate, alpha: float, inputs: Mapping[str, str]
) -> list[GateResult]:
    """A row for each gain's metric, if the policy names a released version; `inputs`: the digest of each file."""
    if policy.released is None:
        return []
    rows = [regression_row(key, gain.metric) for gain in policy.gains]
    if evidence.released is None:
        return [failed(row, [MISSING]) for row in rows]
    if inputs.get("released") != policy.released.scores:
        return [failed(row, [OTHER]) for row in rows]
    if evidence.released.measured.base_digest != evidence.candidate.measured.base_digest:
        return [_changed_base(row, policy.released) for row in rows]
    before = _Before("released", policy.released.version, evidence.released, policy.released.max_drop, change_words)
    return [_row(row, before, evidence.candidate, alpha) for row in rows]


def variant_rows(task: str, evidence: Evidence, policy: Gate, alpha: float) -> list[GateResult]:
    """A row for each gain's metric of a variant: how much of its adapter's score is left."""
    if policy.parent is None:
        return []
    rows = [variant_row(task, gain.metric) for gain in policy.gains]
    if evidence.parent is None:
        return [failed(row, [f"no scores of {policy.parent.key}, of which it was made"]) for row in rows]
    if evidence.parent.measured.base_digest != evidence.candidate.measured.base_digest:
        return [failed(row, [f"{policy.parent.key} was measured on another base: `dvc repro`"]) for row in rows]
    before = _Before(policy.parent.key, policy.parent.key, evidence.parent, policy.parent.max_drop, variant_words)
    return [_row(row, before, evidence.candidate, alpha) for row in rows]


class _Before(NamedTuple):
    """What must not be lost: what faults and reasons call it, its scores, the share that may go, how that is said."""

    side: str
    name: str
    scores: ScoreFile
    max_drop: float
    words: Words


def _changed_base(row: GateResult, released: Compared) -> GateResult:
    """A new base is a new major version: nothing says that it must keep what the old one could."""
    reason = f"{released.version} was trained on another base: take gate.released out for a new major version"
    return failed(row, [reason])


def _row(row: GateResult, former: _Before, candidate: ScoreFile, alpha: float) -> GateResult:
    before, missing = find(former.scores, row.task, "task")
    after, fault = find(candidate, row.task, "task")
    if before is None or after is None:
        return failed(row, [f"{former.side}: {missing}"] * bool(missing) + [f"candidate: {fault}"] * bool(fault))
    if faults := pair_faults(before, after, row.metric):
        return failed(row, [fault.replace("base", former.side, 1) for fault in faults])
    found = _corpus(before, after, former, row.metric, alpha)
    numbers, finding = found or _paired(pair(before, after, row.metric), former, alpha)
    if float(numbers["base"]) < 0:
        return failed(row, [f"{row.metric} has scores below 0: a relative margin is not defined"])
    if finding is None:
        reason = f"{former.name} scores 0 here: nothing to lose"
        return row.model_copy(update={**numbers, "outcome": Outcome.PASS, "decides": False, "reason": reason})
    return judged(row, finding, -former.max_drop, alpha).model_copy(update=numbers)


def _paired(pairs: Pairs, former: _Before, alpha: float) -> tuple[dict[str, Any], Finding | None]:
    task, max_drop = Retention(pairs), former.max_drop
    numbers = {
        "n": pairs.n,
        "clusters": pairs.n_clusters,
        "base": rounded(task.base),
        "candidate": rounded(task.candidate),
        "better": pairs.better,
        "worse": pairs.worse,
    }
    if task.base <= 0:
        return numbers, None
    contrast = task.at(1 - max_drop)
    p, other = tail(contrast.statistic, contrast.freedom), tail(-contrast.statistic, contrast.freedom)
    outcome = Outcome.PASS if p <= alpha else Outcome.FAIL if other <= alpha else Outcome.INCONCLUSIVE
    ends = ratio_interval([task], alpha) or (-np.inf, np.inf)
    interval = (ends[0] - 1, ends[1] - 1)
    needs = needed([task], max_drop, alpha) if outcome is Outcome.INCONCLUSIVE else None
    test = "Nam-Blackwelder" if pairs.binary and not pairs.clustered else f"relative t, {pairs.n_clusters} clusters"
    words = former.words(outcome, interval, -max_drop, needs)
    return numbers, Finding(outcome, task.candidate / task.base - 1, interval, test, p, needs, words)


def _corpus(
    before: TaskScores, after: TaskScores, former: _Before, metric: str, alpha: float
) -> tuple[dict[str, Any], Finding | None] | None:
    if metric not in after.corpus:
        return None
    old, new = counted(before, metric), counted(after, metric)
    numbers = {
        "n": len(new.rows),
        "clusters": new.n_clusters,
        "base": rounded(old.value()),
        "candidate": rounded(new.value()),
    }
    if old.value() <= 0:
        return numbers, None
    return numbers, bootstrap_ratio(old, new, -former.max_drop, alpha, former.words)
