"""The texts behind the scores, where `build/outputs` has them: for people who look at a flip. They decide nothing.

So whatever is not as expected is left out: the page then shows the document's hash alone.
"""

from pathlib import Path
from typing import Any, NamedTuple

from tunegate.core.files import parse_json

LONGEST = 1200  # signs of one text


class Text(NamedTuple):
    """One document of the test split, and what base and candidate answered; empty where it is not known."""

    name: str = ""
    prompt: str = ""
    reference: str = ""
    before: str = ""
    after: str = ""


def read_texts(outputs: Path | None) -> dict[str, Text]:
    """By document hash, from `baseline/task.jsonl` and `candidate/task.jsonl` below `outputs`."""
    if outputs is None:
        return {}
    found: dict[str, Text] = {}
    for side, folder in (("before", "baseline"), ("after", "candidate")):
        for row in _rows(outputs / folder / "task.jsonl"):
            known = found.get(_text(row, "doc"), Text())
            named = {"name": _text(row, "id"), "prompt": _text(row, "prompt_text"), side: _text(row, "answer")}
            # The candidate's prompt comes last: it is the one without the examples of a prompted base.
            found[_text(row, "doc")] = known._replace(**named, reference=_text(row, "reference"))
    return found


def _rows(path: Path) -> list[dict[str, Any]]:
    try:
        lines = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    except (OSError, UnicodeDecodeError):
        return []
    rows = []
    for line in lines:
        try:
            row = parse_json(line)
        except ValueError:
            continue
        if isinstance(row, dict) and row.get("split") == "test":
            rows.append(row)
    return rows


def _text(row: dict[str, Any], name: str) -> str:
    value = row.get(name)
    if not isinstance(value, str):
        return ""
    return value if len(value) <= LONGEST else f"{value[:LONGEST]} ..."
