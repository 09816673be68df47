"""How much of one general task is retained: the statistic of relative non-inferiority at any margin.

H0: mean(candidate) <= phi * mean(base), phi = 1 - max_drop. The statistic is L / SE(L), L = candidate - phi * base.
For zeros and ones SE is the constrained maximum-likelihood one of Nam and Blackwelder (2002), because Wald's passes too
many small samples; families in the data add the cluster-robust one. As a function of phi it gives the interval too.
"""

import math
from functools import cached_property
from typing import NamedTuple

from tunegate.judge.finding import CONSTANT, cluster_error, constant, unseen
from tunegate.judge.pairing import Pairs

FALLBACK_LEVEL = 0.05  # of the bound on unseen documents where all scores are one constant
FALLBACK_QUANTILE = 1.6448536269514722


class Contrast(NamedTuple):
    """L at one phi: its mean, its standard error and the error's degrees of freedom."""

    mean: float
    error: float
    freedom: float

    @property
    def statistic(self) -> float:
        """L in standard errors; 0 where nothing was lost, gained or seen to vary."""
        if self.error > 0:
            return self.mean / self.error
        return math.copysign(math.inf, self.mean) if abs(self.mean) > CONSTANT else 0.0


class Retention:
    """One general task, base against candidate."""

    def __init__(self, pairs: Pairs) -> None:
        self.pairs = pairs
        self.base, self.candidate = float(pairs.base.mean()), float(pairs.candidate.mean())

    @property
    def freedom(self) -> float:
        """Of the standard error: the clusters less one; the score test's error is not estimated freely."""
        if self.pairs.binary and not self.pairs.clustered:
            return math.inf
        return max(1, self.pairs.n_clusters - 1)

    def at(self, phi: float) -> Contrast:
        """The contrast with the base scaled by `phi`."""
        return Contrast(self.candidate - phi * self.base, self._error(phi), self.freedom)

    def _error(self, phi: float) -> float:
        if self.pairs.n < 2:
            return math.inf
        if self.pairs.binary:
            score = nam_blackwelder_error(self._table, phi)
            return max(score, self._cluster_error(phi)) if self.pairs.clustered else score
        return self._cluster_error(phi)

    @cached_property
    def _table(self) -> tuple[int, int, int, int]:
        both = int((self.pairs.base * self.pairs.candidate).sum())
        better, worse = self.pairs.better, self.pairs.worse
        return both, better, worse, self.pairs.n - both - better - worse

    def _cluster_error(self, phi: float) -> float:
        lost = self.pairs.candidate - phi * self.pairs.base
        if constant(lost):
            scale = max(1.0, self.base)
            return unseen(self.pairs.n, FALLBACK_LEVEL) * (float(lost[0]) + phi * scale) / FALLBACK_QUANTILE
        return cluster_error(lost, self.pairs.clusters)


def nam_blackwelder_error(table: tuple[int, int, int, int], phi: float) -> float:
    """Standard error of L under H0: mean(candidate) = phi * mean(base), for paired zeros and ones.

    Args:
        table: documents that (both, only the candidate, only the base, neither) answered.
        phi: the ratio under H0.
    """
    n = sum(table)
    p11, p10, p01, p00 = (count / n for count in table)
    after, before = p11 + p10, p11 + p01
    root = math.sqrt((after - phi**2 * before) ** 2 + 4 * phi**2 * p10 * p01)
    q10 = max(0.0, (-after + phi**2 * (before + 2 * p10) + root) / (2 * phi * (phi + 1)))
    q01 = max(0.0, phi * q10 - (phi - 1) * (1 - p00))
    return math.sqrt(phi * (q10 + q01) / n)


def combined(contrasts: list[Contrast]) -> Contrast:
    """The sum over tasks, with Welch and Satterthwaite's degrees of freedom."""
    mean = sum(contrast.mean for contrast in contrasts)
    total = sum(contrast.error**2 for contrast in contrasts)
    if math.isinf(total):
        return Contrast(mean, math.inf, math.inf)
    spread = sum(contrast.error**4 / contrast.freedom for contrast in contrasts)
    return Contrast(mean, math.sqrt(total), total**2 / spread if spread > 0 else math.inf)
