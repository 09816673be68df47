"""Paired bootstrap over clusters, for metrics of a whole test set (BLEU, chrF, averages over classes).

Koehn 2004 ("Statistical significance tests for machine translation evaluation"): documents are drawn again with
replacement, the same for both models, and the metric computed anew. Clusters are drawn whole. The ends of the interval
are percentiles, widened for few clusters (Hesterberg 2015, "What teachers should know about the bootstrap", section
5.3: the level Phi(t * sqrt(C / (C - 1)))), without which 20 clusters would pass twice too often.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from scipy import special

from tunegate.judge.corpus import Counts, corpus_values
from tunegate.judge.finding import CONSTANT, Finding, documents_needed, quantile, tail, unseen
from tunegate.judge.pairing import Floats
from tunegate.records.verdict import Outcome

DRAWS, SEED, AT_ONCE = 10_000, 20041, 500
TINY = 1e-9  # what a draw's 0 counts as below a ratio
Words = Callable[[Outcome, tuple[float, float], float, int | None], str]


class Drawn(NamedTuple):
    """An effect on all documents and on each draw; `ends` bound it where no draw differs from another."""

    effect: float
    values: Floats
    ends: tuple[float, float]
    counts: Counts


def bootstrap_gain(
    base: Counts, candidate: Counts, min_gain: float, alpha: float, words: Words, *, draws: int = DRAWS
) -> Finding:
    """Test H0: metric(candidate) - metric(base) <= `min_gain` at one-sided level `alpha`."""
    before, after = _draw((base, candidate), alpha, draws)
    ends = (after.ends[0] - before.effect, after.effect - before.ends[0])
    drawn = Drawn(after.effect - before.effect, after.values - before.values, ends, candidate)
    return _found(drawn, min_gain, alpha, "paired bootstrap", words)


def bootstrap_ratio(base: Counts, candidate: Counts, bound: float, alpha: float, words: Words) -> Finding:
    """Test H0: metric(candidate) / metric(base) - 1 <= `bound` at one-sided level `alpha`; the base's is above 0."""
    before, after = _draw((base, candidate), alpha)
    least = max(before.ends[0], TINY)
    ends = (after.ends[0] / before.effect - 1, after.effect / least - 1)
    ratio = after.values / np.maximum(before.values, TINY) - 1
    drawn = Drawn(after.effect / before.effect - 1, ratio, ends, candidate)
    return _found(drawn, bound, alpha, "paired bootstrap", words)


def bootstrap_floor(scored: Counts, floor: float, alpha: float, words: Words) -> Finding:
    """Test H0: metric <= `floor` at one-sided level `alpha`."""
    return _found(_draw((scored,), alpha)[0], floor, alpha, "bootstrap", words)


def _draw(sides: Sequence[Counts], alpha: float, draws: int = DRAWS) -> list[Drawn]:
    """The metric of each side on each draw of clusters: the same draws for all sides."""
    values: list[list[Floats]] = [[] for _ in sides]
    for weights in _weights(sides[0].n_clusters, draws):
        for side, found in zip(sides, values, strict=True):
            found.append(corpus_values(side.form, weights @ side.by_cluster))
    return [_drawn(side, np.concatenate(found), alpha) for side, found in zip(sides, values, strict=True)]


def _drawn(counts: Counts, values: Floats, alpha: float) -> Drawn:
    unlucky = math.ceil(unseen(len(counts.rows), alpha) * len(counts.rows))
    return Drawn(counts.value(), values, (counts.worst(unlucky), counts.value()), counts)


def _weights(count: int, draws: int) -> Iterator[Floats]:
    """How often each of `count` clusters is in each draw: shape (at most AT_ONCE, count), `draws` rows in all.

    Positions and their counts, not `Generator.multinomial`: the same distribution, ten times faster.
    """
    random = np.random.default_rng(SEED)
    for start in range(0, draws, AT_ONCE):
        rows = min(AT_ONCE, draws - start)
        picked = random.integers(0, count, size=(rows, count)) + np.arange(rows)[:, None] * count
        yield np.bincount(picked.ravel(), minlength=rows * count).reshape(rows, count).astype(np.float64)


def _found(drawn: Drawn, bound: float, alpha: float, test: str, words: Words) -> Finding:
    clusters, n = drawn.counts.n_clusters, len(drawn.counts.rows)
    if clusters < 2:
        reason = "one cluster: how much clusters differ is unknown"
        return Finding(Outcome.INCONCLUSIVE, drawn.effect, None, "none", 1.0, None, reason)
    if float(np.ptp(drawn.values)) <= CONSTANT * max(1.0, abs(drawn.effect)):
        ends, test, p = drawn.ends, f"{test}, all draws equal", alpha if drawn.ends[0] > bound else 1.0
    else:
        widened = math.sqrt(clusters / (clusters - 1))
        level = float(special.ndtr(-quantile(alpha, clusters - 1) * widened))
        ends = float(np.quantile(drawn.values, level)), float(np.quantile(drawn.values, 1 - level))
        below = (np.count_nonzero(drawn.values <= bound) + 1) / (len(drawn.values) + 1)
        p = tail(-float(special.ndtri(below)) / widened, clusters - 1)
    outcome = Outcome.PASS if ends[0] > bound else Outcome.FAIL if ends[1] <= bound else Outcome.INCONCLUSIVE
    needed = None
    if outcome is Outcome.INCONCLUSIVE:
        needed = documents_needed(n, float(drawn.values.std(ddof=1)), abs(drawn.effect - bound), alpha=alpha)
    named = f"{test}, {clusters} clusters" if clusters < n else test
    return Finding(outcome, drawn.effect, ends, named, p, needed, words(outcome, ends, bound, needed))
