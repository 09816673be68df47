"""Floors: is the candidate's mean of a metric above `min`? (schema validity, style rules, and so on).

Clopper-Pearson where scores are 0 or 1 and documents independent, or where all scores are equal (no variance to
estimate); the cluster-robust t interval otherwise, never narrower than Clopper-Pearson for zeros and ones, nor than
the bound of bounded.py for independent scores from 0 to 1: t does not see a rare low score that was not drawn.
"""

import math

from scipy import special

from tunegate.judge.bounded import weighted_means, within
from tunegate.judge.finding import Finding, cluster_error, constant, documents_needed, quantile, tail, unseen
from tunegate.judge.pairing import Scored
from tunegate.judge.words import floor_words
from tunegate.records.verdict import Outcome


def judge_floor(scored: Scored, floor: float, alpha: float, *, tails: bool = True) -> Finding:
    """Test H0: mean <= `floor` at one-sided level `alpha`; without `tails` by t alone: for scores without skew."""
    mean = float(scored.values.mean())
    if scored.n_clusters < 2:
        reason = "one cluster: how much clusters differ is unknown"
        return Finding(Outcome.INCONCLUSIVE, mean, None, "none", 1.0, None, reason)
    if scored.binary and (not scored.clustered or constant(scored.values)):
        interval, p = _exact(scored, alpha), _exact_p(scored, floor)
        return _ruled(scored, floor, interval, test="Clopper-Pearson", p=p, alpha=alpha)
    if constant(scored.values):
        scale, share = max(1.0, abs(mean)), unseen(len(scored.values), alpha)
        interval = (mean - share * mean, mean + share * (scale - mean))
        p = (floor / mean) ** len(scored.values) if 0 <= floor < mean else 1.0
        return _ruled(scored, floor, interval, test="all scores equal", p=p, alpha=alpha)
    error, freedom = cluster_error(scored.values, scored.clusters), scored.n_clusters - 1
    reach = quantile(alpha, freedom) * error
    interval, p = (mean - reach, mean + reach), tail((mean - floor) / error, freedom)
    if scored.binary:
        low, high = _exact(scored, alpha)
        interval, p = (min(interval[0], low), max(interval[1], high)), max(p, _exact_p(scored, floor))
    test = f"t, {scored.n_clusters} clusters" if scored.clustered else "t"
    if tails and not scored.clustered and within(scored.values, 0.0, 1.0):
        means = weighted_means(scored.values, 0.0, 1.0)
        low, high = means.interval(alpha)
        interval, p = (min(interval[0], low), max(interval[1], high)), max(p, means.p(floor))
        test = "t and Gaffke's bound"
    return _ruled(scored, floor, interval, test=test, p=p, alpha=alpha)


def _exact(scored: Scored, alpha: float) -> tuple[float, float]:
    n, hits = len(scored.values), round(float(scored.values.sum()))
    low = float(special.betaincinv(hits, n - hits + 1, alpha)) if hits else 0.0
    high = float(special.betaincinv(hits + 1, n - hits, 1 - alpha)) if hits < n else 1.0
    return low, high


def _exact_p(scored: Scored, floor: float) -> float:
    hits = round(float(scored.values.sum()))
    if not 0 <= floor < 1 or hits == 0:
        return float(floor >= 0)
    return float(special.bdtrc(hits - 1, len(scored.values), floor))


def _ruled(
    scored: Scored, floor: float, interval: tuple[float, float], *, test: str, p: float, alpha: float
) -> Finding:
    mean, (low, high) = float(scored.values.mean()), interval
    outcome = Outcome.PASS if low > floor else Outcome.FAIL if high <= floor else Outcome.INCONCLUSIVE
    needed = _needed(scored, floor, alpha) if outcome is Outcome.INCONCLUSIVE else None
    return Finding(outcome, mean, interval, test, p, needed, floor_words(outcome, interval, floor, needed))


def _needed(scored: Scored, floor: float, alpha: float) -> int | None:
    mean, n = float(scored.values.mean()), len(scored.values)
    if constant(scored.values):
        kept = floor / mean if mean > floor else (1 - floor) / (1 - mean) if mean < 1 else 1.0
        return math.ceil(math.log(alpha) / math.log(kept)) if 0 < kept < 1 else None
    return documents_needed(n, cluster_error(scored.values, scored.clusters), abs(mean - floor), alpha=alpha)
