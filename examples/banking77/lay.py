"""Lay BANKING77 into a fresh clone of this repository, so that `dvc repro` runs the whole pipeline on it.

    TUNEGATE_REAL_DATA=/where/the/csv/files/are python examples/banking77/lay.py

It writes datasets/ and params.yaml in the current folder and takes datasets.dvc out; over data that is there it
writes nothing. The data stays outside Git: datasets/ is ignored.
"""

import os
import shutil
from pathlib import Path

from tunegate.core.errors import DataError, UsageError, run

HERE = Path(__file__).resolve().parent
GENERAL = HERE.parent / "support" / "datasets" / "general"


def real_data() -> dict[str, Path]:
    """The two published files by split.

    Raises:
        UsageError: TUNEGATE_REAL_DATA is not set.
        DataError: a file is not there.
    """
    if not (folder := os.environ.get("TUNEGATE_REAL_DATA")):
        raise UsageError("TUNEGATE_REAL_DATA is not set", next_step="set it to the folder with banking77-train.csv")
    files = {split: Path(folder) / f"banking77-{split}.csv" for split in ("train", "test")}
    if missing := [str(path) for path in files.values() if not path.is_file()]:
        raise DataError(f"no such file: {', '.join(missing)}", next_step="examples/banking77/README.md says whence")
    return files


def main() -> None:
    """Copy the files to where `prepare` reads them."""
    files, datasets = real_data(), Path("datasets")
    if datasets.exists():
        raise DataError("datasets/ is there; it is left as it is", next_step="run this in a fresh clone")
    for split, path in files.items():
        (datasets / "intent" / split).mkdir(parents=True)
        shutil.copy(path, datasets / "intent" / split / path.name)
    shutil.copytree(GENERAL, datasets / "general")
    shutil.copy(HERE / "params.yaml", "params.yaml")
    Path("datasets.dvc").unlink(missing_ok=True)
    print("datasets/ and params.yaml are BANKING77's; next: dvc add datasets && dvc repro")


if __name__ == "__main__":
    run(main)
