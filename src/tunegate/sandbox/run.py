"""Many completions, several at once."""

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

from tunegate.sandbox.engine import Bubblewrap, find_engine
from tunegate.sandbox.humaneval import Completion, Problem
from tunegate.sandbox.limits import Limits
from tunegate.sandbox.pair import judge_one
from tunegate.sandbox.results import Result, digest


def _judge(engine: Bubblewrap, problem: Problem, completion: Completion, limits: Limits) -> Result:
    told = judge_one(engine, problem, completion, limits)
    return Result(
        task_id=completion.task_id,
        sample=completion.sample,
        passed=told.reason == "passed",
        reason=told.reason,
        detail=told.detail,
        judged=digest(problem, completion, limits),
    )


def as_judged(
    problems: Mapping[str, Problem],
    completions: Sequence[Completion],
    limits: Limits,
    *,
    engine: Bubblewrap | None = None,
    workers: int | None = None,
) -> Iterator[Result]:
    """Yield each result when it is there; as many at once as there are processors, or `workers`.

    Raises:
        MachineError: no sandbox, or one that failed: never a result. What was not begun is left.
        DataError: a problem that cannot be judged.
    """
    engine = engine or find_engine()
    # Threads, each waiting for two processes; bubblewrap's children die with the thread that started them.
    pool = ThreadPoolExecutor(workers or len(os.sched_getaffinity(0)))
    try:
        waiting = [pool.submit(_judge, engine, problems[one.task_id], one, limits) for one in completions]
        for done in as_completed(waiting):
            yield done.result()
    finally:
        pool.shutdown(cancel_futures=True)


def run_candidates(
    problems: Mapping[str, Problem],
    completions: Sequence[Completion],
    limits: Limits | None = None,
    *,
    engine: Bubblewrap | None = None,
    workers: int | None = None,
) -> list[Result]:
    """Judge completions; results in the order of `completions`.

    Raises:
        MachineError, DataError: as `as_judged`.
    """
    found = as_judged(problems, completions, limits or Limits(), engine=engine, workers=workers)
    by_place = {(result.task_id, result.sample): result for result in found}
    return [by_place[one.task_id, one.sample] for one in completions]
