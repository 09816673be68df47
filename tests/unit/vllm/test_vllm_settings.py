"""Ranks that vLLM knows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunegate.core.errors import ReleaseRefused
from tunegate.vllm.settings import RANKS, smallest_rank


@given(st.integers(1, RANKS[-1]))
def test_the_smallest_rank_that_holds_the_adapter(rank: int) -> None:
    found = smallest_rank(rank)
    assert found in RANKS
    assert found >= rank
    assert all(other < rank for other in RANKS if other < found)


def test_beyond_the_largest_it_says_so() -> None:
    with pytest.raises(ReleaseRefused, match="up to rank 512"):
        smallest_rank(513)
