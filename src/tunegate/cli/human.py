"""What a person types: `tunegate human ...`. Imports nothing before the command is known: `--help` is instant."""

import argparse
from pathlib import Path

from tunegate.cli.parsing import ROOT, Command, Group, Parser, add, add_group


def add_human(commands: Group) -> None:
    """Add `human` and its commands to the command line."""
    group = add_group(commands, "human", "people compare two models' answers blindly")
    new = _add(group, "new", "draw the pairs and their sides", _new)
    serve = _add(group, "serve", "open a local page; prints a personal link for each rater", _serve)
    _add(group, "status", "what the votes show so far, and how many more pairs would decide", _status)
    close = _add(group, "close", "write the evidence that the gate judges, without texts and names", _close)
    export = _add(group, "export", "write the pairs as Label Studio tasks, without the sides", _export)
    bring = _add(group, "import", "take ratings from a Label Studio export: all, or none", _import)
    new.add_argument("--pairs", type=_count, default=150, help="how many pairs people see (150)")
    new.add_argument("--against", choices=["baseline", "released"], default="baseline", help="the other model")
    new.add_argument("--seed", type=int, help="of sample, sides and order; without it a secret one")
    _add_page(serve)
    close.add_argument("--partial", action="store_true", help="although ratings are missing; the gate is told")
    export.add_argument(
        "file", type=Path, metavar="FILE", help="the tasks; the labelling set-up goes beside it as .xml"
    )
    bring.add_argument("file", type=Path, metavar="FILE", help="the JSON export")
    bring.add_argument("--reviewer", metavar="NAME", help="who rated, where the export has only a number")


def _add(group: Group, name: str, text: str, command: Command) -> Parser:
    parser = add(group, name, text, command)
    parser.add_argument("key", metavar="KEY", help="the adapter, as params.yaml names it")
    return parser


def _add_page(serve: argparse.ArgumentParser) -> None:
    serve.add_argument("--host", default="127.0.0.1", help="the address that raters type (127.0.0.1: this machine)")
    serve.add_argument("--port", type=int, default=8322, help="0 takes a free one")
    serve.add_argument(
        "--reviewer", action="append", default=[], required=True, metavar="NAME", help="once for each rater"
    )
    serve.add_argument("--new-links", action="store_true", help="make new links: earlier ones end")


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= 10_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 10000")
    return int(text)


def _new(args: argparse.Namespace) -> int:
    from tunegate.core.params import adapter_of, load_params
    from tunegate.human.files import new

    adapter_of(load_params(args.params), args.key)
    print(new(ROOT, args.key, args.against, args.pairs, args.seed))
    return 0


def _serve(args: argparse.Namespace) -> int:
    from tunegate.human.serve import Options, compare

    return compare(ROOT, args.key, Options(args.host, args.port, tuple(args.reviewer), args.new_links))


def _status(args: argparse.Namespace) -> int:
    from tunegate.core.params import adapter_of, load_params
    from tunegate.core.settings import Human
    from tunegate.human.status import status

    gate = adapter_of(load_params(args.params), args.key).gate
    print(status(ROOT, args.key, gate.human or Human(), gate.alpha))
    return 0


def _close(args: argparse.Namespace) -> int:
    from tunegate.human.close import close

    print(close(ROOT, args.key, partial=args.partial))
    return 0


def _export(args: argparse.Namespace) -> int:
    from tunegate.human.label_studio import export

    print(export(ROOT, args.key, args.file))
    return 0


def _import(args: argparse.Namespace) -> int:
    from tunegate.human.label_studio import import_votes

    print(import_votes(ROOT, args.key, args.file, args.reviewer))
    return 0
