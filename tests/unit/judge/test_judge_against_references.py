"""The statistics agree with statsmodels, scipy, a numerical optimum and the published numbers."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from tunegate.judge.finding import cluster_error
from tunegate.judge.floors import judge_floor
from tunegate.judge.forgetting import holm, needed, ratio_interval
from tunegate.judge.pairing import Pairs, Scored
from tunegate.judge.retention import Retention, nam_blackwelder_error
from tunegate.judge.superiority import exact_mcnemar, judge_gain

ALPHA = 0.05
COUNT = st.integers(0, 40)


def from_table(both: int, gained: int, lost: int, neither: int) -> Pairs:
    base = np.repeat([1.0, 0.0, 1.0, 0.0], [both, gained, lost, neither])
    candidate = np.repeat([1.0, 1.0, 0.0, 0.0], [both, gained, lost, neither])
    return Pairs(base, candidate, np.arange(len(base)))


def test_the_cluster_robust_error_is_that_of_statsmodels() -> None:
    random = np.random.default_rng(3)
    clusters = np.sort(random.permutation(np.arange(120) % 17))
    values = random.normal(size=120) + random.normal(size=17)[clusters]
    fitted = sm.OLS(values, np.ones(120)).fit(cov_type="cluster", cov_kwds={"groups": clusters})
    assert cluster_error(values, clusters) == pytest.approx(float(fitted.bse[0]), rel=1e-9)


def test_without_families_the_gain_is_the_paired_t_interval_of_scipy() -> None:
    random = np.random.default_rng(4)
    base = random.uniform(size=80)
    pairs = Pairs(base, base + random.normal(0.2, 0.3, 80), np.arange(80))
    finding = judge_gain(pairs, 0.1, ALPHA)
    theirs = stats.ttest_rel(pairs.candidate, pairs.base, alternative="greater").confidence_interval(0.95)
    assert finding.interval is not None
    assert finding.interval[0] == pytest.approx(theirs.low)
    assert finding.p == pytest.approx(stats.ttest_1samp(pairs.candidate - base, 0.1, alternative="greater").pvalue)


@given(COUNT, COUNT)
def test_exact_mcnemar_is_half_the_two_sided_p_of_statsmodels(better: int, worse: int) -> None:
    if better <= worse:
        assert exact_mcnemar(better, worse) >= 0.5
    else:
        theirs = float(mcnemar([[0, better], [worse, 0]], exact=True).pvalue)
        assert exact_mcnemar(better, worse) == pytest.approx(theirs / 2)


@settings(max_examples=15, deadline=None)  # theirs takes 40 ms a call
@given(st.lists(st.integers(0, 1000).map(lambda part: part / 1000), min_size=1, max_size=12))
def test_holm_is_that_of_statsmodels(values: list[float]) -> None:
    assert holm(values) == pytest.approx(list(multipletests(values, method="holm")[1]))


@given(st.integers(0, 60), st.integers(1, 60))
def test_a_floor_over_independent_zeros_and_ones_is_clopper_pearson(hits: int, misses: int) -> None:
    n = hits + misses + 1
    finding = judge_floor(Scored(np.repeat([1.0, 0.0], [hits, misses + 1]), np.arange(n)), 0.5, ALPHA)
    assert finding.interval == pytest.approx(proportion_confint(hits, n, alpha=2 * ALPHA, method="beta"))


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 40), COUNT, COUNT, COUNT, st.sampled_from([0.8, 0.9, 0.95]))
def test_the_score_error_is_that_of_the_numerical_optimum(
    both: int, gained: int, lost: int, neither: int, phi: float
) -> None:
    """Maximise the likelihood under p(candidate) = phi * p(base) by brute force; compare the variance."""
    table = (both, gained, lost, neither)
    n = sum(table)

    def cells(p10: float, p01: float) -> np.ndarray:
        p11 = (p10 - phi * p01) / (phi - 1)
        return np.array([p11, p10, p01, 1 - p11 - p10 - p01])

    def loss(free: np.ndarray) -> float:
        p = cells(*free)
        if (p < -1e-9).any():
            return 1e9 - 1e9 * float(p.min())
        return -float(np.sum(np.array(table) * np.log(np.clip(p, 1e-12, 1))))

    found = min(
        (
            optimize.minimize(loss, cells_start(s, phi), method="Nelder-Mead", options={"xatol": 1e-10, "fatol": 1e-12})
            for s in (0.1, 0.4, 0.8)
        ),
        key=lambda result: float(result.fun),
    )
    p10, p01 = found.x
    theirs = np.sqrt(max(0.0, phi * (p10 + p01)) / n)
    assert nam_blackwelder_error(table, phi) == pytest.approx(theirs, abs=2e-3)


def cells_start(share: float, phi: float) -> np.ndarray:
    """A feasible point: `share` of the largest base score, some of it lost and a little gained."""
    lost = share * 0.5
    return np.array([phi * lost - (1 - phi) * share * 0.3, lost])


@pytest.mark.parametrize(("base", "flips", "published"), [(0.3, 0.1, 2625), (0.6, 0.1, 657), (0.85, 0.2, 652)])
def test_the_sample_size_is_that_of_the_published_table(base: float, flips: float, published: int) -> None:
    n = 20_000
    half = round(n * flips / 2)
    both = round(n * base) - half
    task = Retention(from_table(both, half, half, n - both - 2 * half))
    found = needed([task], 0.05, ALPHA)
    assert found is not None
    assert found == pytest.approx(published, rel=0.08)  # ours takes the variance under H0, a little more


def test_the_interval_of_the_retained_share_is_where_the_test_turns() -> None:
    task = Retention(from_table(300, 20, 40, 140))
    interval = ratio_interval([task], ALPHA)
    assert interval is not None
    assert [task.at(phi).statistic for phi in interval] == pytest.approx([1.645, -1.645], abs=1e-3)
    assert interval[0] < 320 / 340 < interval[1]
