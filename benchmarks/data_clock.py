"""What all sides of the benchmark of data share: the texts, the settings, and the clock."""

import json
import resource
import time
from collections.abc import Callable
from pathlib import Path

BANDS, ROWS, SHINGLE, LEAST = 20, 6, 3, 0.8


def turns_of(path: Path) -> list[tuple[str, str]]:
    """Prompt and answer of each row."""
    with path.open(encoding="utf-8") as stream:
        rows = (json.loads(line)["messages"] for line in stream)
        return [(prompt["content"], answer["content"]) for prompt, answer in rows]


def texts_of(path: Path) -> list[str]:
    """Prompt and answer of each row as one text."""
    return ["\n".join(turns) for turns in turns_of(path)]


def clocked(drop: Callable[[], list[int]], out: Path) -> None:
    """Write to `out` which rows are dropped, and what that took, child processes included."""
    began, used = time.monotonic(), _cpu()
    dropped = sorted(drop())
    found = {"seconds": time.monotonic() - began, "cpu": _cpu() - used, "dropped": dropped}
    out.write_text(json.dumps(found), encoding="utf-8")


def _cpu() -> float:
    uses = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(use.ru_utime + use.ru_stime for use in uses)
