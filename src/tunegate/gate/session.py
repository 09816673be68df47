"""What became of each gate in a pytest session, and whether any was left out; reports of xdist count, too."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tunegate.core.files import write_json
from tunegate.records.verdict import Outcome, Verdict

RUN = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED)


class GateSession:
    """Collects the reports of gates: registered as a plugin of the session that prints, not of xdist's workers."""

    def __init__(self, verdict: Verdict) -> None:
        """For one verdict."""
        self.verdict = verdict
        self.calls: Counter[str] = Counter()
        self.tests: dict[str, dict[str, Any]] = {}
        self.faults: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """One phase of one test."""
        properties = dict(report.user_properties)
        if "gate" not in properties:
            return
        name = str(properties["gate"])
        if report.skipped or hasattr(report, "wasxfail"):
            self._fault(f"{name} was skipped or expected to fail: a gate is neither")
        if str(report.outcome) == "rerun":  # of pytest-rerunfailures
            self._fault(f"{name} was run again: a gate is decided once")
        if report.when == "call":
            self.calls[report.nodeid] += 1
            if self.calls[report.nodeid] > 1:
                self._fault(f"{name} was run again: a gate is decided once")
        if report.when == "call" or report.outcome != "passed":
            self.tests[report.nodeid] = {**properties, "test": report.nodeid, "result": report.outcome}

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say why the session is an error."""
        if self.faults:
            terminalreporter.section("gates in error", red=True)
            for fault in self.faults:
                terminalreporter.line(fault, red=True)

    def finish(self, exitstatus: int, report: Path | None) -> int:
        """The exit code: pytest's own, or 3 where a gate was left out or not decided once."""
        run = {str(test["gate"]) for nodeid, test in self.tests.items() if self.calls[nodeid]}
        missing = [gate.id for gate in self.verdict.gates if gate.id not in run]
        if missing and exitstatus in RUN:
            self._fault(f"{len(missing)} of {len(self.verdict.gates)} gates were not run: {', '.join(missing)}")
        if report is not None:
            write_json(report, self._report())
        return Outcome.ERROR.exit_code if self.faults else exitstatus

    def _fault(self, words: str) -> None:
        if words not in self.faults:
            self.faults.append(words)

    def _report(self) -> dict[str, Any]:
        return {
            "key": self.verdict.key,
            "verdict": str(Outcome.ERROR if self.faults else self.verdict.outcome),
            "declared": len(self.verdict.gates),
            "faults": self.faults,
            "tests": [self.tests[name] for name in sorted(self.tests)],
        }
