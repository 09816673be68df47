"""One case a gate of the verdict; see conftest.py for how to run it."""

from collections.abc import Callable

from tunegate.records.verdict import GateResult, Outcome


def test_gate(gate: GateResult, record_property: Callable[[str, object], None]) -> None:
    for name, value in gate.model_dump(mode="json", exclude_none=True).items():
        record_property(name, value)
    informs = not gate.decides
    assert gate.outcome is Outcome.PASS or gate.waived or informs, f"{gate.id} {gate.outcome}: {gate.reason}"
