"""Run a command and say what it took; a table to print and to keep."""

import os
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"


class Cost(NamedTuple):
    """Wall-clock seconds and peak resident memory (MiB, of the largest process)."""

    seconds: float
    peak_mib: int


def measure(command: Sequence[str], folder: Path = ROOT) -> Cost:
    """Run to its end, output thrown away.

    Raises:
        SystemExit: the command failed; its last lines are shown.
    """
    began = time.monotonic()
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        assert process.stdout
        said = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)}: exit {process.returncode}\n{said.decode()[-2000:]}")
    return Cost(time.monotonic() - began, used.ru_maxrss // 1024)


def publish(name: str, title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print the table and write it to benchmarks/results/NAME.md."""
    lines = [
        f"{title}. {os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}.",
        "",
        f"| {' | '.join(header)} |",
        f"|{'|'.join(['---', *['---:'] * (len(header) - 1)])}|",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))
