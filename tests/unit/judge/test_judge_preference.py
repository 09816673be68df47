"""What people prefer: the win rate against scipy and statsmodels, who counts, and when nothing is decided."""

import numpy as np
import pytest
import statsmodels.api as sm
from human_project import session
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.sandwich_covariance import cov_cluster_2groups

from tunegate.core.settings import Human
from tunegate.judge.ballots import gold_results, session_faults
from tunegate.judge.bias import fair_coin, length_lean, side_lean
from tunegate.judge.pairing import labelled
from tunegate.judge.preference import judge_preference, two_way_error
from tunegate.judge.superiority import exact_mcnemar
from tunegate.records.verdict import Outcome

POLICY = Human()
FREE = Human(min_pairs=1)


def pairs(won: int, tied: int, lost: int, *, doubles: int = 20) -> list[list[float]]:
    """Pairs that both raters see alike, the first `doubles` of each kind rated twice."""
    found: list[list[float]] = []
    for score, count in ((1.0, won), (0.5, tied), (0.0, lost)):
        found += [[score, score] if n < doubles else [score] for n in range(count)]
    return found


@pytest.mark.parametrize(("won", "lost", "wanted"), [(61, 39, 0.05), (115, 85, 0.05), (60, 40, 0.06)])
def test_decisive_wins_that_evaluation_md_names(won: int, lost: int, wanted: float) -> None:
    """61 of 100 or 115 of 200 are significant two-sided; 60 of 100 are not."""
    assert (fair_coin(won, won + lost) <= 0.05) == (wanted == 0.05)
    assert fair_coin(won, won + lost) == pytest.approx(stats.binomtest(won, won + lost).pvalue, rel=1e-9)


@given(st.integers(0, 300), st.integers(0, 300))
def test_the_sign_test_is_that_of_scipy(won: int, lost: int) -> None:
    if won + lost:
        one_sided = stats.binomtest(won, won + lost, alternative="greater").pvalue
        assert exact_mcnemar(won, lost) == pytest.approx(one_sided, rel=1e-6, abs=1e-12)
        assert fair_coin(won, won + lost) == pytest.approx(stats.binomtest(won, won + lost).pvalue, rel=1e-6, abs=1e-12)


def test_a_clear_win_passes_with_the_interval_of_a_t_test() -> None:
    found = judge_preference(session(pairs(90, 30, 30)), POLICY, 0.05)
    scores = np.array([1.0] * 90 + [0.5] * 30 + [0.0] * 30)
    low, high = stats.t.interval(0.9, 149, scores.mean(), stats.sem(scores))
    assert found.finding.outcome is Outcome.PASS
    assert found.finding.interval == pytest.approx((low, high), abs=1e-9)
    assert (found.won, found.lost, found.pairs) == (90, 30, 150)
    assert found.finding.effect == pytest.approx(0.7)
    assert found.finding.p == pytest.approx(stats.binomtest(90, 120, alternative="greater").pvalue, rel=1e-6)


def test_a_clear_loss_fails_and_what_lies_between_says_how_many_more() -> None:
    assert judge_preference(session(pairs(30, 30, 90)), POLICY, 0.05).finding.outcome is Outcome.FAIL
    found = judge_preference(session(pairs(65, 30, 55)), POLICY, 0.05).finding
    assert found.outcome is Outcome.INCONCLUSIVE
    assert found.needed is not None
    assert f"about {found.needed - 150} more pairs would decide" in found.reason


def test_the_number_of_pairs_named_gives_the_power_promised() -> None:
    found = judge_preference(session(pairs(62, 40, 48)), POLICY, 0.05).finding
    assert found.needed is not None
    dice, passed = np.random.default_rng(5), 0
    for _ in range(400):
        won, tied, lost = dice.multinomial(found.needed, [62 / 150, 40 / 150, 48 / 150])
        scores = np.array([1.0] * won + [0.5] * tied + [0.0] * lost)
        low = scores.mean() - stats.t.ppf(0.95, found.needed - 1) * stats.sem(scores)
        passed += low > 0.5 and exact_mcnemar(int(won), int(lost)) <= 0.05
    assert 0.72 <= passed / 400 <= 0.88


def test_families_widen_the_interval_as_statsmodels_does() -> None:
    dice = np.random.default_rng(7)
    scores = [float(value) for value in dice.choice([0.0, 0.5, 1.0], 30, p=[0.2, 0.2, 0.6]) for _ in range(4)]
    clusters = [f"f{n // 4}" for n in range(120)]
    found = judge_preference(session([[value] for value in scores], clusters=clusters), FREE, 0.05)
    fit = sm.OLS(scores, np.ones(120)).fit(cov_type="cluster", cov_kwds={"groups": labelled(clusters)})
    # statsmodels adds (n - 1) / (n - k) = 1 here; both use C / (C - 1).
    reach = stats.t.ppf(0.95, 29) * float(fit.bse[0])
    assert found.finding.interval == pytest.approx((np.mean(scores) - reach, np.mean(scores) + reach), abs=1e-9)


def test_two_way_clusters_against_statsmodels() -> None:
    dice = np.random.default_rng(11)
    families, raters = dice.integers(0, 25, 200), dice.integers(0, 12, 200)
    scores = (dice.random(200) + 0.3 * (raters % 3) + 0.2 * (families % 4)).astype(np.float64)
    fit = sm.OLS(scores, np.ones(200)).fit()
    both = cov_cluster_2groups(fit, families, raters)[0]
    found = two_way_error(
        scores, np.ones(200), labelled([str(f) for f in families]), labelled([str(r) for r in raters])
    )
    assert found == pytest.approx(float(np.sqrt(both[0, 0])), rel=1e-6)


def test_ten_raters_of_whom_some_are_partial_widen_the_interval() -> None:
    """Raters 1 to 5 always prefer the candidate, 6 to 10 never: pairs seem independent, raters are not."""
    given_ = [[1.0 if n % 10 < 5 else 0.0] for n in range(200)]
    one = session(given_)
    ballots = tuple(ballot.model_copy(update={"rater": f"r{n % 10 + 1}"}) for n, ballot in enumerate(one.ballots))
    by_ten = judge_preference(one.model_copy(update={"ballots": ballots}), FREE, 0.05).finding
    by_one = judge_preference(one, FREE, 0.05).finding
    assert by_ten.interval is not None
    assert by_one.interval is not None
    assert by_ten.interval[1] - by_ten.interval[0] > 3 * (by_one.interval[1] - by_one.interval[0])


def test_pairs_of_the_same_text_count_as_ties() -> None:
    found = judge_preference(session(pairs(60, 0, 40), same=100), POLICY, 0.05)
    assert found.pairs == 200
    assert found.finding.effect == pytest.approx(0.55)


def test_two_raters_of_one_pair_are_one_pair() -> None:
    found = judge_preference(session([[1.0, 0.0]] * 50 + [[1.0, 1.0]] * 60), POLICY, 0.05)
    assert (found.pairs, found.won, found.lost) == (110, 60, 0)
    assert found.finding.effect == pytest.approx(85 / 110)


@pytest.mark.parametrize(
    ("given_", "policy", "words"),
    [
        (pairs(50, 0, 10), POLICY, "60 pairs, the policy asks for 100"),
        (pairs(100, 0, 20, doubles=4), POLICY, "8 pairs were rated by two people"),
        ([[1.0, 0.0]] * 50 + [[0.0, 1.0]] * 10 + [[1.0]] * 100, POLICY, "the rubric is not usable"),
    ],
)
def test_what_makes_ballots_unusable(given_: list[list[float]], policy: Human, words: str) -> None:
    found = judge_preference(session(given_), policy, 0.05).finding
    assert found.outcome is Outcome.INCONCLUSIVE
    assert words in found.reason


def test_a_session_closed_early_never_passes() -> None:
    assert judge_preference(session(pairs(100, 0, 20), missing=5), POLICY, 0.05).finding.outcome is Outcome.PASS
    found = judge_preference(session(pairs(100, 0, 20), missing=20), POLICY, 0.05).finding
    assert found.outcome is Outcome.INCONCLUSIVE
    assert "closed with 20 ratings missing" in found.reason


def test_who_misses_more_than_a_third_of_gold_does_not_count() -> None:
    given_ = [[1.0, 0.0]] * 60 + [[1.0]] * 60 + pairs(20, 0, 0)
    both = session(given_, gold={"r1": [True] * 6, "r2": [True] * 4 + [False] * 2})
    assert judge_preference(both, FREE, 0.05).excluded == ()
    blind = session(given_, gold={"r1": [True] * 6, "r2": [True] * 3 + [False] * 3})
    found = judge_preference(blind, FREE, 0.05)
    assert found.excluded == ("r2",)
    assert (found.won, found.lost) == (140, 0)
    assert [(one.rater, one.seen, one.failed) for one in gold_results(blind)] == [("r1", 6, 0), ("r2", 6, 3)]


def test_nobody_left_to_count_is_inconclusive() -> None:
    found = judge_preference(session([[1.0]] * 120, gold={"r1": [False] * 4}), POLICY, 0.05)
    assert found.finding.outcome is Outcome.INCONCLUSIVE
    assert found.excluded == ("r1",)


def test_sides_and_lengths() -> None:
    one = session(pairs(100, 20, 40))
    assert (side_lean(one).hits, side_lean(one).n) == (sum(b.marks.overall == "a" for b in one.ballots), 180)
    lengths = length_lean(one)
    assert (lengths.longer.n, lengths.candidate, lengths.other) == (180, 70.0, 70.0)
    always_left = [ballot.model_copy(update={"marks": one.ballots[0].marks}) for ballot in one.ballots]
    assert side_lean(one.model_copy(update={"ballots": tuple(always_left)})).p < 1e-6


def test_an_edited_session_is_found_out() -> None:
    one = session(pairs(30, 0, 10), same=2, gold={"r1": [True] * 3})
    assert session_faults(one) == []
    twice = one.model_copy(update={"ballots": (*one.ballots, one.ballots[0])})
    assert "rated item p0 2 times" in session_faults(twice)[0]
    stray = one.model_copy(update={"ballots": (one.ballots[0].model_copy(update={"item": "s0"}), *one.ballots[1:])})
    assert "nobody was shown" in " ".join(session_faults(stray))
    fewer = one.model_copy(update={"ballots": one.ballots[5:]})
    assert "says that 0 ratings are missing" in session_faults(fewer)[0]
    sides = (*one.plan.sides, one.plan.sides[0])
    assert session_faults(one.model_copy(update={"plan": one.plan.model_copy(update={"sides": sides})})) != []


@given(st.lists(st.lists(st.sampled_from([0.0, 0.5, 1.0]), min_size=1, max_size=3), min_size=1, max_size=40))
def test_the_figures_always_make_sense(given_: list[list[float]]) -> None:
    found = judge_preference(session(given_), FREE, 0.05)
    assert 0 <= found.finding.effect <= 1
    assert 0 <= found.finding.p <= 1
    if found.finding.interval:
        assert found.finding.interval[0] - 1e-9 <= found.finding.effect <= found.finding.interval[1] + 1e-9
    mirrored = judge_preference(session([[1 - score for score in scores] for scores in given_]), FREE, 0.05)
    assert (mirrored.won, mirrored.lost) == (found.lost, found.won)
    assert mirrored.finding.effect == pytest.approx(1 - found.finding.effect)
