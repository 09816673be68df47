"""Gates as pytest tests: a case a gate over recorded scores, fixtures for gates of your own, nothing skipped.

    pytest evals --gate-key triage [--gate-report report.json] [--gate-inconclusive warn] [-n 2]

Without `--gate-key` it does nothing and imports nothing: pytest loads it in every run of the environment that has it.
Gates are the tests that take a fixture of ours. One that is skipped, expected to fail or run twice, and fewer gates run
than the policy declares, end the session with exit code 3: no evidence is never a pass.
"""

import warnings
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from tunegate.core.settings import Gate
    from tunegate.gate.session import GateSession
    from tunegate.records.evidence import Evidence
    from tunegate.records.verdict import GateResult, Verdict

FIXTURES = {"gate", "hold", "verdict", "scores", "policy"}
NO_KEY = "name the adapter to judge: --gate-key KEY"


class Judged(NamedTuple):
    """What the fixtures give out, judged once a session (and once in each worker of xdist)."""

    verdict: "Verdict"
    policy: "Gate"
    session: "GateSession"


JUDGED = pytest.StashKey[Judged]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Our options; all of them wait for `--gate-key`."""
    group = parser.getgroup("gate", "judge a model by its recorded scores (tunegate)")
    group.addoption("--gate-key", help="the adapter to judge, as params.yaml names it")
    group.addoption("--gate-scores", type=Path, default=Path("scores"), help="the folder of recorded scores")
    group.addoption("--gate-params", type=Path, default=Path("params.yaml"), help="the settings")
    group.addoption("--gate-today", type=date.fromisoformat, help="the date that waivers are held against")
    group.addoption("--gate-report", type=Path, help="write what was run, and each result, as JSON")
    group.addoption(
        "--gate-inconclusive", choices=("fail", "warn"), default="fail", help="what an INCONCLUSIVE gate is"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Our marker; `-m "gate(kind='floor')"` shows a part, and ends with 3."""
    config.addinivalue_line("markers", "gate(kind): a gate of tunegate; kind is superiority, floor, probe, own, ...")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Judge before collecting: here a wrong option is a usage error (exit 4), later a failed collection."""
    if session.config.getoption("--gate-key"):
        session.config.stash[JUDGED] = _judge(session.config)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A case a gate for each test that takes `gate`."""
    if "gate" in metafunc.fixturenames and JUDGED in metafunc.config.stash:
        gates = metafunc.config.stash[JUDGED].verdict.gates
        cases = [pytest.param(gate, id=gate.id, marks=pytest.mark.gate(kind=gate.kind)) for gate in gates]
        metafunc.parametrize("gate", cases)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Each test that takes a fixture of ours is a gate, and says so in its report, also through xdist."""
    if JUDGED not in config.stash:
        return
    for item in items:
        marker = item.get_closest_marker("gate")
        if marker is None and not FIXTURES & set(getattr(item, "fixturenames", ())):
            continue
        if marker is None:
            item.add_marker(pytest.mark.gate(kind="own"))
        call = getattr(item, "callspec", None)
        found = call.params.get("gate") if call is not None else None
        item.user_properties.append(("gate", getattr(found, "id", item.nodeid)))


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """The last word: exit code 3 where something was left out; and the report."""
    config = session.config
    if JUDGED in config.stash and not hasattr(config, "workerinput") and not config.option.collectonly:
        session.exitstatus = config.stash[JUDGED].session.finish(exitstatus, config.getoption("--gate-report"))


@pytest.fixture(scope="session")
def verdict(pytestconfig: pytest.Config) -> "Verdict":
    """The whole verdict (tunegate.records.verdict)."""
    return _judged(pytestconfig).verdict


@pytest.fixture(scope="session")
def policy(pytestconfig: pytest.Config) -> "Gate":
    """`adapters.KEY.gate` of params.yaml."""
    return _judged(pytestconfig).policy


@pytest.fixture(scope="session")
def scores(pytestconfig: pytest.Config) -> "Evidence":
    """All score files (tunegate.records.evidence); where one cannot be read, the test fails and says so."""
    from tunegate.core.errors import EvidenceError
    from tunegate.records.evidence import load_evidence

    verdict = _judged(pytestconfig).verdict
    try:
        return load_evidence(pytestconfig.getoption("--gate-scores"), verdict.key, verdict.parent)
    except EvidenceError as fault:
        return pytest.fail(fault.message, pytrace=False)


@pytest.fixture
def hold(pytestconfig: pytest.Config, record_property: Callable[[str, object], None]) -> "Callable[[GateResult], None]":
    """`hold(gate)` records a gate's numbers in the report and fails the test where the gate fell short."""
    _judged(pytestconfig)

    def held(gate: "GateResult") -> None:
        for name, value in gate.model_dump(mode="json", exclude_none=True).items():
            record_property(name, value)
        if not gate.decides or gate.waived or gate.outcome == "PASS":
            return
        said = f"{gate.id} {gate.outcome}: {gate.reason}"
        if gate.outcome == "INCONCLUSIVE" and pytestconfig.getoption("--gate-inconclusive") == "warn":
            warnings.warn(pytest.PytestWarning(said), stacklevel=2)
        else:
            pytest.fail(said, pytrace=False)

    return held


def _judged(config: pytest.Config) -> Judged:
    if JUDGED not in config.stash:
        pytest.fail(NO_KEY, pytrace=False)
    return config.stash[JUDGED]


def _judge(config: pytest.Config) -> Judged:
    from tunegate.core.errors import TunegateError
    from tunegate.core.params import adapter_of, load_params
    from tunegate.gate.recorded import judge_recorded
    from tunegate.gate.session import GateSession

    key: str = config.getoption("--gate-key")
    try:
        params = load_params(config.getoption("--gate-params"))
        settings = adapter_of(params, key).gate
    except TunegateError as error:
        raise pytest.UsageError(f"{error.message}\nnext: {error.next_step}") from None
    today: date = config.getoption("--gate-today") or datetime.now(UTC).date()
    found = judge_recorded(key, config.getoption("--gate-scores"), settings, today, params.general.tasks)
    session = GateSession(found)
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(session, "tunegate.gate.session")
    return Judged(found, settings, session)
