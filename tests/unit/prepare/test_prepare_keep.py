"""Which of several duplicates stays: never two that are a pair, never none of a cluster."""

from hypothesis import given
from hypothesis import strategies as st

from tunegate.prepare.keep import clusters, drop
from tunegate.prepare.near import Pair

PAIRS = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda two: two[0] < two[1]), max_size=20, unique=True
).map(lambda found: [Pair(one, other, 0.9) for one, other in found])


@given(pairs=PAIRS, order=st.permutations(range(10)))
def test_what_stays_is_no_pair_and_what_goes_is_near_what_stays(pairs: list[Pair], order: list[int]) -> None:
    gone = {one.row: one.kept for one in drop(pairs, order)}
    near = {frozenset(pair[:2]) for pair in pairs}
    assert all({row, kept} in near and kept not in gone for row, kept in gone.items())
    assert not any(pair <= set(order) - set(gone) for pair in near)
    assert all(order.index(kept) < order.index(row) for row, kept in gone.items())


@given(pairs=PAIRS)
def test_the_order_of_pairs_changes_nothing(pairs: list[Pair]) -> None:
    mixed = pairs[1::2] + pairs[::2][::-1]
    assert drop(pairs, range(10)) == drop(mixed, range(10))
    assert clusters(pairs) == clusters(mixed)


def test_a_chain_is_not_thrown_away_as_a_whole() -> None:
    chain = [Pair(0, 1, 0.9), Pair(1, 2, 0.9), Pair(2, 3, 0.9)]
    assert [one.row for one in drop(chain, range(4))] == [1, 3]
    assert clusters(chain) == [[0, 1, 2, 3]]
