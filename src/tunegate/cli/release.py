"""What a person types: `tunegate promote|rollback|releases`. Imports nothing before the command is known."""

import argparse

from tunegate.cli.parsing import ROOT, Group, add


def add_release(commands: Group) -> None:
    """Add the commands of the release to the command line."""
    move = add(commands, "promote", "put a released version into a stage", _promote)
    move.add_argument("key", metavar="KEY", help="the adapter")
    move.add_argument("version", metavar="VERSION", help="a released one, such as 1.4.0")
    move.add_argument("--stage", choices=["canary", "prod"], required=True, help="where it goes")
    back = add(commands, "rollback", "put the production version before the present one back", _rollback)
    back.add_argument("key", metavar="KEY", help="the adapter")
    listed = add(commands, "releases", "what is released, and who was in which stage when, from the tags", _releases)
    listed.add_argument("key", nargs="?", default="", metavar="KEY", help="one adapter; all without it")


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
