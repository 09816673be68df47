"""What a person types: `tunegate promote|rollback|releases`. Imports nothing before the command is known."""

import argparse
from pathlib import Path
from typing import TypeVar

ROOT = Path()
Parser = TypeVar("Parser", bound=argparse.ArgumentParser)


def add_release(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the commands of the release to the command line."""
    text = "put a released version into a stage"
    move = commands.add_parser("promote", help=text, description=text)
    move.add_argument("key", metavar="KEY", help="the adapter")
    move.add_argument("version", metavar="VERSION", help="a released one, such as 1.4.0")
    move.add_argument("--stage", choices=["canary", "prod"], required=True, help="where it goes")
    move.set_defaults(command=_promote)
    text = "put the production version before the present one back"
    back = commands.add_parser("rollback", help=text, description=text)
    back.add_argument("key", metavar="KEY", help="the adapter")
    back.set_defaults(command=_rollback)
    text = "what is released, and who was in which stage when, from the tags"
    listed = commands.add_parser("releases", help=text, description=text)
    listed.add_argument("key", nargs="?", default="", metavar="KEY", help="one adapter; all without it")
    listed.set_defaults(command=_releases)


def _promote(args: argparse.Namespace) -> int:
    from tunegate.release.promote import promote

    print(promote(ROOT, args.key, args.version, args.stage))
    return 0


def _rollback(args: argparse.Namespace) -> int:
    from tunegate.release.promote import rollback

    print(rollback(ROOT, args.key))
    return 0


def _releases(args: argparse.Namespace) -> int:
    from tunegate.release.history import releases

    print(releases(ROOT, args.key))
    return 0
