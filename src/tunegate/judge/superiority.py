"""Task gain over the prompted base: is the mean paired difference more than `min_gain`?

PASS if the lower bound is above it, FAIL if the upper bound is not, else INCONCLUSIVE. The interval is the
cluster-robust t interval; for independent scores from 0 to 1 it is never narrower than the bound of bounded.py, since t
does not see rare documents of which none was drawn. Zeros and ones need that up to 300 documents, and not where McNemar
is exact.
"""

import math

from scipy import special

from tunegate.judge.bounded import weighted_means, within
from tunegate.judge.finding import Finding, cluster_error, constant, documents_needed, quantile, tail, unseen
from tunegate.judge.pairing import Pairs
from tunegate.judge.words import gain_words
from tunegate.records.verdict import Outcome

SMALL = 300  # up to here intervals from the normal or t are too narrow for binary scores (Bowyer, arXiv 2503.01747)


def judge_gain(pairs: Pairs, min_gain: float, alpha: float) -> Finding:
    """Test H0: gain <= `min_gain` at one-sided level `alpha`."""
    difference = pairs.candidate - pairs.base
    gain = float(difference.mean())
    if pairs.n_clusters < 2:
        reason = "one cluster: how much clusters differ is unknown"
        return Finding(Outcome.INCONCLUSIVE, gain, None, "none", 1.0, None, reason)
    if constant(difference):
        return _all_equal(pairs, min_gain, alpha)
    error = cluster_error(difference, pairs.clusters)
    freedom = pairs.n_clusters - 1
    reach = quantile(alpha, freedom) * error
    interval = (gain - reach, gain + reach)
    p = tail((gain - min_gain) / error, freedom)
    test = f"paired t, {pairs.n_clusters} clusters" if pairs.clustered else "paired t"
    if pairs.binary and not pairs.clustered and pairs.n <= SMALL:
        test, p = "paired t and exact McNemar", max(p, exact_mcnemar(pairs.better, pairs.worse))
    if _bounded(pairs, min_gain):
        means = weighted_means(difference, -1.0, 1.0)
        low, high = means.interval(alpha)
        interval, p = (min(interval[0], low), max(interval[1], high)), max(p, means.p(min_gain))
        test = f"{test.replace(' and', ',')} and Gaffke's bound"
    outcome = _outcome(interval, min_gain, p <= alpha)
    needed = None
    if outcome is Outcome.INCONCLUSIVE:
        needed = documents_needed(pairs.n, error, abs(gain - min_gain), alpha=alpha)
    return Finding(outcome, gain, interval, test, p, needed, gain_words(outcome, interval, min_gain, needed))


def _bounded(pairs: Pairs, min_gain: float) -> bool:
    """Whether the bound of bounded.py is asked too."""
    scores = within(pairs.base, 0.0, 1.0) and within(pairs.candidate, 0.0, 1.0)
    return scores and not pairs.clustered and not (pairs.binary and (min_gain == 0 or pairs.n > SMALL))


def exact_mcnemar(better: int, worse: int) -> float:
    """One-sided exact McNemar: P(X >= better), X ~ Bin(better + worse, 1/2). Ties alone prove nothing: 1."""
    return float(special.bdtrc(better - 1, better + worse, 0.5)) if better else 1.0


def _all_equal(pairs: Pairs, min_gain: float, alpha: float) -> Finding:
    """All differences equal: no variance to estimate, so bound the share of documents that may differ unseen."""
    gain = float((pairs.candidate - pairs.base)[0])
    scale = max(1.0, float(abs(pairs.base).max()), float(abs(pairs.candidate).max()))
    share = unseen(pairs.n, alpha)
    interval = (gain - share * (gain + scale), gain + share * (scale - gain))
    outcome = _outcome(interval, min_gain, significant=True)
    p = (1.0 - (gain - min_gain) / (gain + scale)) ** pairs.n if gain > min_gain else 1.0
    needed = None
    if outcome is Outcome.INCONCLUSIVE:
        needed = _equal_needed(gain, min_gain, scale, alpha)
    return Finding(
        outcome, gain, interval, "all differences equal", p, needed, gain_words(outcome, interval, min_gain, needed)
    )


def _equal_needed(gain: float, min_gain: float, scale: float, alpha: float) -> int | None:
    """The n at which documents that all keep differing by `gain` decide."""
    room = (gain - min_gain) / (gain + scale) if gain > min_gain else (min_gain - gain) / (scale - gain)
    return math.ceil(math.log(alpha) / math.log1p(-room)) if 0 < room < 1 else None


def _outcome(interval: tuple[float, float], min_gain: float, significant: bool) -> Outcome:  # noqa: FBT001
    if interval[0] > min_gain and significant:
        return Outcome.PASS
    return Outcome.FAIL if interval[1] <= min_gain else Outcome.INCONCLUSIVE
