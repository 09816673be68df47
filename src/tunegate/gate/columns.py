"""The verdict as a few numbers for `dvc metrics` and the columns of `dvc exp show`."""

from typing import Any

from tunegate.records.verdict import GateResult, Verdict


def metrics(verdict: Verdict) -> dict[str, dict[str, Any]]:
    """Nested under the adapter's key, or `dvc exp show` prefixes the columns with the file's path."""
    columns: dict[str, Any] = {"verdict": str(verdict.outcome)}
    for gate in verdict.gates:
        columns.update({name: round(value, 4) for name, value in _numbers(gate).items() if value is not None})
    return {verdict.key: columns}


def _numbers(gate: GateResult) -> dict[str, float | None]:
    if gate.kind == "superiority":
        return {gate.metric: gate.candidate, f"{gate.metric}_gain": gate.effect}
    if gate.id == "human/overall":
        return {"human_win_rate": gate.candidate}
    if gate.kind == "floor":
        return {gate.metric: gate.candidate}
    if gate.id == "forgetting/macro":
        retained = None if gate.effect is None else 1 + gate.effect
        return {"general": gate.candidate, "retained": retained}
    return {}
