"""What is kept of each completion: a line of JSON, whole or not counted; so a killed run goes on where it was."""

import hashlib
import statistics
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import astuple
from pathlib import Path
from typing import Literal, get_args

from pydantic import ValidationError

from tunegate.core.errors import UsageError
from tunegate.core.files import parse_json, write_text
from tunegate.records.base import Record
from tunegate.sandbox.estimate import pass_at_k
from tunegate.sandbox.humaneval import Completion, Problem
from tunegate.sandbox.inside.wire import pack
from tunegate.sandbox.limits import Limits

Reason = Literal[
    "passed", "wrong answer", "exception", "timeout", "too much output", "not plain data", "syntax error",
    "process ended", "memory",
]  # fmt: skip
REASONS = get_args(Reason)
VERSION = 1


class Result(Record):
    """How one completion ended.

    `judged` is the SHA-256 of problem, completion and limits: another text is another result. `reason` is "passed", or
    why not; `detail` names the line of the tests or the exception, for people.
    """

    task_id: str
    sample: int
    passed: bool
    reason: Reason
    detail: str = ""
    judged: str


def digest(problem: Problem, completion: Completion, limits: Limits) -> str:
    """What a result is about."""
    parts = [VERSION, problem.prompt, problem.entry_point, problem.test, completion.text, astuple(limits)]
    return hashlib.sha256(pack(parts)).hexdigest()


def read_results(path: Path) -> dict[str, Result]:
    """Results so far by `judged`; none where there is no file. Lines that are none (cut off by a kill) do not count."""
    found = {}
    if path.exists():
        for line in path.read_text(encoding="utf-8", errors="replace").split("\n"):
            try:
                result = Result.model_validate(parse_json(line))
            except (ValueError, ValidationError):
                continue
            found[result.judged] = result
    return found


def write_results(path: Path, results: Iterable[Result]) -> None:
    """Write all results, whole or not at all."""
    write_text(path, "".join(result.to_line() for result in results))


def per_problem(results: Iterable[Result], k: int) -> dict[str, float]:
    """pass@k of each problem, 0 to 1: the unit for a paired test and for a bootstrap over problems.

    Raises:
        UsageError: a problem has fewer than k completions.
    """
    tried: Counter[str] = Counter()
    passed: Counter[str] = Counter()
    for result in results:
        tried[result.task_id] += 1
        passed[result.task_id] += result.passed
    short = [task for task, n in tried.items() if n < k]
    if short:
        raise UsageError(
            f"pass@{k} needs {k} completions of each problem; {short[0]} has {tried[short[0]]} ({len(short)} such)",
            next_step="ask for a smaller k, or write more completions",
        )
    return {task: pass_at_k(n, passed[task], k) for task, n in tried.items()}


def summary(results: Iterable[Result], problems: Mapping[str, Problem], ks: Iterable[int]) -> list[str]:
    """What a person reads: pass@k over the problems that have completions, and how the completions ended."""
    results = list(results)
    lines = [
        f"pass@{k} {statistics.fmean(values.values()):.4f} ({len(values)} problems)"
        for k in ks
        for values in [per_problem(results, k)]
    ]
    reasons = Counter(result.reason for result in results)
    lines.append(f"{len(results)} completions: " + ", ".join(f"{reasons[r]} {r}" for r in REASONS if reasons[r]))
    missing = len(problems) - len({result.task_id for result in results})
    if missing:
        lines.append(f"{missing} of {len(problems)} problems have no completion and do not count above")
    return lines
