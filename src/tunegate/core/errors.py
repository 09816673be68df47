"""The one family of errors: each class owns its exit code, each error its next step.

TunegateError
├── UsageError        64  the command line is wrong
├── SettingsError     10  params.yaml is wrong (all faults at once)
├── DataError         11  a dataset is missing, empty or bad
├── ModelError        12  a base model or adapter cannot be used
├── MachineError      13  disk full, missing program, permission
├── BusyError         14  somebody else is at the same work
├── EvidenceError      3  scores are missing, corrupt or not comparable
└── ReleaseRefused    20  no release: the verdict or the repository forbids it

Exit codes 0, 1, 2 and 3 of `tunegate gate check` are the verdicts PASS, FAIL, INCONCLUSIVE and ERROR.
"""

import errno
import sys
from collections.abc import Callable
from typing import NoReturn


class TunegateError(Exception):
    """An error for a person: what is wrong, where, and what to do next.

    Args:
        message: what is wrong; names the file, line or key, and what was expected.
        next_step: one sentence that says what to do.
    """

    exit_code = 1

    def __init__(self, message: str, *, next_step: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step


class UsageError(TunegateError):
    """The command line is wrong."""

    exit_code = 64


class SettingsError(TunegateError):
    """`params.yaml` is wrong; the message lists every fault with its line."""

    exit_code = 10


class DataError(TunegateError):
    """A dataset is missing, empty or bad."""

    exit_code = 11


class ModelError(TunegateError):
    """A base model or an adapter cannot be used."""

    exit_code = 12


class MachineError(TunegateError):
    """The machine cannot do it: disk full, missing program, permission."""

    exit_code = 13


class BusyError(TunegateError):
    """Another process is at the same work."""

    exit_code = 14


class EvidenceError(TunegateError):
    """Scores are missing, corrupt or not comparable: no verdict can be had from them."""

    exit_code = 3


class ReleaseRefused(TunegateError):  # noqa: N818 - it is a refusal, the name a reader looks for
    """The release is refused: the verdict or the state of the repository forbids it."""

    exit_code = 20


def report(error: TunegateError) -> int:
    """Print `error` for a person on standard error; return its exit code."""
    sys.stderr.write(f"error: {error.message}\n")
    if error.next_step:
        sys.stderr.write(f"next: {error.next_step}\n")
    return error.exit_code


def machine_error(error: OSError) -> MachineError:
    """Say an operating-system error in words, with the file it is about."""
    where = f" {error.filename}" if error.filename else ""
    if error.errno == errno.ENOSPC:
        return MachineError(f"the disk is full: cannot write{where}", next_step="free some space, then run it again")
    return MachineError(f"{error.strerror or error}{where}", next_step="check the path and its permissions")


def run(main: Callable[[], int | None]) -> NoReturn:
    """Run a command's `main` and exit: 0 or its own code, or the code of the error it raised."""
    try:
        code = main() or 0
        sys.stdout.flush()
    except TunegateError as error:
        code = report(error)
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        code = 130
    except BrokenPipeError:
        code = 141
    except OSError as error:
        code = report(machine_error(error))
    sys.exit(code)
