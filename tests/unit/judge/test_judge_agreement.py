"""Krippendorff's alpha against published examples, an independent package and the definition by brute force."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunegate.judge.agreement import Level, agreement

# K. Krippendorff, Computing Alpha-Reliability (2011), example C: four observers, twelve units; 0 is missing.
PUBLISHED = (
    (1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0),
    (1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3),
    (0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0),
    (1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0),
)
VALUES = (1, 2, 3, 4, 5)
UNITS = [[column[rater] - 1 for rater in range(4) if column[rater]] for column in zip(*PUBLISHED, strict=True)]


@pytest.mark.parametrize(("level", "wanted"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_the_published_example(level: Level, wanted: float) -> None:
    found = agreement(UNITS, VALUES, level, 0.05)
    assert found.alpha == pytest.approx(wanted, abs=5e-4)
    assert found.units == 11  # the twelfth has one value
    assert found.interval is not None
    assert found.interval[0] < wanted < found.interval[1]


def test_two_observers_and_two_values() -> None:
    # Example A of the same paper: ten units, two observers, zeros and ones: 0.095.
    first, second = (0, 1, 0, 0, 0, 0, 0, 0, 1, 0), (1, 1, 1, 0, 0, 1, 0, 0, 0, 0)
    assert agreement(list(zip(first, second, strict=True)), (0, 1), "nominal", 0.05).alpha == pytest.approx(
        0.095, abs=5e-4
    )


ratings = st.lists(st.lists(st.integers(0, 2), min_size=0, max_size=4), min_size=2, max_size=15)


# Reference values: the package krippendorff 0.9.0 on these units (0 lose, 1 tie, 2 win), recorded once.
RECORDED = (
    ("20 212 11 0220 11 0010 1 1212 11 220", (0.252615845, -0.014254386, -0.011326861)),
    ("1212 22 1110 1 121 220 22 22 1110 1112 122 212", (0.174174174, 0.251658954, 0.215932914)),
    ("1221 1 000 11 22 21 22 020 2 21 0 2202 121 2212", (0.25170068, 0.233626588, 0.312714777)),
)


@pytest.mark.parametrize(("units", "wanted"), RECORDED)
def test_alpha_is_that_of_an_independent_package(units: str, wanted: tuple[float, float, float]) -> None:
    levels: tuple[Level, ...] = ("nominal", "ordinal", "interval")
    codes = [[int(code) for code in unit] for unit in units.split()]
    found = [agreement(codes, (0.0, 0.5, 1.0), level, 0.05).alpha for level in levels]
    assert found == pytest.approx(list(wanted), abs=1e-8)


@given(ratings)
def test_ordinal_distances_are_krippendorffs_sums_of_margins(units: list[list[int]]) -> None:
    kept = [codes for codes in units if len(codes) > 1]
    margins = [sum(codes.count(code) for codes in kept) for code in range(3)]

    def squared(low: int, high: int) -> float:
        low, high = min(low, high), max(low, high)
        return float(sum(margins[low : high + 1]) - (margins[low] + margins[high]) / 2) ** 2

    total = sum(margins)
    observed = sum(squared(a, b) / (len(codes) - 1) for codes in kept for a, b in itertools.permutations(codes, 2))
    expected = sum(margins[a] * margins[b] * squared(a, b) for a in range(3) for b in range(3) if a != b)
    found = agreement(units, (0.0, 0.5, 1.0), "ordinal", 0.05)
    if not expected:
        assert found.alpha is None
    else:
        assert found.alpha == pytest.approx(1 - observed * (total - 1) / expected, abs=1e-9)


@given(ratings)
def test_alpha_is_one_less_disagreement_seen_over_expected(units: list[list[int]]) -> None:
    values = (0.0, 0.5, 1.0)
    kept = [[values[code] for code in codes] for codes in units if len(codes) > 1]
    pool = [value for codes in kept for value in codes]
    observed = sum((a - b) ** 2 / (len(codes) - 1) for codes in kept for a, b in itertools.permutations(codes, 2))
    expected = sum((a - b) ** 2 for a, b in itertools.permutations(pool, 2))
    found = agreement(units, values, "interval", 0.05)
    if expected == 0:
        assert found.alpha is None
    else:
        wanted = 1 - (observed / len(pool)) / (expected / (len(pool) * (len(pool) - 1)))
        assert found.alpha == pytest.approx(wanted, abs=1e-9)


def test_all_equal_is_full_agreement_without_an_alpha() -> None:
    found = agreement([[2, 2]] * 20, (0.0, 0.5, 1.0), "ordinal", 0.05)
    assert (found.alpha, found.interval, found.units, found.agreed) == (None, None, 20, 1.0)
    assert agreement([[1], []], (0.0, 0.5, 1.0), "ordinal", 0.05).units == 0


def test_the_interval_covers_the_truth_and_is_the_same_each_time() -> None:
    # Two raters who see the truth (three values, equally often) with a chance of 0.8 and guess otherwise: alpha 0.64.
    dice, covered = np.random.default_rng(3), 0
    for _ in range(100):
        truth = dice.integers(0, 3, 150)
        seen = [np.where(dice.random(150) < 0.8, truth, dice.integers(0, 3, 150)) for _ in range(2)]
        units = np.array(seen).T.tolist()
        found = agreement(units, (0.0, 0.5, 1.0), "nominal", 0.05)
        assert found == agreement(units, (0.0, 0.5, 1.0), "nominal", 0.05)
        assert found.interval is not None
        covered += found.interval[0] <= 0.64 <= found.interval[1]
    assert 82 <= covered <= 97
