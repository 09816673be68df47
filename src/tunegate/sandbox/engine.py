"""Starts one sandbox, or says why there is none: never runs anything without."""

import itertools
import os
import platform
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from tunegate.core.errors import MachineError
from tunegate.sandbox import interpreter
from tunegate.sandbox.inside.wire import pack
from tunegate.sandbox.limits import Limits
from tunegate.sandbox.syscalls import ARCHITECTURES, refuse

INSTALL = "install bubblewrap (apt-get install bubblewrap), then run `tunegate sandbox check`"
NEXT_STEP = "run `tunegate sandbox check`; in a container, bubblewrap needs the right to make namespaces"
INSIDE = Path(__file__).parent / "inside"
# Files of `inside`, bound without the packages around them: nothing else of tunegate can be imported.
CODE = "/inside/tunegate/sandbox/inside"
RUN = "import sys; sys.path.insert(0, '/inside'); from tunegate.sandbox.inside.{0} import main; sys.path.pop(0); main()"
DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")
NOBODY = 65534
# Numbers that systemd keeps for users that exist only while a service runs: no file belongs to them.
USERS = range(61184, 65520)
ENVIRONMENT = {"HOME": "/tmp", "PYTHONHASHSEED": "0", "PYTHONUTF8": "1"}  # noqa: S108 - inside, where it is empty


class Bubblewrap:
    """Sandboxes by bubblewrap, each with namespaces of its own for everything, and a view of a few read-only files."""

    name = "bubblewrap"

    def __init__(self, program: str) -> None:
        """Find what a sandbox needs.

        Raises:
            MachineError: it is no Linux that the filter of system calls knows, or `ldd` fails.
        """
        machine = platform.machine()
        if machine not in ARCHITECTURES:
            raise MachineError(
                f"the sandbox knows the system calls of {' and '.join(ARCHITECTURES)}, not of {machine}",
                next_step="run candidates on such a machine",
            )
        self.program, self._filter = program, refuse(machine)
        self._root = os.geteuid() == 0
        self._users = itertools.count(os.getpid() * 64)
        self._python = str(interpreter.program())
        self._libraries = interpreter.libraries()
        self.files = [str(path) for path in (self._python, *interpreter.standard_library(), *self._libraries)]

    def _arguments(self, role: str, limits: Limits) -> list[str]:
        """The view and the rights of a sandbox. Root needs no user namespace, and inside gives up being root itself."""
        rights = ["--cap-drop", "ALL"]
        if self._root:
            rights += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
        else:
            rights += ["--unshare-user", "--uid", str(NOBODY), "--gid", str(NOBODY)]
        words = [
            "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try", *rights,
            "--die-with-parent", "--new-session", "--hostname", "sandbox", "--clearenv",
        ]  # fmt: skip
        for name, value in (*ENVIRONMENT.items(), ("LD_LIBRARY_PATH", self._library_path())):
            words += ["--setenv", name, value]
        for above in _folders((*self.files, *DEVICES, f"{CODE}/x")):
            words += ["--perms", "0755", "--dir", above]
        for path in self.files:
            words += ["--ro-bind", path, path]
        for folder in interpreter.packages():
            words += ["--tmpfs", str(folder), "--remount-ro", str(folder)]
        for name in ("wire.py", "confine.py", f"{role}.py"):
            words += ["--ro-bind", str(INSIDE / name), f"{CODE}/{name}"]
        for device in DEVICES:
            words += ["--dev-bind", device, device]
        return [
            *words, "--perms", "1777", "--size", str(limits.disk_mib << 20), "--tmpfs", "/tmp",  # noqa: S108 - as above
            "--remount-ro", "/", "--chdir", "/tmp",  # noqa: S108
        ]  # fmt: skip

    def _library_path(self) -> str:
        return ":".join(sorted({str(path.parent) for path in self._libraries}))

    def start(
        self, role: str, job: dict[str, Any], handles: Sequence[int], limits: Limits
    ) -> "subprocess.Popen[bytes]":
        """Start one role of `inside` on its job; `handles` stay open in it, in this order its arguments.

        Raises:
            MachineError: bubblewrap cannot be started.
        """
        user = USERS[next(self._users) % len(USERS)] if self._root else 0
        work = _in_memory(pack({**job, "limits": limits.of_process(user)}))
        rules = _in_memory(self._filter)
        command = [
            self.program, *self._arguments(role, limits), "--seccomp", str(rules), "--",
            self._python, "-s", "-S", "-B", "-P", "-c", RUN.format(role), *map(str, handles),
        ]  # fmt: skip
        try:
            return subprocess.Popen(
                command,
                stdin=work,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env={},
                pass_fds=[*handles, rules],
            )
        except OSError as fault:
            raise MachineError(f"cannot start {self.program}: {fault.strerror}", next_step=INSTALL) from None
        finally:
            os.close(work)
            os.close(rules)


def _folders(paths: Iterable[str]) -> list[str]:
    """All folders above `paths`, outer ones first: made by bubblewrap itself, only root could look into them."""
    above = {str(parent) for path in paths for parent in Path(path).parents}
    return sorted(above - {"/"})


def _in_memory(content: bytes) -> int:
    """A file without a name that holds `content`, to be read from its start."""
    handle = os.memfd_create("job")
    with os.fdopen(os.dup(handle), "wb") as stream:
        stream.write(content)
    os.lseek(handle, 0, os.SEEK_SET)
    return handle


def find_engine() -> Bubblewrap:
    """What can isolate a program on this machine.

    Raises:
        MachineError: nothing can. There is no other way to run a candidate.
    """
    program = shutil.which("bwrap")
    if not program:
        raise MachineError("no sandbox on this machine: candidates are not run", next_step=INSTALL)
    return Bubblewrap(program)
