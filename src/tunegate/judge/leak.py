"""Does the candidate gain more on the test split than on validation? Then it has seen test rows.

`prepare` finds leaks in the data; this looks at what they do, so that a leak which slipped past it, or past people,
does not pass for skill. With d the gain over the prompted base on one document,

    gap = mean of d on test - mean of d on validation      SE = sqrt(SE_test^2 + SE_validation^2), cluster-robust

and Welch and Satterthwaite's degrees of freedom. FAIL if the lower bound of the gap is above `max_gap`; else PASS:
it is a veto, as an ordinary difference between the splits proves nothing. A model that learned its task well from its
own rows cannot be told from one that learned test rows besides.
"""

import math

import numpy as np

from tunegate.core.settings import Gate
from tunegate.judge.comparability import find, pair_faults
from tunegate.judge.finding import Finding, cluster_error, quantile, tail, unseen
from tunegate.judge.pairing import Pairs, pair
from tunegate.judge.rows import failed, judged, leak_row
from tunegate.records.evidence import Evidence
from tunegate.records.verdict import GateResult, Outcome


def leak_rows(key: str, evidence: Evidence, policy: Gate, alpha: float) -> list[GateResult]:
    """A row for each gain of a metric that has a value a document."""
    corpus = {name for task in evidence.candidate.tasks if task.task == key for name in task.corpus}
    metrics = [gain.metric for gain in policy.gains if gain.metric not in corpus]
    return [_row(leak_row(key, metric), evidence, policy.max_leak_gap, alpha) for metric in metrics]


def _row(row: GateResult, evidence: Evidence, max_gap: float, alpha: float) -> GateResult:
    sides = [_pairs(row, evidence, split) for split in ("test", "validation")]
    faults = [fault for _, found in sides for fault in found]
    test, validation = (pairs for pairs, _ in sides)
    if test is None or validation is None:
        return failed(row, faults)
    numbers = {"n": test.n + validation.n, "clusters": test.n_clusters + validation.n_clusters}
    return judged(row, judge_leak(test, validation, max_gap, alpha), max_gap, alpha).model_copy(update=numbers)


def _pairs(row: GateResult, evidence: Evidence, split: str) -> tuple[Pairs | None, list[str]]:
    base, before = find(evidence.baseline, row.task, "task", split)
    candidate, after = find(evidence.candidate, row.task, "task", split)
    if base is None or candidate is None:
        return None, [f"baseline: {before}"] * bool(before) + [f"candidate: {after}"] * bool(after)
    faults = pair_faults(base, candidate, row.metric)
    return (None, [f"{split}: {fault}" for fault in faults]) if faults else (pair(base, candidate, row.metric), [])


def _gain(pairs: Pairs) -> float:
    return float((pairs.candidate - pairs.base).mean())


def judge_leak(test: Pairs, validation: Pairs, max_gap: float, alpha: float) -> Finding:
    """Test H0: gap <= `max_gap` at one-sided level `alpha`: FAIL if it is rejected, INCONCLUSIVE if nothing could
    reject it, else PASS.
    """
    gap = _gain(test) - _gain(validation)
    errors = [_error(side, alpha) for side in (test, validation)]
    total = sum(error**2 for error, _ in errors)
    if not math.isfinite(total):
        reason = "one family in a split: a leak could not be seen"
        return Finding(Outcome.INCONCLUSIVE, gap, None, "none", 1.0, None, reason)
    spread = sum(error**4 / freedom for error, freedom in errors)
    freedom = total**2 / spread if spread > 0 else math.inf
    reach = quantile(alpha, freedom) * math.sqrt(total)
    p = tail((gap - max_gap) / math.sqrt(total), freedom) if total > 0 else float(gap <= max_gap)
    interval = (gap - reach, gap + reach)
    if interval[0] > max_gap:
        words = f"the gain on test is at least {interval[0]:.3f} above that on validation: the model has seen test rows"
        return Finding(Outcome.FAIL, gap, interval, "Welch", p, None, words)
    reason = f"the gain on test is not shown to be more than {max_gap:.2f} above that on validation"
    return Finding(Outcome.PASS, gap, interval, "Welch", p, None, reason)


def _error(pairs: Pairs, alpha: float) -> tuple[float, float]:
    """Standard error and its degrees of freedom; of equal differences, what so many documents may hide."""
    difference = pairs.candidate - pairs.base
    if pairs.n_clusters > 1 and float(np.ptp(difference)) == 0.0:
        return unseen(pairs.n, alpha) / quantile(alpha, math.inf), float(pairs.n - 1)
    return cluster_error(difference, pairs.clusters), float(max(1, pairs.n_clusters - 1))
