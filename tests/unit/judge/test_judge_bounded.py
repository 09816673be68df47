"""Bounds on the mean of bounded scores: what is known exactly they give back, and a tail not drawn is reckoned with."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from tunegate.judge.bounded import weighted_means
from tunegate.judge.finding import unseen
from tunegate.judge.floors import judge_floor
from tunegate.judge.pairing import Pairs, Scored
from tunegate.judge.superiority import judge_gain
from tunegate.records.verdict import Outcome


@pytest.mark.parametrize("hits", [0, 3, 40, 50])
def test_zeros_and_ones_get_the_exact_interval(hits: int) -> None:
    values = np.r_[np.ones(hits), np.zeros(50 - hits)]
    exact = stats.binomtest(hits, 50).proportion_ci(0.9, method="exact")
    assert weighted_means(values, 0.0, 1.0).interval(0.05) == pytest.approx(tuple(exact), abs=0.005)


def test_equal_scores_get_the_bound_of_what_was_not_seen() -> None:
    low, _ = weighted_means(np.full(80, 0.9), 0.0, 1.0).interval(0.05)
    assert low == pytest.approx(0.9 * (1 - unseen(80, 0.05)), abs=0.002)


@given(st.lists(st.floats(0, 1), min_size=2, max_size=40))
@settings(deadline=None, max_examples=30)
def test_the_bounds_hold_the_mean_and_stay_within_the_range(scores: list[float]) -> None:
    values = np.array(scores)
    low, high = weighted_means(values, 0.0, 1.0).interval(0.05)
    assert 0 <= low <= values.mean() + 1e-9
    assert values.mean() - 1e-9 <= high <= 1


def test_many_documents_are_drawn_in_blocks_and_agree_with_t() -> None:
    values = np.random.default_rng(1).uniform(0.2, 0.8, 3000)
    low, high = weighted_means(values, 0.0, 1.0).interval(0.05)
    expected = stats.t.interval(0.9, 2999, values.mean(), stats.sem(values))
    assert (low, high) == pytest.approx(expected, abs=0.001)


def test_a_tail_of_which_one_document_was_drawn_proves_no_high_floor() -> None:
    scores = Scored(np.r_[np.ones(49), 0.9], np.arange(50))
    found = judge_floor(scores, 0.99, 0.05)
    assert found.outcome is Outcome.INCONCLUSIVE
    assert found.test == "t and Gaffke's bound"
    assert found.p > 0.05


def test_a_high_gain_over_a_base_of_zeros_is_not_proven_by_few() -> None:
    pairs = Pairs(np.zeros(50), np.r_[np.ones(49), 0.9], np.arange(50))
    assert judge_gain(pairs, 0.98, 0.05).outcome is Outcome.INCONCLUSIVE
    assert judge_gain(pairs, 0.85, 0.05).outcome is Outcome.PASS


def test_scores_beyond_one_are_judged_by_t() -> None:
    assert judge_floor(Scored(np.arange(1.0, 41.0), np.arange(40)), 10.0, 0.05).test == "t"
