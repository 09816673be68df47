"""A folder that is whole or not there: written beside its place, then put there in one step."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole_folder(out: Path) -> Iterator[Path]:
    """Give an empty folder to write into; at the end it takes the place of `out`, after an error it is removed.

    What a killed run left behind is removed by the next one: the temporary names are always the same.
    """
    work, old = out.with_name(f".{out.name}.new"), out.with_name(f".{out.name}.old")
    for left in (work, old):
        shutil.rmtree(left, ignore_errors=True)
    work.mkdir(parents=True)
    try:
        yield work
        if out.exists():
            out.rename(old)
        work.rename(out)
    finally:
        shutil.rmtree(work, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)
