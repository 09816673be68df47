"""One case a gate of the verdict; see conftest.py for how to run it."""

from collections.abc import Callable

import pytest

from tunegate.records.verdict import GateResult, Outcome


def test_gate(gate: GateResult, record_property: Callable[[str, object], None]) -> None:
    for name, value in gate.model_dump(mode="json", exclude_none=True).items():
        record_property(name, value)
    if gate.decides and not gate.waived and gate.outcome is not Outcome.PASS:
        pytest.fail(f"{gate.id} {gate.outcome}: {gate.reason}", pytrace=False)
