"""`tunegate sandbox check` and `tunegate sandbox run`."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from tunegate.core.errors import MachineError, UsageError
from tunegate.sandbox.engine import find_engine
from tunegate.sandbox.exploits import EXPLOITS, HONEST, PROBLEM, bait
from tunegate.sandbox.humaneval import Completion, read_completions, read_problems
from tunegate.sandbox.limits import Limits
from tunegate.sandbox.results import Result, digest, read_results, summary, write_results
from tunegate.sandbox.run import as_judged, run_candidates

ISOLATED = (
    "files      read-only: Python and its standard library; writable: /tmp, empty, of limited size; nothing else",
    "names      no user, home, environment variable, host name, device or /proc of this machine",
    "network    none; no sockets at all",
    "processes  a process namespace of its own; killed as a whole",
    "rights     no capability, no root, no new privileges, no new namespaces; a filter of system calls",
    "judging    the tests run in a second sandbox; only plain values pass between the two",
)


def _shown(results: Iterable[Result], total: int) -> Iterator[Result]:
    """Pass results on; on a terminal say how many there are."""
    show = sys.stderr.isatty() and not os.environ.get("CI")
    for count, result in enumerate(results, 1):
        if show:
            sys.stderr.write(f"\r\033[K{count} of {total} programs judged{chr(10) if count == total else ''}")
            sys.stderr.flush()
        yield result


def check(say: Callable[[str], None]) -> int:
    """Say what isolates candidates here, and try it on an honest program and on every built-in exploit.

    Returns:
        0; 1 if an exploit passed or the honest program did not.

    Raises:
        MachineError: there is no sandbox on this machine.
    """
    engine = find_engine()
    names = ["an honest program", *(exploit.name for exploit in EXPLOITS)]
    say(f"engine     {engine.name}")
    for line in ISOLATED:
        say(line)
    limits = Limits(seconds=2.0)
    with bait() as laid:
        programs = [HONEST, *(laid.lay(exploit.program) for exploit in EXPLOITS)]
        completions = [Completion(PROBLEM.task_id, n, program) for n, program in enumerate(programs)]
        found = as_judged({PROBLEM.task_id: PROBLEM}, completions, limits, engine=engine)
        results = sorted(_shown(found, len(completions)), key=lambda result: result.sample)
    wrong = [results[0].passed is False, *(result.passed for result in results[1:])]
    for name, result, fault in zip(names, results, wrong, strict=True):
        detail = f" ({result.detail})" if result.detail else ""
        say(f"{'FAULT' if fault else 'ok'}  {name}: {result.reason}{detail}")
    say(f"{sum(wrong)} faults" if any(wrong) else f"the honest program passed, {len(EXPLOITS)} exploits did not")
    return int(any(wrong))


def run(samples: Path, problems: Path, out: Path, ks: Sequence[int], limits: Limits) -> list[str]:
    """Judge a file of completions; each result is on disk when it is there, and a killed run goes on.

    Returns:
        lines for a person: pass@k for each k, and how completions ended.

    Raises:
        DataError, MachineError, UsageError: nothing is judged, or not all; what is judged stays in OUT.part.
    """
    if min(ks) < 1:
        raise UsageError("--k takes numbers from 1", next_step="ask for --k 1")
    tasks = read_problems(problems)
    completions = read_completions(samples, tasks)
    keys = [digest(tasks[one.task_id], one, limits) for one in completions]
    part = out.with_name(out.name + ".part")
    known = {**read_results(out), **read_results(part)}
    # The same text for the same problem is judged once.
    waiting = list({key: one for key, one in zip(keys, completions, strict=True) if key not in known}.values())
    part.parent.mkdir(parents=True, exist_ok=True)
    if waiting:
        with part.open("a", encoding="utf-8") as stream:
            stream.write("\n")  # a line that a kill cut off ends here
            for result in _shown(as_judged(tasks, waiting, limits), len(waiting)):
                stream.write(result.to_line())
                stream.flush()
                known[result.judged] = result
    results = [
        known[key].model_copy(update={"task_id": one.task_id, "sample": one.sample})
        for one, key in zip(completions, keys, strict=True)
    ]
    write_results(out, results)
    part.unlink(missing_ok=True)
    return summary(results, tasks, ks)


def ready() -> None:
    """Refuse early where candidates cannot be run.

    Raises:
        MachineError: no sandbox, or an honest program does not pass in it.
    """
    (result,) = run_candidates({PROBLEM.task_id: PROBLEM}, [Completion(PROBLEM.task_id, 0, HONEST)], workers=1)
    if not result.passed:
        raise MachineError(
            f"the sandbox fails an honest program: {result.reason}", next_step="run `tunegate sandbox check`"
        )
