"""Paired bootstrap over clusters, for metrics of a whole test set (BLEU, chrF, averages over classes).

Koehn 2004 ("Statistical significance tests for machine translation evaluation"): documents are drawn again with
replacement, the same for both models, and the metric computed anew. Clusters are drawn whole. The ends of the interval
are percentiles, widened for few clusters (Hesterberg 2015, "What teachers should know about the bootstrap", section
5.3: the level Phi(t * sqrt(C / (C - 1)))), without which 20 clusters would pass twice too often.
"""

import math
from collections.abc import Callable

import numpy as np
from scipy import special

from tunegate.judge.corpus import Counts, corpus_values
from tunegate.judge.finding import CONSTANT, Finding, documents_needed, quantile, tail, unseen
from tunegate.judge.pairing import Floats
from tunegate.records.verdict import Outcome

DRAWS, SEED, AT_ONCE = 10_000, 20041, 1_000
Words = Callable[[Outcome, tuple[float, float], float, int | None], str]


def bootstrap_gain(base: Counts, candidate: Counts, min_gain: float, alpha: float, words: Words) -> Finding:
    """Test H0: metric(candidate) - metric(base) <= `min_gain` at one-sided level `alpha`."""
    gain = candidate.value() - base.value()
    drawn = _drawn((candidate, base))
    ends = None
    if _still(drawn):
        lost = math.ceil(unseen(len(base.rows), alpha) * len(base.rows))
        ends = candidate.worst(lost) - base.value(), candidate.value() - base.worst(lost)
    return _found(gain, drawn, min_gain, alpha, (candidate, "paired bootstrap", ends, words))


def bootstrap_floor(scored: Counts, floor: float, alpha: float, words: Words) -> Finding:
    """Test H0: metric <= `floor` at one-sided level `alpha`."""
    drawn = _drawn((scored,))
    ends = None
    if _still(drawn):
        lost = math.ceil(unseen(len(scored.rows), alpha) * len(scored.rows))
        ends = scored.worst(lost), scored.value()
    return _found(scored.value(), drawn, floor, alpha, (scored, "bootstrap", ends, words))


def _drawn(sides: tuple[Counts, ...]) -> Floats:
    """The metric of the first side, less that of the second if there is one, on each draw of clusters."""
    count = sides[0].n_clusters
    random = np.random.default_rng(SEED)
    parts = []
    for _ in range(DRAWS // AT_ONCE):
        weights = random.multinomial(count, np.full(count, 1 / count), size=AT_ONCE).astype(np.float64)
        values = [corpus_values(side.form, weights @ side.by_cluster) for side in sides]
        parts.append(values[0] - values[1] if len(values) > 1 else values[0])
    return np.concatenate(parts)


def _still(drawn: Floats) -> bool:
    return float(np.ptp(drawn)) <= CONSTANT * max(1.0, float(np.abs(drawn).max()))


def _found(
    effect: float,
    drawn: Floats,
    bound: float,
    alpha: float,
    about: tuple[Counts, str, tuple[float, float] | None, Words],
) -> Finding:
    counts, test, ends, words = about
    clusters, n = counts.n_clusters, len(counts.rows)
    if clusters < 2:
        reason = "one cluster: how much clusters differ is unknown"
        return Finding(Outcome.INCONCLUSIVE, effect, None, "none", 1.0, None, reason)
    widened = math.sqrt(clusters / (clusters - 1))
    if ends is None:
        level = float(special.ndtr(-quantile(alpha, clusters - 1) * widened))
        ends = float(np.quantile(drawn, level)), float(np.quantile(drawn, 1 - level))
        below = (np.count_nonzero(drawn <= bound) + 1) / (len(drawn) + 1)
        p = tail(-float(special.ndtri(below)) / widened, clusters - 1)
    else:
        test, p = f"{test}, all draws equal", alpha if ends[0] > bound else 1.0
    outcome = Outcome.PASS if ends[0] > bound else Outcome.FAIL if ends[1] <= bound else Outcome.INCONCLUSIVE
    needed = None
    if outcome is Outcome.INCONCLUSIVE:
        needed = documents_needed(n, float(drawn.std(ddof=1)), abs(effect - bound), alpha=alpha)
    named = f"{test}, {clusters} clusters" if clusters < n else test
    return Finding(outcome, effect, ends, named, p, needed, words(outcome, ends, bound, needed))
