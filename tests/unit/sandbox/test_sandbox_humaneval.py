"""HumanEval's files: read as published; what is wrong is named by line, all at once."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tunegate.core.errors import DataError, UsageError
from tunegate.sandbox.estimate import pass_at_k
from tunegate.sandbox.exploits import PROBLEM
from tunegate.sandbox.humaneval import Completion, read_completions, read_problems
from tunegate.sandbox.limits import Limits
from tunegate.sandbox.results import Result, digest, per_problem, read_results, summary, write_results

GOOD = {**PROBLEM.model_dump(), "canonical_solution": "    return a + b\n"}


def lines(path: Path, *rows: Any) -> Path:
    text = "".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def result(task: str, sample: int, *, passed: bool) -> Result:
    reason: Any = "passed" if passed else "timeout"
    return Result(task_id=task, sample=sample, passed=passed, reason=reason, judged=f"{task}{sample}")


@pytest.mark.parametrize("name", ["p.jsonl", "p.jsonl.gz"])
def test_problems_and_completions_plain_or_packed(tmp_path: Path, name: str) -> None:
    problems = read_problems(lines(tmp_path / name, GOOD, "", {**GOOD, "task_id": "second"}))
    assert list(problems) == ["exploit", "second"]
    rows = [{"task_id": task, "completion": f"{n}"} for n, task in enumerate(["second", "exploit", "second"])]
    assert read_completions(lines(tmp_path / f"s-{name}", *rows), problems) == [
        Completion("second", 0, "0"),
        Completion("exploit", 0, "1"),
        Completion("second", 1, "2"),
    ]


def test_all_faults_of_a_file_are_said_with_their_lines(tmp_path: Path) -> None:
    bad = [
        "{",
        {"task_id": "x"},
        GOOD,
        GOOD,
        {**GOOD, "task_id": "t", "test": "def check(:"},
        {**GOOD, "task_id": "u", "test": "x = 1"},
        {**GOOD, "task_id": "v", "entry_point": "a b"},
    ]
    with pytest.raises(DataError) as raised:
        read_problems(lines(tmp_path / "p.jsonl", *bad))
    for words in ("6 faults", "p.jsonl:1: not JSON", "p.jsonl:2: prompt", "p.jsonl:4: exploit stands twice",
                  "p.jsonl:5: test: Value error, no Python", "no function check", "no name of a function"):  # fmt: skip
        assert words in raised.value.message
    with pytest.raises(DataError, match=r"s\.jsonl:1: no problem other"):
        read_completions(lines(tmp_path / "s.jsonl", {"task_id": "other", "completion": ""}), {"exploit": PROBLEM})


@pytest.mark.parametrize("content", [b"", b"\x1f\x8bnothing", b"\xff\xfe"])
def test_an_empty_or_broken_file_is_said(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "p.jsonl").write_bytes(content)
    with pytest.raises(DataError, match=r"p\.jsonl"):
        read_problems(tmp_path / "p.jsonl")
    with pytest.raises(DataError, match="no such file"):
        read_problems(tmp_path / "absent.jsonl")


def test_results_are_about_problem_text_and_limits() -> None:
    one = Completion("exploit", 0, "    return 1\n")
    base = digest(PROBLEM, one, Limits())
    assert base == digest(PROBLEM, one._replace(sample=3), Limits())
    others = (
        digest(PROBLEM, one._replace(text="    return 2\n"), Limits()),
        digest(PROBLEM.model_copy(update={"test": PROBLEM.test + "\n"}), one, Limits()),
        digest(PROBLEM, one, Limits(seconds=6.0)),
    )
    assert len({base, *others}) == 4


def test_a_line_that_a_kill_cut_off_does_not_count(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    write_results(path, [result("a", n, passed=True) for n in range(3)])
    path.write_bytes(path.read_bytes()[:-20])
    assert list(read_results(path)) == ["a0", "a1"]


def test_pass_at_k_is_the_mean_over_problems_and_refuses_too_few() -> None:
    results = [result("a", n, passed=n < 2) for n in range(5)] + [result("b", n, passed=False) for n in range(5)]
    assert per_problem(results, 2) == {"a": pass_at_k(5, 2, 2), "b": 0.0}
    said = summary(results, {"a": PROBLEM, "b": PROBLEM, "c": PROBLEM}, [1, 5])
    assert said == [
        "pass@1 0.2000 (2 problems)",
        "pass@5 0.5000 (2 problems)",
        "10 completions: 2 passed, 8 timeout",
        "1 of 3 problems have no completion and do not count above",
    ]
    with pytest.raises(UsageError, match="pass@6 needs 6 completions of each problem; a has 5"):
        per_problem(results, 6)
