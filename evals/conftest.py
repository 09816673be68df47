"""Judges a model, not our code: one case a gate over recorded scores.

    pytest evals --gate-key triage [--gate-scores scores] [--gate-params params.yaml] [--gate-today 2026-12-31]

Nothing is skipped or xfailed: a gate that cannot be judged is an ERROR row, and its case fails. Options and fixtures
are those of tunegate.gate.plugin; gates of your own go into further files here (docs/how-the-gate-decides.md).
"""

import pytest

pytest_plugins = ("tunegate.gate.plugin",)


def pytest_sessionstart(session: pytest.Session) -> None:
    if not session.config.getoption("--gate-key"):
        message = "name the adapter to judge: --gate-key KEY"
        raise pytest.UsageError(message)
