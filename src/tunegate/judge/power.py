"""What the gate could prove with the test set as it is, told before anything is trained.

The gate's test of a gain is a paired t over C families: H0 gain <= min_gain. With n documents it has 80 % power at

    gain = min_gain + delta * sqrt(V * D / n)

where delta is the noncentrality at which Student's t with C - 1 degrees of freedom exceeds its upper alpha quantile
with probability 0.8 (Miller, arXiv 2411.00640, section 5, with t for the normal). V is the variance of candidate less
base as if the two were independent: s^2 + k q (1 - q), where p and s^2 are the base's mean and variance, q = p + gain
and k = s^2 / (p (1 - p)); for zeros and ones that is p (1 - p) + q (1 - q). Scores that go together vary less, so the
truth is as good or better.
D = 1 + (m - 1) r is the design effect of families of size m (Kish 1965); r, how much documents of a family go together,
is measured on the base's scores; where these are all equal nothing is known of it, and a family counts as one document.

Where exact McNemar must agree too (zeros and ones, no families, n <= 300) and min_gain is near 0, the power is a little
less than 80 %.
"""

import math
from typing import NamedTuple

import numpy as np
from scipy import special

from tunegate.judge.finding import POWER, cluster_error, constant, documents_needed, quantile
from tunegate.judge.pairing import Scored

STEPS = 60


class Plan(NamedTuple):
    """What is known beforehand. `documents`, `families`, `design` (the factor D) are the test set's."""

    documents: int
    families: int
    base: float
    variance: float
    design: float
    alpha: float

    def error(self, gain: float) -> float:
        """The standard error that the mean difference would have if the true gain were `gain`."""
        level = self.base + gain
        most = self.base * (1 - self.base)
        share = self.variance / most if most > 0 and self.variance > 0 else 1.0
        spread = self.variance + share * max(0.0, level * (1 - level))
        return math.sqrt(spread * self.design / self.documents)


def plan(base: Scored, test: Scored, alpha: float) -> Plan:
    """Plan for the families of `test`, from the base's scores `base` (of validation), each with a document or more."""
    values = base.values
    equal = constant(values)
    variance = 0.0 if equal else float(values.var(ddof=1))
    together = 1.0 if equal else _together(base, variance)
    design = 1 + (_size(test) - 1) * together
    return Plan(len(test.values), test.n_clusters, float(values.mean()), variance, design, alpha)


def smallest_gain(plan: Plan, min_gain: float) -> float | None:
    """The smallest true gain that is proven to exceed `min_gain` with 80 % power; None if none that is possible is."""
    room = 1 - plan.base
    if plan.families < 2 or room <= min_gain:
        return None
    delta = noncentrality(plan.alpha, plan.families - 1)

    def enough(gain: float) -> bool:
        return gain - min_gain >= delta * plan.error(gain)

    low, high = min_gain, room
    if not enough(high):
        return None
    for _ in range(STEPS):  # gain less its reach is convex and below 0 at min_gain: it crosses once
        middle = (low + high) / 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def needed_for(plan: Plan, min_gain: float, gain: float) -> int | None:
    """About how many documents, in families of this size, prove a true gain of `gain` with 80 % power."""
    return documents_needed(plan.documents, plan.error(gain), gain - min_gain, alpha=plan.alpha)


def noncentrality(alpha: float, freedom: float) -> float:
    """The noncentrality of Student's t that gives 80 % power at one-sided level `alpha`."""
    return float(special.nctdtrinc(freedom, 1 - POWER, quantile(alpha, freedom)))


def _size(scored: Scored) -> float:
    """The mean size of the family that a document is in: Kish's m for families of different sizes."""
    sizes = np.bincount(scored.clusters)
    return float((sizes**2).sum() / sizes.sum())


def _together(base: Scored, variance: float) -> float:
    """The intraclass correlation r, 0 to 1, from the cluster-robust error over the plain one; 1 where it is unknown."""
    size = _size(base)
    if not base.clustered or base.n_clusters < 2:
        return 1.0
    design = cluster_error(base.values, base.clusters) ** 2 * len(base.values) / variance
    return min(1.0, max(0.0, (design - 1) / (size - 1)))
