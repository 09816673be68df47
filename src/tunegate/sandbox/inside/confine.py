"""Limits of a process inside a sandbox, and who it is: set by our code before anything of the candidate's runs."""

from __future__ import annotations

import os
import resource

TYPE_CHECKING = False  # the module `typing` costs a third of a start
if TYPE_CHECKING:
    from collections.abc import Iterable

NULL = "/dev/null"
OPEN_FILES = 64


def confine(limits: dict[str, int], keep: Iterable[int]) -> None:
    """Take from this process what it does not need, for good.

    Args:
        limits: bytes of `memory` (address space) and of one `file`, `processor` seconds, number of `processes`, and
            the `user` to become; 0 where a user namespace has made it nobody already.
        keep: file descriptors that stay open; 0, 1 and 2 lead to /dev/null from now on.
    """
    at = 3
    for handle in sorted(keep):
        os.closerange(at, handle)
        at = handle + 1
    os.closerange(at, max(at, 4096))
    for name, most in (
        (resource.RLIMIT_AS, limits["memory"]),
        (resource.RLIMIT_CPU, limits["processor"]),
        (resource.RLIMIT_FSIZE, limits["file"]),
        (resource.RLIMIT_NPROC, limits["processes"]),
        (resource.RLIMIT_NOFILE, max(OPEN_FILES, at)),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
    ):
        resource.setrlimit(name, (most, most))
    if user := limits["user"]:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    nowhere = os.open(NULL, os.O_RDWR)
    for handle in (0, 1, 2):
        os.dup2(nowhere, handle)
    os.close(nowhere)
