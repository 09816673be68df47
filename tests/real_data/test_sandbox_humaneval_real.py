"""HumanEval as published: its own solutions pass, all of them; made wrong, none does."""

import gzip
import json
import os
from pathlib import Path

import pytest
from code_mutants import off

from tunegate.sandbox.humaneval import Completion, read_problems
from tunegate.sandbox.limits import Limits
from tunegate.sandbox.run import run_candidates

pytestmark = [pytest.mark.real_data, pytest.mark.slow]


def judged(kind: str) -> tuple[int, list[tuple[str, str, str]]]:
    """How many completions there were, and of those that passed or not for being wrong: task, reason, detail."""
    path = Path(os.environ["TUNEGATE_REAL_DATA"]) / "humaneval.jsonl.gz"
    problems = read_problems(path)
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        right = {row["task_id"]: row["canonical_solution"] for row in map(json.loads, stream)}
    if kind == "off":
        right = {task: off(text, problems[task].entry_point) for task, text in right.items()}
    completions = [Completion(task, 0, "    return None\n" if kind == "none" else right[task]) for task in problems]
    results = run_candidates(problems, completions, Limits(seconds=20.0))
    return len(results), [(one.task_id, one.reason, one.detail) for one in results]


def test_all_164_canonical_solutions_pass() -> None:
    count, ends = judged("right")
    assert count == 164
    assert [end for end in ends if end[1] != "passed"] == []


@pytest.mark.parametrize("kind", ["off", "none"])
def test_of_164_solutions_made_wrong_none_passes_and_each_is_called_wrong(kind: str) -> None:
    count, ends = judged(kind)
    assert count == 164
    assert [end for end in ends if end[1] != "wrong answer"] == []
