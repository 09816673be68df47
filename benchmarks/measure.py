"""Run a command and say what it took; tables to print and to keep."""

import os
import platform
import pty
import select
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

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


class Watched(NamedTuple):
    """Of a process and its children: seconds, processor seconds, peak memory together (MiB), what was said when."""

    seconds: float
    cpu: float
    peak_mib: int
    said: list[tuple[float, str]]


def watch(command: Sequence[str], folder: Path = ROOT, environment: Mapping[str, str] | None = None) -> Watched:
    """Run to its end with a terminal as stderr, on which progress is shown.

    Memory that processes share counts once for each, so the peak is an upper bound.

    Raises:
        SystemExit: the command failed; its last lines are shown.
    """
    import psutil

    ours, theirs = pty.openpty()
    began, peak, said = time.monotonic(), 0, b""
    used: dict[int, float] = {}
    marks: list[tuple[float, str]] = []
    with subprocess.Popen(
        command, cwd=folder, stdout=theirs, stderr=theirs, env={**os.environ, **(environment or {})}
    ) as process:
        os.close(theirs)
        top = psutil.Process(process.pid)
        while process.poll() is None:
            with suppress(psutil.NoSuchProcess):
                peak = max(peak, sum(_resident(one, used) for one in (top, *top.children(recursive=True))))
            while select.select([ours], [], [], 0.1)[0]:
                piece = _read(ours)
                if not piece:
                    break
                said += piece
                marks.append((time.monotonic() - began, piece.decode("utf-8", "replace")))
    os.close(ours)
    if process.returncode:
        sys.exit(f"{' '.join(command)}: exit {process.returncode}\n{said.decode('utf-8', 'replace')[-2000:]}")
    return Watched(time.monotonic() - began, sum(used.values()), peak >> 20, marks)


def _resident(process: Any, used: dict[int, float]) -> int:
    """Bytes of memory; and note in `used` what the process has had of the processor so far."""
    import psutil

    with suppress(psutil.NoSuchProcess):
        used[process.pid] = sum(process.cpu_times()[:2])
        return int(process.memory_info().rss)
    return 0


def _read(terminal: int) -> bytes:
    with suppress(OSError):  # how a terminal says that nobody is there any more
        return os.read(terminal, 1 << 16)
    return b""


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """The lines of a Markdown table."""
    return [
        f"| {' | '.join(header)} |",
        f"|{'|'.join(['---', *['---:'] * (len(header) - 1)])}|",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]


def publish(name: str, title: str, header: Sequence[str], rows: Sequence[Sequence[str]], *more: str) -> None:
    """Print the table, and `more` lines after it, and write both to benchmarks/results/NAME.md."""
    lines = [
        f"{title}. {os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}.",
        "",
        *table(header, rows),
        *more,
    ]
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))
