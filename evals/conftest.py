"""Judges a model, not our code: one case a gate over recorded scores.

    pytest evals --gate-key triage [--gate-scores scores] [--gate-params params.yaml] [--gate-today 2026-12-31]

Nothing is skipped or xfailed: a gate that cannot be judged is an ERROR row, and its case fails.
"""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tunegate.core.errors import TunegateError
from tunegate.core.params import adapter_of, load_params
from tunegate.gate.recorded import judge_recorded
from tunegate.records.verdict import GateResult

GATES = pytest.StashKey[tuple[GateResult, ...]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("gate")
    group.addoption("--gate-key", help="the adapter to judge, as params.yaml names it")
    group.addoption("--gate-scores", type=Path, default=Path("scores"), help="the folder of recorded scores")
    group.addoption("--gate-params", type=Path, default=Path("params.yaml"), help="the settings")
    group.addoption("--gate-today", type=date.fromisoformat, help="the date that waivers are held against")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Judge before collecting: here a wrong option is a usage error (exit 4), later a failed collection."""
    session.config.stash[GATES] = _judged(session.config)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "gate" in metafunc.fixturenames:
        gates = metafunc.config.stash[GATES]
        metafunc.parametrize("gate", gates, ids=[gate.id for gate in gates])


def _judged(config: pytest.Config) -> tuple[GateResult, ...]:
    key: str | None = config.getoption("--gate-key")
    if not key:
        raise pytest.UsageError("name the adapter to judge: --gate-key KEY")
    try:
        policy = adapter_of(load_params(config.getoption("--gate-params")), key).gate
    except TunegateError as error:
        raise pytest.UsageError(f"{error.message}\nnext: {error.next_step}") from None
    today: date = config.getoption("--gate-today") or datetime.now(UTC).date()
    return judge_recorded(key, config.getoption("--gate-scores"), policy, today).gates
