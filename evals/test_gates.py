"""One case a gate of the verdict; see conftest.py for how to run it."""

from collections.abc import Callable

from tunegate.records.verdict import GateResult


def test_gate(gate: GateResult, hold: Callable[[GateResult], None]) -> None:
    hold(gate)
