"""`tunegate sandbox ...`: programs that a model wrote."""

import argparse
from pathlib import Path

from tunegate.cli.parsing import Group, add, add_group


def add_sandbox(commands: Group) -> None:
    """Add the group."""
    group = add_group(commands, "sandbox", "run programs that a model wrote, and judge them")
    add(group, "check", "what isolates programs here; tries it on built-in exploits; exits with 1 if one wins",
         _sandbox_check)  # fmt: skip
    run = add(group, "run", "pass@k of completions in HumanEval's format; a killed run goes on", _sandbox_run)
    run.add_argument("samples", type=Path, metavar="SAMPLES", help="JSONL (or gzip) of task_id and completion")
    run.add_argument("problems", type=Path, metavar="PROBLEMS", help="JSONL (or gzip) of HumanEval's problems")
    run.add_argument("--k", type=int, nargs="+", default=[1], metavar="K", help="which pass@k (default: 1)")
    run.add_argument("--out", type=Path, default=Path("results.jsonl"), help="a line for each completion")
    run.add_argument("--seconds", type=float, default=5.0, help="the time of one completion (default: 5)")
    run.add_argument("--memory", type=int, default=512, metavar="MIB", help="the memory of one (default: 512)")


def _sandbox_check(args: argparse.Namespace) -> int:
    from tunegate.sandbox.command import check

    del args
    return check(print)


def _sandbox_run(args: argparse.Namespace) -> int:
    from tunegate.sandbox.command import run
    from tunegate.sandbox.limits import Limits

    limits = Limits(seconds=args.seconds, memory_mib=args.memory)
    print("\n".join(run(args.samples, args.problems, args.out, args.k, limits)))
    return 0
