"""How far raters agree: Krippendorff's alpha with a bootstrap interval.

alpha = 1 - D_o / D_e over the coincidence matrix o: each pair of values that a unit holds counts 1 / (m - 1), m the
number of its values; D_o sums o_ck d_ck^2, D_e sums n_c n_k d_ck^2 / (n - 1) (K. Krippendorff, Computing
Krippendorff's Alpha-Reliability, 2011). Units with one value say nothing. The interval resamples units, not values.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tunegate.judge.pairing import Floats

Level = Literal["nominal", "ordinal", "interval"]
RESAMPLES = 2000
SEED = 20111  # fixed: the same votes give the same interval


class Agreement(NamedTuple):
    """`alpha` is None where no unit has two values, or where all values are equal (then `agreed` is 1).

    `agreed` is the share of pairs of values that are equal; `interval` holds the two-sided bounds at `1 - 2 alpha`.
    """

    alpha: float | None
    interval: tuple[float, float] | None
    units: int
    agreed: float | None


def agreement(units: Sequence[Sequence[int]], values: Sequence[float], level: Level, alpha: float) -> Agreement:
    """Agreement over `units`, each the codes that raters gave it.

    Args:
        units: for each unit its codes, positions in `values`; raters may differ from unit to unit.
        values: what the codes stand for, in order.
        level: of measurement.
        alpha: what the interval leaves out on each side.
    """
    counts = np.array(
        [np.bincount(codes, minlength=len(values)) for codes in units if len(codes) > 1], dtype=np.float64
    )
    if not len(counts):
        return Agreement(None, None, 0, None)
    coincidences = _coincidences(counts)
    total = coincidences.sum(axis=0)
    agreed = float(np.trace(total) / total.sum())
    found = _alpha(total, np.array(values, dtype=np.float64), level)
    if not np.isfinite(found):
        return Agreement(None, None, len(counts), agreed)
    return Agreement(float(found), _bootstrap(coincidences, values, level, alpha), len(counts), agreed)


def _coincidences(counts: Floats) -> Floats:
    """For each unit its part of the coincidence matrix."""
    pairs = counts[:, :, None] * counts[:, None, :]
    codes = np.arange(counts.shape[1])
    pairs[:, codes, codes] -= counts
    found: Floats = pairs / (counts.sum(axis=1) - 1)[:, None, None]
    return found


def _alpha(coincidences: Floats, values: Floats, level: Level) -> NDArray[np.float64]:
    """Alpha of one or many coincidence matrices (the last two axes); NaN where all values are equal."""
    margins = coincidences.sum(axis=-1)
    total = margins.sum(axis=-1)
    distances = _distances(margins, values, level)
    observed = (coincidences * distances).sum(axis=(-2, -1))
    expected = (margins[..., :, None] * margins[..., None, :] * distances).sum(axis=(-2, -1)) / (total - 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        found: NDArray[np.float64] = np.where(expected > 0, 1 - observed / expected, np.nan)
    return found


def _distances(margins: Floats, values: Floats, level: Level) -> Floats:
    """Squared distances of each two codes. Ordinal: between mid-ranks, which is Krippendorff's sum of margins."""
    if level == "nominal":
        return 1.0 - np.eye(len(values))
    places = margins.cumsum(axis=-1) - margins / 2 if level == "ordinal" else values
    squared: Floats = (places[..., :, None] - places[..., None, :]) ** 2
    return squared


def _bootstrap(coincidences: Floats, values: Sequence[float], level: Level, alpha: float) -> tuple[float, float] | None:
    """Percentile interval; None where most resamples hold one value only."""
    count = len(coincidences)
    drawn = np.random.default_rng(SEED).multinomial(count, np.full(count, 1 / count), RESAMPLES).astype(np.float64)
    shape = coincidences.shape[1:]
    resampled = (drawn @ coincidences.reshape(count, -1)).reshape(RESAMPLES, *shape)
    found = _alpha(resampled, np.array(values, dtype=np.float64), level)
    found = found[np.isfinite(found)]
    if len(found) * 2 < RESAMPLES:
        return None
    low, high = np.quantile(found, (alpha, 1 - alpha))
    return float(low), float(high)
