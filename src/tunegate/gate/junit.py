"""JUnit XML of the gates: pytest run over `evals/`, one case a gate; the same verdict gives the same bytes."""

import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from tunegate.core.errors import MachineError

# What differs from run to run: a DVC out that holds it would change without a reason.
VOLATILE = re.compile(r' (?:timestamp|hostname)="[^"]*"')
TIME = re.compile(r' time="[^"]*"')
JUDGED = (0, 1)  # all gates passed, some did not; anything else means that pytest itself failed


def junit(key: str, scores: Path, evals: Path, today: date) -> str:
    """Run `evals/` on the recorded scores of `key`; the XML text.

    Raises:
        MachineError: pytest could not run; its last lines are in the message.
    """
    with TemporaryDirectory() as folder:
        report = Path(folder) / "junit.xml"
        options = [
            "-p",
            "tunegate.gate.plugin",
            f"--gate-key={key}",
            f"--gate-scores={scores}",
            f"--gate-today={today.isoformat()}",
        ]
        command = [sys.executable, "-m", "pytest", str(evals / "test_gates.py"), *options, f"--junitxml={report}"]
        quiet = ["-q", "--tb=line", "-p", "no:cacheprovider", "-o", "junit_family=xunit2"]
        # Plugins that happen to be installed cost seconds and may change the report.
        environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""}
        done = subprocess.run([*command, *quiet], capture_output=True, text=True, check=False, env=environment)
        if done.returncode not in JUDGED or not report.exists():
            tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-5:])
            raise MachineError(f"pytest on {evals} ended with {done.returncode}:\n{tail}", next_step="repair evals/")
        return TIME.sub(' time="0"', VOLATILE.sub("", report.read_text(encoding="utf-8")))
