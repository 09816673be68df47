"""Bring an out of an earlier commit: `dvc get` on this repository, from cache or remote."""

import subprocess
import sys
from pathlib import Path

from tunegate.core.errors import MachineError


def get_out(root: Path, path: str, commit: str, out: Path, *, what: str) -> None:
    """Write the out at `path`, as it was in `commit`, to the new folder `out`; `what` names it in an error.

    Raises:
        MachineError: DVC cannot; the message is DVC's.
    """
    words = ["get", ".", path, "--rev", commit, "--out", str(out.resolve())]
    done = subprocess.run(
        [sys.executable, "-m", "dvc", "--quiet", *words], cwd=root, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = done.stderr.strip().partition("\n")[0]  # an invitation to DVC's support follows
        raise MachineError(
            f"{what}: DVC cannot get its bundle: {said}",
            next_step="`dvc pull`, or configure the remote that has it",
        )
