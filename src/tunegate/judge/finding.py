"""What one test found, and the few numbers that all tests share.

scipy.special, not scipy.stats: the same numbers, and a second less to start a check.
"""

import math
from typing import NamedTuple

import numpy as np
from scipy import special

from tunegate.judge.pairing import Floats, Labels
from tunegate.records.verdict import Outcome

POWER = 0.8
CONSTANT = 1e-12  # scores that differ by less are equal: what floating point leaves of a constant


class Finding(NamedTuple):
    """The result of one test. `interval` holds the two one-sided bounds; `needed` is the n for 80 % power."""

    outcome: Outcome
    effect: float
    interval: tuple[float, float] | None
    test: str
    p: float
    needed: int | None
    reason: str


def cluster_error(values: Floats, clusters: Labels) -> float:
    """Cluster-robust standard error of the mean; infinite for one cluster, whose spread nobody has seen.

    Miller, arXiv 2411.00640, appendix A, with the factor C/(C-1) for few clusters. Where all clusters have the same
    mean by chance it would be zero: then documents count as independent.
    """
    count = int(clusters.max()) + 1
    if count < 2:
        return math.inf
    rest = values - values.mean()
    sums = np.bincount(clusters, weights=rest)
    if float(np.abs(sums).max()) <= CONSTANT * len(values):
        return float(values.std(ddof=1)) / math.sqrt(len(values))
    return math.sqrt(count / (count - 1) * float(sums @ sums)) / len(values)


def constant(values: Floats) -> bool:
    """Whether all values are equal."""
    return float(np.ptp(values)) <= CONSTANT


def unseen(n: int, alpha: float) -> float:
    """The largest share of other values that `n` equal ones leave possible (Clopper-Pearson at n of n)."""
    return 1.0 - float(alpha ** (1.0 / n))


def quantile(alpha: float, freedom: float) -> float:
    """The upper `alpha` quantile of Student's t; of the normal for infinite degrees of freedom."""
    return -float(special.ndtri(alpha) if math.isinf(freedom) else special.stdtrit(freedom, alpha))


def tail(statistic: float, freedom: float) -> float:
    """The upper tail beyond `statistic`."""
    return float(special.ndtr(-statistic) if math.isinf(freedom) else special.stdtr(freedom, -statistic))


def documents_needed(n: float, error: float, distance: float, *, alpha: float) -> int | None:
    """How many documents give 80 % power at `distance` from the bound; None if more than 10 million."""
    if distance <= 0 or not math.isfinite(error):
        return None
    spread = (quantile(alpha, math.inf) + quantile(1 - POWER, math.inf)) * error / distance
    needed = math.ceil(n * spread**2)
    return needed if needed <= 10_000_000 else None
