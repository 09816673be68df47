"""Which files of this Python a sandbox needs: program, standard library, the libraries they load. No packages."""

import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

from tunegate.core.errors import MachineError

# What they load is large, and no program without a terminal, a window or a network needs it.
LEFT_OUT = ("_test", "_xx", "_tkinter", "_curses", "readline", "_dbm", "_gdbm", "nis")
NEXT_STEP = "run tunegate with a Python for Linux whose files can be read"


def program() -> Path:
    """The interpreter itself, not the link in a virtual environment."""
    return Path(os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable))


def standard_library() -> list[Path]:
    """Its folders: one, on some systems two."""
    names = {os.path.realpath(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib")}
    real = sysconfig.get_config_vars()
    base = {"installed_base": str(real["installed_base"]), "base": str(real["installed_base"]),
            "platbase": str(real["installed_platbase"])}  # fmt: skip
    names |= {os.path.realpath(sysconfig.get_path(name, vars=base)) for name in ("stdlib", "platstdlib")}
    return sorted(
        Path(name) for name in names if (Path(name) / "os.py").exists() or (Path(name) / "lib-dynload").exists()
    )


def packages() -> list[Path]:
    """Folders of installed packages below the standard library: they stay out."""
    return [folder / name for folder in standard_library() for name in ("site-packages", "dist-packages")
            if (folder / name).is_dir()]  # fmt: skip


def libraries() -> list[Path]:
    """The shared libraries, the loader among them, under the paths by which they are loaded.

    Raises:
        MachineError: `ldd` is missing or fails.
    """
    modules = [
        path
        for folder in standard_library()
        for path in sorted((folder / "lib-dynload").glob("*.so"))
        if not path.name.startswith(LEFT_OUT)
    ]
    try:
        done = subprocess.run(["ldd", program(), *modules], capture_output=True, text=True, check=False)
    except OSError as fault:
        raise MachineError(f"cannot run ldd: {fault.strerror}", next_step=NEXT_STEP) from None
    found = re.findall(r"^\s+(?:\S+ => )?(/\S+) \(0x", done.stdout, flags=re.MULTILINE)
    return sorted({Path(name) for name in found})
