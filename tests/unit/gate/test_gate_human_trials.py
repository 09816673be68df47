"""A blind comparison at the limit passes no more often than alpha, a clear preference nearly always."""

import pytest

from tunegate.gate.human_trials import preference_trial
from tunegate.gate.simulate import shares
from tunegate.records.verdict import Outcome


@pytest.mark.parametrize("families", [False, True])
@pytest.mark.parametrize("ties", [0.0, 0.3])
def test_at_the_limit_and_far_from_it(ties: float, families: bool) -> None:  # noqa: FBT001 - a parameter
    limit = shares(preference_trial(0.5, ties, families=families), 120, 1000, seed=1)
    assert limit[Outcome.PASS] <= 0.07  # 0.05 and three standard errors
    assert limit[Outcome.FAIL] <= 0.07
    clear = shares(preference_trial(0.68, ties, families=families), 150, 200, seed=1)
    assert clear[Outcome.PASS] >= 0.95
    assert clear[Outcome.FAIL] == 0
