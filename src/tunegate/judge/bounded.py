"""Bounds on the mean of few scores that have a least and a greatest value: what t cannot see, a tail not yet drawn.

Student's t takes the spread of the sample for the truth. Of scores that are nearly all 1 with a rare 0, or of gains
over a base that is always 0, a small sample often lacks the tail; then t passes too often. The bound of Gaffke (2005),
rediscovered by Learned-Miller and Thomas (arXiv 1905.06208): lay the worst possible score beside the n that were
seen, weigh the n + 1 with weights that are uniform on the simplex, and take the alpha quantile of the weighted mean.
For zeros and ones it is the bound of Clopper and Pearson, for n equal scores that of finding.unseen; for the rest no
proof is known, and no violation (simulated in docs/operating-characteristics.md). Documents must be independent.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from tunegate.judge.pairing import Floats

DRAWS = 10_000
BLOCK = 1_000_000  # weights held at once: 8 MB
SEED = 20_050  # the same scores give the same bounds


class Means(NamedTuple):
    """Weighted means, a draw each: with the least possible score laid beside, and with the greatest."""

    low: Floats
    high: Floats

    def interval(self, alpha: float) -> tuple[float, float]:
        """The two one-sided bounds at level `alpha`."""
        return float(np.quantile(self.low, alpha)), float(np.quantile(self.high, 1 - alpha))

    def p(self, bound: float) -> float:
        """Of H0: the mean is at most `bound`."""
        return (1 + int((self.low <= bound).sum())) / (1 + len(self.low))


def weighted_means(values: Floats, least: float, greatest: float, draws: int = DRAWS) -> Means:
    """Draw weights for independent `values`, all from `least` to `greatest`."""
    sums, rests = [], []
    for weights in _blocks(len(values), draws):
        sums.append(weights[:, :-1] @ values)
        rests.append(weights[:, -1])
    mean, rest = np.concatenate(sums), np.concatenate(rests)
    return Means(mean + rest * least, mean + rest * greatest)


def within(values: Floats, least: float, greatest: float) -> bool:
    """Whether all values lie where the bound needs them."""
    return bool(least <= values.min() and values.max() <= greatest)


def _blocks(n: int, draws: int) -> Iterator[Floats]:
    """Weights in blocks of rows; those of few documents are kept, since a simulation asks for them again."""
    rows = max(1, BLOCK // (n + 1))
    for block, start in enumerate(range(0, draws, rows)):
        size = min(rows, draws - start)
        yield _kept(n, size, block) if (n + 1) * draws <= 4 * BLOCK else _weights(n, size, block)


@lru_cache(maxsize=16)
def _kept(n: int, rows: int, block: int) -> Floats:
    return _weights(n, rows, block)


def _weights(n: int, rows: int, block: int) -> Floats:
    drawn: Floats = np.random.default_rng([SEED, n, block]).standard_exponential((rows, n + 1))
    drawn /= drawn.sum(axis=1, keepdims=True)
    return drawn
