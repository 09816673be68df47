"""`tunegate review ...`: experts look at rows."""

import argparse
from pathlib import Path

from tunegate.cli.parsing import ROOT, Group, add, add_group


def add_review(commands: Group) -> None:
    """Add the group."""
    group = add_group(commands, "review", "experts approve, edit or reject rows")
    serve = add(group, "serve", "open a local page; prints a personal link for each reviewer", _review_serve)
    status = add(group, "status", "how far the review is, and where reviewers disagree", _review_status)
    export = add(group, "export", "write rows and decisions as Label Studio tasks", _review_export)
    bring = add(group, "import", "take decisions from a Label Studio export: all, or none", _review_import)
    for verb in (serve, status, export, bring):
        verb.add_argument("key", metavar="KEY", help="the adapter, as params.yaml names it")
    for verb in (serve, export):
        verb.add_argument(
            "--rows",
            choices=["synthetic", "sample", "all"],
            default="default",
            help="which rows; without it synthetic ones, then the sample",
        )
    serve.add_argument("--host", default="127.0.0.1", help="the address that reviewers type (127.0.0.1: this machine)")
    serve.add_argument("--port", type=int, default=8321, help="0 takes a free one")
    serve.add_argument(
        "--reviewer", action="append", default=[], metavar="NAME", help="once for each; without it git user.name"
    )
    serve.add_argument("--new-links", action="store_true", help="make new links: earlier ones end")
    export.add_argument(
        "file", type=Path, metavar="FILE", help="the tasks; the labelling set-up goes beside it as .xml"
    )
    bring.add_argument("file", type=Path, metavar="FILE", help="the JSON export")
    bring.add_argument("--reviewer", metavar="NAME", help="who decided, where the export has only a number")


def _review_serve(args: argparse.Namespace) -> int:
    from tunegate.core.params import adapter_of, load_params
    from tunegate.review.serve import Options, review

    options = Options(args.host, args.port, tuple(args.reviewer), args.rows, args.new_links)
    return review(ROOT, args.key, adapter_of(load_params(args.params), args.key).prepare, options)


def _review_status(args: argparse.Namespace) -> int:
    from tunegate.review.status import status

    print(status(ROOT, args.key))
    return 0


def _review_export(args: argparse.Namespace) -> int:
    from tunegate.review.label_studio import export

    print(export(ROOT, args.key, args.rows, args.file))
    return 0


def _review_import(args: argparse.Namespace) -> int:
    from tunegate.core.params import adapter_of, load_params
    from tunegate.review.label_studio_import import import_decisions

    settings = adapter_of(load_params(args.params), args.key).prepare
    print(import_decisions(ROOT, args.key, settings, args.file, args.reviewer))
    return 0
