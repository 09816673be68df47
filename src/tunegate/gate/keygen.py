"""`tunegate gate keygen FILE`: a key for the machine that evaluates; only the public half is shown."""

import os
from pathlib import Path

from tunegate.core.errors import UsageError
from tunegate.records.signature import VARIABLE, new_key, public_key


def keygen(path: Path) -> str:
    """Write a new private key to `path`, readable by its owner only; return what to do with it.

    Raises:
        UsageError: the file is there already, or cannot be made.
    """
    key = new_key()
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as fault:
        raise UsageError(f"{path}: {fault.strerror}", next_step="name a new file in a folder that is there") from None
    with os.fdopen(handle, "w", encoding="ascii") as stream:
        stream.write(key.hex() + "\n")
    return (
        f"{path} is the private key: keep it out of Git; the machine that evaluates gets it as {VARIABLE}.\n"
        f"params.yaml, adapters.KEY.gate:\n      signers: ['{public_key(key)}']"
    )
