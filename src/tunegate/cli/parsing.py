"""What the groups of commands share: parsers whose usage errors have a code, and how a command is added."""

import argparse
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

ROOT = Path()
USAGE_ERROR = 64
Command = Callable[[argparse.Namespace], int]


class Parser(argparse.ArgumentParser):
    """A parser whose usage errors exit with their own code."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, with the code for it."""
        self.print_usage(sys.stderr)
        self.exit(USAGE_ERROR, f"{self.prog}: {message}\n")


if TYPE_CHECKING:
    Group = argparse._SubParsersAction[Parser]  # noqa: SLF001 - argparse gives it no other name
else:
    Group = argparse._SubParsersAction  # noqa: SLF001 - which takes no parameter at run time


def add(group: Group, name: str, text: str, command: Command) -> Parser:
    """Add a command to a group."""
    parser = group.add_parser(name, help=text, description=text.replace("%%", "%"))  # argparse formats help alone
    parser.set_defaults(command=command)
    return parser


def add_group(commands: Group, name: str, text: str) -> Group:
    """Add a group of commands."""
    return commands.add_parser(name, help=text).add_subparsers(required=True, metavar="COMMAND")


def day(text: str) -> date:
    """A date of the command line."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date such as 2026-11-25") from None


def add_measured(parser: Parser) -> None:
    """Where scores and the data's metrics are."""
    parser.add_argument("--scores", type=Path, default=Path("scores"), help="the folder of recorded scores")
    parser.add_argument("--data", type=Path, default=Path("metrics/data"), help="the folder of the data's metrics")
