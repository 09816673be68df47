"""What all sides of the benchmark of data share: the texts, the settings, and the clock."""

import json
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
    """Write to `out` which rows are dropped, and the seconds that it took."""
    began = time.monotonic()
    dropped = sorted(drop())
    out.write_text(json.dumps({"seconds": time.monotonic() - began, "dropped": dropped}), encoding="utf-8")
