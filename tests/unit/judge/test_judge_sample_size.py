"""Sample sizes of the forgetting guard: the published table, and simulation with the gate's own test."""

import numpy as np
import pytest

from tunegate.gate.trials import draw_pairs
from tunegate.judge.finding import tail
from tunegate.judge.retention import Retention
from tunegate.judge.sample_size import Level, documents_for


def binary(mean: float) -> Level:
    return Level(mean, mean * (1 - mean))


@pytest.mark.parametrize(
    ("mean", "needed"), [(0.30, (1320, 2625, 5236)), (0.60, (331, 657, 1310)), (0.85, (164, 327, 652))]
)
def test_the_table_of_one_task(mean: float, needed: tuple[int, ...]) -> None:
    """The figures of the design's research: Nam and Blackwelder's variance at no change, 80 % power, 5 %."""
    assert tuple(documents_for([binary(mean)], churn, 0.05, 0.05) for churn in (0.05, 0.10, 0.20)) == needed


@pytest.mark.parametrize("mean", [0.6, 0.85])
def test_so_many_documents_give_80_percent_power(mean: float) -> None:
    n, random = documents_for([binary(mean)], 0.10, 0.05, 0.05), np.random.default_rng(3)
    passed = 0
    for _ in range(1500):
        contrast = Retention(draw_pairs(n, mean, 1.0, flips=0.10, random=random)).at(0.95)
        passed += tail(contrast.statistic, contrast.freedom) <= 0.05
    assert passed / 1500 == pytest.approx(0.80, abs=0.035)


def test_several_tasks_together_need_fewer_each_and_families_more() -> None:
    one, five = documents_for([binary(0.6)], 0.1, 0.05, 0.05), documents_for([binary(0.6)] * 5, 0.1, 0.05, 0.05)
    assert five == pytest.approx(one / 5, abs=1)
    assert documents_for([Level(0.6, 0.24, 3.0)], 0.1, 0.05, 0.05) == pytest.approx(3 * one, abs=3)


def test_a_base_that_is_always_right_still_has_a_size() -> None:
    assert documents_for([Level(1.0, 0.0)], 0.1, 0.05, 0.05) > 100
