"""What the gate could prove: against statsmodels, and against the gate itself on simulated candidates."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.power import TTestPower

from tunegate.judge.pairing import Pairs, Scored
from tunegate.judge.power import Plan, needed_for, noncentrality, plan, smallest_gain
from tunegate.judge.superiority import judge_gain
from tunegate.records.verdict import Outcome

TRIALS = 1500


def scores(values: list[float], families: int | None = None) -> Scored:
    return Scored(np.array(values), np.arange(len(values)) % (families or len(values)))


def shares(n: int, share: float, families: int | None = None) -> Scored:
    """`n` zeros and ones, `share` of them ones, spread evenly over the families."""
    order = np.random.default_rng(0).permutation(n)
    return scores((order < round(n * share)).astype(float).tolist(), families)


@pytest.mark.parametrize("n", [2, 3, 10, 40, 320, 5000])
@pytest.mark.parametrize("alpha", [0.01, 0.05, 0.2])
def test_the_noncentrality_is_that_of_statsmodels(n: int, alpha: float) -> None:
    effect = TTestPower().solve_power(nobs=n, alpha=alpha, power=0.8, alternative="larger")
    assert noncentrality(alpha, n - 1) == pytest.approx(effect * math.sqrt(n), rel=1e-4)


@pytest.mark.parametrize("n", [50, 320])
def test_the_smallest_gain_has_the_power_that_statsmodels_finds_at_its_spread(n: int) -> None:
    planned = plan(shares(n, 0.3), shares(n, 0.3), 0.05)
    gain = smallest_gain(planned, 0.1)
    assert gain is not None
    spread = math.sqrt(0.3 * 0.7 + (0.3 + gain) * (0.7 - gain))
    power = TTestPower().power((gain - 0.1) / spread, nobs=n, alpha=0.05, alternative="larger")
    assert power == pytest.approx(0.8, abs=0.01)  # the base's variance has n - 1 below it, the formula above none


@pytest.mark.parametrize(("n", "families", "base", "min_gain"), [(320, 320, 0.3, 0.1), (200, 200, 0.6, 0.0),
                                                                 (400, 50, 0.3, 0.1)])  # fmt: skip
def test_the_gate_passes_four_of_five_candidates_at_the_smallest_gain(
    n: int, families: int, base: float, min_gain: float
) -> None:
    planned = plan(shares(2000, base), shares(n, base, families), 0.05)._replace(design=1.0)
    gain = smallest_gain(planned, min_gain)
    assert gain is not None
    random = np.random.default_rng(7)
    labels = np.arange(n) % families
    passed = 0
    for _ in range(TRIALS):
        before, after = (random.random(n) < base).astype(float), (random.random(n) < base + gain).astype(float)
        passed += judge_gain(Pairs(before, after, labels), min_gain, 0.05).outcome is Outcome.PASS
    assert 0.75 < passed / TRIALS < 0.86


def test_families_whose_documents_go_together_count_less() -> None:
    together = scores([1.0, 1.0, 0.0, 0.0] * 80)
    families = Scored(together.values, np.repeat(np.arange(160), 2))
    test = Scored(np.zeros(320), np.repeat(np.arange(40), 8))
    assert plan(families, test, 0.05).design == pytest.approx(8.0)
    apart = Scored(np.tile([1.0, 0.0], 160), np.repeat(np.arange(160), 2))
    assert plan(apart, test, 0.05).design == pytest.approx(1.0, abs=0.2)


def test_where_the_base_never_hits_a_family_counts_as_one_document() -> None:
    test = Scored(np.zeros(320), np.arange(320) % 40)
    planned = plan(test, test, 0.05)
    assert planned.design == pytest.approx(8.0)
    assert smallest_gain(planned, 0.1) == pytest.approx(
        smallest_gain(Plan(40, 40, 0.0, 0.0, 1.0, 0.05), 0.1) or math.nan, abs=1e-9
    )


def test_one_family_or_no_room_proves_nothing() -> None:
    assert smallest_gain(plan(shares(100, 0.3), shares(100, 0.3, 1), 0.05), 0.0) is None
    assert smallest_gain(plan(shares(100, 0.95), shares(100, 0.95), 0.05), 0.1) is None
    assert smallest_gain(plan(shares(5, 0.4), shares(5, 0.4), 0.05), 0.1) is None


def test_the_documents_that_are_needed_make_the_wanted_gain_the_smallest() -> None:
    planned = plan(shares(100, 0.5), shares(100, 0.5), 0.05)
    needed = needed_for(planned, 0.1, 0.2)
    assert needed is not None
    assert smallest_gain(planned._replace(documents=needed, families=needed), 0.1) == pytest.approx(0.2, abs=0.002)


PLANS = st.builds(
    lambda families, size, hits, design, alpha: Plan(families * size, families, hits, hits * (1 - hits), design, alpha),
    st.integers(2, 3000), st.integers(1, 20), st.floats(0, 1), st.floats(1, 20), st.sampled_from([0.01, 0.05, 0.1]),
)  # fmt: skip


@given(PLANS, st.floats(0, 0.5), st.integers(2, 5))
def test_more_documents_never_prove_less(planned: Plan, min_gain: float, times: int) -> None:
    gain = smallest_gain(planned, min_gain)
    more = planned._replace(documents=planned.documents * times, families=planned.families * times)
    better = smallest_gain(more, min_gain)
    if gain is None:
        return
    assert min_gain <= gain <= 1 - planned.base
    assert better is not None
    assert better <= gain + 1e-12
