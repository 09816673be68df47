"""One simulated candidate each, judged by the very functions that `decide` calls; see `simulate`."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from tunegate.core.settings import Forgetting
from tunegate.judge.bootstrap import bootstrap_gain
from tunegate.judge.corpus import Counts
from tunegate.judge.finding import tail
from tunegate.judge.floors import judge_floor
from tunegate.judge.forgetting import rule
from tunegate.judge.pairing import Floats, Pairs, Scored
from tunegate.judge.retention import Retention
from tunegate.judge.superiority import judge_gain
from tunegate.judge.words import gain_words
from tunegate.records.verdict import Outcome

TASKS = ((0.35, 0.08), (0.45, 0.09), (0.55, 0.10), (0.65, 0.11), (0.80, 0.12))  # base score, discordance
FAMILIES = 25
ALPHA = 0.05
CLASSES, DRAWS = 4, 1000
CANDIDATES = 10
Generator = np.random.Generator
Trial = Callable[[int, Generator], Outcome]


class Truth(NamedTuple):
    """What is true of the candidate: the share of each task's score that is retained."""

    words: str
    retained: tuple[float, ...]


def draw_pairs(n: int, base: float, retained: float, *, flips: float, random: Generator) -> Pairs:
    """`n` documents of one task: `flips` of them change, so that the candidate retains `retained` of `base`."""
    lost = base * (1.0 - retained)
    flips = max(flips, lost)
    worse, better = (flips + lost) / 2, (flips - lost) / 2
    kinds = random.choice(4, size=n, p=(base - worse, better, worse, 1.0 - base - better))
    before, after = np.isin(kinds, (0, 2)).astype(float), np.isin(kinds, (0, 1)).astype(float)
    return Pairs(before, after, np.arange(n))


def forgetting_trial(truth: Truth, policy: Forgetting) -> Trial:
    """One candidate judged on its general tasks."""

    def trial(n: int, random: Generator) -> Outcome:
        tasks = [
            Retention(draw_pairs(n, base, kept, flips=flips, random=random))
            for (base, flips), kept in zip(TASKS, truth.retained, strict=True)
        ]
        ruling = rule(tasks, policy, ALPHA)
        rows = ruling.tasks if policy.policy == "strict" else (ruling.macro, *ruling.tasks)
        order = (Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.PASS)
        return min(rows, key=order.index)

    return trial


def gain_trial(gain: float, min_gain: float, spread: float) -> Trial:
    """One candidate judged on its task: `FAMILIES` families whose chances of a hit differ by `spread`."""

    def trial(n: int, random: Generator) -> Outcome:
        families = np.arange(n) % FAMILIES
        shift = random.uniform(-spread, spread, FAMILIES)[families]
        before = (random.random(n) < 0.3).astype(float)
        after = (random.random(n) < 0.3 + gain + shift).astype(float)
        return judge_gain(Pairs(before, after, families), min_gain, ALPHA).outcome

    return trial


def floor_trial(level: float, floor: float) -> Trial:
    """One candidate judged against a floor, documents independent."""

    def trial(n: int, random: Generator) -> Outcome:
        hits = (random.random(n) < level).astype(float)
        return judge_floor(Scored(hits, np.arange(n)), floor, ALPHA).outcome

    return trial


def uneven_trial(shape: Callable[[int, Generator], Floats], floor: float) -> Trial:
    """Graded scores of a skewed `shape` against a floor, documents independent."""

    def trial(n: int, random: Generator) -> Outcome:
        return judge_floor(Scored(shape(n, random), np.arange(n)), floor, ALPHA).outcome

    return trial


def zero_base_trial(shape: Callable[[int, Generator], Floats], min_gain: float) -> Trial:
    """The same scores over a base that is always 0."""

    def trial(n: int, random: Generator) -> Outcome:
        return judge_gain(Pairs(np.zeros(n), shape(n, random), np.arange(n)), min_gain, ALPHA).outcome

    return trial


def tailed(share: float, random: Generator, n: int) -> Floats:
    """1, but for a `share` of the documents that score anything from 0 to 1: a mean of 1 - share / 2."""
    return np.where(random.random(n) < share, random.random(n), 1.0)


def small_trial(gain: float) -> Trial:
    """Independent zeros and ones, min_gain 0: t and exact McNemar together. A fifth of the documents flip."""

    def trial(n: int, random: Generator) -> Outcome:
        pairs = draw_pairs(n, 0.5, 1.0 + gain / 0.5, flips=0.2, random=random)
        return judge_gain(pairs, 0.0, ALPHA).outcome

    return trial


def corpus_trial(gain: float, min_gain: float) -> Trial:
    """Macro-F1 over four classes of equal size, by paired bootstrap; the base is right half of the time."""

    def trial(n: int, random: Generator) -> Outcome:
        true = np.arange(n) % CLASSES
        sides = [_answers(true, share, random) for share in (0.5, 0.5 + gain)]
        return bootstrap_gain(sides[0], sides[1], min_gain, ALPHA, gain_words, draws=DRAWS).outcome

    return trial


def _answers(true: "np.ndarray[tuple[int], np.dtype[np.int_]]", share: float, random: Generator) -> Counts:
    """A wrong answer is one of the other classes, so that macro-F1 is the share that is right."""
    right = random.random(len(true)) < share
    said = np.where(right, true, (true + random.integers(1, CLASSES, len(true))) % CLASSES)
    rows: Floats = np.zeros((len(true), 3 * CLASSES))
    at = np.arange(len(true))
    rows[at[right], true[right]] = 1.0
    rows[at, CLASSES + said] = 1.0
    rows[at, 2 * CLASSES + true] = 1.0
    return Counts("macro_f1", rows, at)


def regression_trial(retained: float, max_drop: float) -> Trial:
    """A candidate against the released version, which scores 0.9; six documents in a hundred flip."""

    def trial(n: int, random: Generator) -> Outcome:
        contrast = Retention(draw_pairs(n, 0.9, retained, flips=0.06, random=random)).at(1 - max_drop)
        if tail(contrast.statistic, contrast.freedom) <= ALPHA:
            return Outcome.PASS
        return Outcome.FAIL if tail(-contrast.statistic, contrast.freedom) <= ALPHA else Outcome.INCONCLUSIVE

    return trial


def looks_trial(alpha: float) -> Trial:
    """Ten candidates that all sit at the limit of a gain, judged on one test set: PASS if any of them passes."""

    def trial(n: int, random: Generator) -> Outcome:
        before = (random.random(n) < 0.3).astype(float)
        for _ in range(CANDIDATES):
            after = (random.random(n) < 0.4).astype(float)
            if judge_gain(Pairs(before, after, np.arange(n)), 0.10, alpha).outcome is Outcome.PASS:
                return Outcome.PASS
        return Outcome.INCONCLUSIVE

    return trial
