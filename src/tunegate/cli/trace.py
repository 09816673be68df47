"""`tunegate trace ...`: a row in splits, runs and releases."""

import argparse

from tunegate.cli.parsing import ROOT, Group, add


def add_trace(commands: Group) -> None:
    """Add the command."""
    text = "name the splits, runs and releases that contain a row; exits with 0 found, 1 nowhere, 2 not all searched"
    trace = add(commands, "trace", text, _trace)
    trace.add_argument("id", nargs="?", default="", metavar="ROW", help="the row's id")
    trace.add_argument("--contains", default="", metavar="TEXT", help="instead: all rows that contain this text")
    trace.add_argument("--row", default="", metavar="FILE:LINE", help="instead: the row at this place of datasets/KEY")
    trace.add_argument("--key", default="", metavar="KEY", help="of this adapter only; of all without it")
    trace.add_argument("--ignore-case", action="store_true", help="with --contains: whatever the case")
    trace.add_argument("--fetch", action="store_true", help="read from DVC's remote what is not in the cache")
    trace.add_argument("--json", action="store_true", help="all of it as JSON")


def _trace(args: argparse.Namespace) -> int:
    from tunegate.trace.ask import Ask
    from tunegate.trace.run import run

    ask = Ask(args.id, args.contains, args.row, key=args.key, ignore_case=args.ignore_case, fetch=args.fetch)
    return run(ROOT, ask, json=args.json)
