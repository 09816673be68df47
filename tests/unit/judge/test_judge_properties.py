"""Laws of the tests: nothing lost never fails, better is never worse off, odd data give defined results."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunegate.core.settings import Forgetting
from tunegate.judge.finding import Finding
from tunegate.judge.floors import judge_floor
from tunegate.judge.forgetting import ratio_interval, rule
from tunegate.judge.pairing import Floats, Pairs, Scored
from tunegate.judge.retention import Retention
from tunegate.judge.superiority import judge_gain
from tunegate.records.verdict import Outcome

ALPHA = 0.05
RANK = {Outcome.FAIL: 0, Outcome.INCONCLUSIVE: 1, Outcome.PASS: 2}
POLICIES = st.sampled_from([Forgetting(), Forgetting(policy="strict"), Forgetting(max_drop=0.2)])
SCORES = st.one_of(
    st.lists(st.sampled_from([0.0, 1.0]), min_size=1, max_size=40),
    st.lists(st.integers(0, 8).map(lambda part: part / 8), min_size=1, max_size=40),
)


def pairs(base: list[float], candidate: list[float], families: int) -> Pairs:
    return Pairs(np.array(base), np.array(candidate), np.arange(len(base)) % families)


def sound(finding: Finding) -> bool:
    numbers = [finding.effect, finding.p, *(finding.interval or ())]
    return all(math.isfinite(number) for number in numbers) and 0 <= finding.p <= 1


@given(SCORES, st.integers(1, 50), POLICIES)
def test_base_against_itself_never_fails_on_forgetting(base: list[float], families: int, policy: Forgetting) -> None:
    task = Retention(pairs(base, base, min(families, len(base))))
    ruling = rule([task, task, task], policy, ALPHA)
    assert Outcome.FAIL not in (ruling.macro, *ruling.tasks)


@given(SCORES, st.integers(1, 50))
def test_base_against_itself_is_no_gain_and_no_loss(base: list[float], families: int) -> None:
    found = judge_gain(pairs(base, base, min(families, len(base))), 0.0, ALPHA)
    assert found.outcome is Outcome.INCONCLUSIVE
    assert found.effect == 0.0


@given(st.data())
def test_every_result_is_finite(data: st.DataObject) -> None:
    base = data.draw(SCORES)
    candidate = data.draw(st.lists(st.sampled_from([0.0, 0.5, 1.0]), min_size=len(base), max_size=len(base)))
    families = data.draw(st.integers(1, len(base)))
    both = pairs(base, candidate, families)
    assert sound(judge_gain(both, data.draw(st.sampled_from([0.0, 0.1, 1.0])), ALPHA))
    assert sound(judge_floor(Scored(both.candidate, both.clusters), data.draw(st.sampled_from([0.0, 0.5, 1.0])), ALPHA))
    if sum(base) > 0:
        interval = ratio_interval([Retention(both)], ALPHA)
        assert interval is None or (0 <= interval[0] <= interval[1] and math.isfinite(interval[1]))
        ruling = rule([Retention(both)], Forgetting(), ALPHA)
        assert all(0 <= p <= 1 for p in (ruling.macro_p, *ruling.p, *ruling.p_adjusted))


@settings(max_examples=60)
@given(st.integers(5, 60), st.integers(0, 60), st.integers(0, 60), st.sampled_from([0.0, 0.1, 0.3]))
def test_more_hits_never_make_a_gain_worse(n: int, before: int, after: int, min_gain: float) -> None:
    """Nested hits: the candidate answers the first `after` documents, then one more."""
    before, after = min(before, n), min(after, n - 1)

    def found(hits: int) -> Finding:
        return judge_gain(Pairs(first(n, before), first(n, hits), np.arange(n)), min_gain, ALPHA)

    assert RANK[found(after + 1).outcome] >= RANK[found(after).outcome]


@given(st.integers(5, 60), st.integers(0, 60))
def test_more_hits_never_make_a_floor_worse(n: int, hits: int) -> None:
    hits = min(hits, n - 1)
    less, more = (judge_floor(Scored(first(n, count), np.arange(n)), 0.8, ALPHA) for count in (hits, hits + 1))
    assert RANK[more.outcome] >= RANK[less.outcome]


@given(st.integers(5, 60), st.integers(1, 60), st.integers(0, 60))
def test_more_hits_never_make_forgetting_worse(n: int, before: int, after: int) -> None:
    before, after = min(before, n), min(after, n - 1)
    less, more = (Retention(Pairs(first(n, before), first(n, hits), np.arange(n))) for hits in (after, after + 1))
    assert more.at(0.95).statistic >= less.at(0.95).statistic - 1e-9


def first(n: int, hits: int) -> Floats:
    return (np.arange(n) < hits).astype(float)


@pytest.mark.parametrize(("n", "outcome"), [(5, Outcome.INCONCLUSIVE), (51, Outcome.INCONCLUSIVE), (52, Outcome.PASS)])
def test_all_right_in_both_proves_retention_only_with_enough_documents(n: int, outcome: Outcome) -> None:
    task = Retention(Pairs(first(n, n), first(n, n), np.arange(n)))
    assert rule([task], Forgetting(), ALPHA).macro is outcome


@pytest.mark.parametrize(("n", "outcome"), [(28, Outcome.INCONCLUSIVE), (29, Outcome.PASS)])
def test_all_differences_equal_bound_what_is_unseen(n: int, outcome: Outcome) -> None:
    """All n documents gained: only the share of unseen losers, at most 1 - alpha^(1/n), is in doubt."""
    found = judge_gain(Pairs(first(n, 0), first(n, n), np.arange(n)), 0.8, ALPHA)
    assert found.interval is not None
    assert found.interval[0] == pytest.approx(1 - 2 * (1 - ALPHA ** (1 / n)))
    assert found.outcome is outcome


def test_small_binary_samples_need_the_exact_test_too() -> None:
    base, candidate = first(8, 0), first(8, 4)
    found = judge_gain(Pairs(base, candidate, np.arange(8)), 0.0, ALPHA)
    assert found.interval is not None
    assert found.interval[0] > 0
    assert found.p == pytest.approx(1 / 16)
    assert found.outcome is Outcome.INCONCLUSIVE
