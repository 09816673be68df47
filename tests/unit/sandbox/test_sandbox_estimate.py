"""pass@k by the formula of the paper: against all draws counted, and against published numbers."""

from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunegate.sandbox.estimate import pass_at_k


@pytest.mark.parametrize("n", range(1, 9))
def test_it_is_the_share_of_all_draws_of_k_in_which_one_passes(n: int) -> None:
    for c in range(n + 1):
        outcomes = [True] * c + [False] * (n - c)
        for k in range(1, n + 1):
            draws = [any(draw) for draw in combinations(outcomes, k)]
            assert pass_at_k(n, c, k) == pytest.approx(float(Fraction(sum(draws), len(draws))), abs=1e-12)


def test_published_numbers() -> None:
    """The example of Hugging Face's `code_eval`: one of two completions passes."""
    assert pass_at_k(2, 1, 1) == 0.5
    assert pass_at_k(2, 1, 2) == 1.0


@given(st.integers(1, 300).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n), st.integers(1, n))))
def test_it_is_a_probability_that_grows_with_k(case: tuple[int, int, int]) -> None:
    n, c, k = case
    assert 0.0 <= pass_at_k(n, c, k) <= 1.0
    assert pass_at_k(n, c, 1) == pytest.approx(c / n)
    assert k == n or pass_at_k(n, c, k) <= pass_at_k(n, c, k + 1) + 1e-12
    assert pass_at_k(n, 0, k) == 0.0
    assert pass_at_k(n, n, k) == 1.0


@pytest.mark.parametrize(("n", "c", "k"), [(4, 2, 5), (0, 0, 1), (3, 4, 1), (3, -1, 1), (3, 1, 0)])
def test_fewer_than_k_completions_have_no_estimate(n: int, c: int, k: int) -> None:
    with pytest.raises(ValueError, match="not defined"):
        pass_at_k(n, c, k)
