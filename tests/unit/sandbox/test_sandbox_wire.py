"""What passes between candidate and judge: plain values, exactly; anything else is refused, whatever the bytes."""

import math
from collections import Counter, OrderedDict, namedtuple
from enum import IntEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunegate.sandbox.inside.wire import MAX_DEPTH, NESTED, NotPlain, pack, unpack

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary()
KEYS = st.recursive(SCALARS, lambda inner: st.tuples(inner, inner) | st.frozensets(inner, max_size=3), max_leaves=4)
VALUES = st.recursive(
    SCALARS | st.frozensets(SCALARS) | st.sets(SCALARS),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)
Point = namedtuple("Point", "x y")  # noqa: PYI024 - as candidates write it


class Colour(IntEnum):
    RED = 3


class Yes(str):
    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0


def same(one: Any, other: Any) -> bool:
    """Equal, and of the same types all the way down; 0.0 is not -0.0."""
    return type(one) is type(other) and (repr(one) == repr(other) or one == other)


@given(VALUES)
def test_a_plain_value_comes_back_as_it_was(value: Any) -> None:
    assert same(unpack(pack(value)), value)


@pytest.mark.parametrize("value", [float("inf"), -float("inf"), -0.0, 1 << 5000, -(1 << 64), "\ud800", True, 1, 1.0])
def test_numbers_at_the_edge_and_broken_text_come_back(value: Any) -> None:
    assert same(unpack(pack(value)), value)
    assert math.isnan(unpack(pack(math.nan)))


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (Counter("aab"), {"a": 2, "b": 1}),
        (OrderedDict(x=1), {"x": 1}),
        (Point(1, 2), (1, 2)),
        (Colour.RED, 3),
        (Yes("no"), "no"),
    ],
)
def test_an_object_of_a_subclass_travels_as_its_base(value: Any, plain: Any) -> None:
    got = unpack(pack([value]))[0]
    assert (type(got), got) == (type(plain), plain)


@pytest.mark.parametrize("value", [object(), iter([1]), range(3), 1j, len, int, (x for x in [1]), bytearray(b"x")])
def test_what_is_not_plain_is_refused(value: Any) -> None:
    with pytest.raises(NotPlain, match="a value of type"):
        pack([value])


def test_deep_nesting_and_cycles_are_refused_and_a_test_may_wrap_the_deepest_answer() -> None:
    value: list[Any] = []
    for _ in range(MAX_DEPTH):
        value = [value]
    assert unpack(pack(value)) == value
    assert unpack(pack([[value]], NESTED), NESTED) == [[value]]
    cycle: list[Any] = []
    cycle.append(cycle)
    for deep in ([value], cycle):
        with pytest.raises(NotPlain, match="nested deeper"):
            pack(deep)
    with pytest.raises(NotPlain, match="nested deeper"):
        unpack(b"l\0\0\0\1" * 10_000)


@given(st.binary() | VALUES.map(pack).flatmap(lambda content: st.binary(max_size=4).map(lambda end: content + end)))
def test_any_bytes_are_a_plain_value_or_refused(content: bytes) -> None:
    try:
        value = unpack(content)
    except NotPlain:
        return
    assert pack(value) is not None


def test_a_key_that_cannot_be_one_and_a_length_that_is_not_there_are_refused() -> None:
    for content in (b"d\0\0\0\1l\0\0\0\0N", b"l\xff\xff\xff\xffN", b"s\0\0\0\1\xff", b"", b"NN", b"x\0\0\0\0"):
        with pytest.raises(NotPlain):
            unpack(content)
