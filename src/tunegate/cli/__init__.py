"""What a person types: `tunegate ...`. No logic, and no import before the command is known: `--help` is instant."""

import argparse
from pathlib import Path
from typing import NoReturn

from tunegate import __version__
from tunegate.cli.ci import add_ci
from tunegate.cli.gate import add_gate
from tunegate.cli.human import add_human
from tunegate.cli.parsing import ROOT, Parser, add, add_measured
from tunegate.cli.release import add_release
from tunegate.cli.review import add_review
from tunegate.cli.sandbox import add_sandbox
from tunegate.cli.serve import add_serve
from tunegate.cli.trace import add_trace

PARAMS = Path("params.yaml")


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = Parser(prog="tunegate", description="Releases a fine-tuned LLM adapter only when the evidence says so.")
    top.add_argument("--version", action="version", version=f"tunegate {__version__}")
    top.add_argument("--params", type=Path, default=PARAMS, help="the settings (params.yaml)")
    commands = top.add_subparsers(title="commands", required=True, metavar="COMMAND")
    add(commands, "check", "check params.yaml and what it names: all faults at once", _check)
    add(commands, "data", "bring the data that datasets.dvc names", _data)
    synth = add(commands, "synth", "let a stronger model write variations of real rows, for people to review", _synth)
    synth.add_argument("key", metavar="KEY", help="the adapter, as params.yaml names it")
    synth.add_argument("--dry-run", action="store_true", help="show one request and what the whole would cost")
    advise = add(commands, "advise", "should this be fine-tuned at all? says why, with the numbers", _advise)
    advise.add_argument("keys", nargs="*", metavar="KEY", help="an adapter, as params.yaml names it")
    add_measured(advise)
    advise.add_argument("--json", action="store_true", help="the advice and its facts as JSON")
    add_trace(commands)
    add_review(commands)
    add_sandbox(commands)
    add_human(commands)
    add_release(commands)
    add_gate(commands)
    add_ci(commands)
    add_serve(commands)
    return top


def main() -> NoReturn:
    """Parse and run; errors of the family become one message and their exit code."""
    args = parser().parse_args()
    from tunegate.core.errors import run

    run(lambda: args.command(args))


def _check(args: argparse.Namespace) -> int:
    from tunegate.core.params import load_params
    from tunegate.gate.project import check_project

    params = load_params(args.params)
    check_project(args.params.parent, params)
    print(f"{args.params}: no faults; adapters: {', '.join(params.releases)}")
    return 0


def _data(args: argparse.Namespace) -> int:
    from tunegate.prepare.fetch import fetch_data

    del args
    print(fetch_data(ROOT))
    return 0


def _synth(args: argparse.Namespace) -> int:
    from tunegate.core.params import adapter_of, load_params
    from tunegate.synth.stage import dry_run, synth

    adapter = adapter_of(load_params(args.params), args.key)
    (dry_run if args.dry_run else synth)(ROOT, args.key, adapter, print)
    return 0


def _advise(args: argparse.Namespace) -> int:
    from tunegate.advise.report import report
    from tunegate.core.params import load_params

    report(args.keys, load_params(args.params), data=args.data, scores=args.scores, as_json=args.json)
    return 0
