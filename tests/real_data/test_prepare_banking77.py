"""BANKING77 as examples/banking77 lays it: what `prepare` finds in the published files."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from prepare_run import file_of

from tunegate.core.errors import DataError
from tunegate.records.data_report import DataReport

pytestmark = [pytest.mark.slow, pytest.mark.real_data]
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> DataReport:
    root = tmp_path_factory.mktemp("banking77")
    words = [sys.executable, "-m", "tunegate.prepare", "intent", "datasets/intent", "datasets/general", "evals/tasks"]
    shutil.copytree(ROOT / "evals" / "tasks", root / "evals" / "tasks")
    subprocess.run([sys.executable, str(ROOT / "examples/banking77/lay.py")], cwd=root, check=True)
    outs = ["build/data/intent", "build/report/intent", "metrics/data/intent.json"]
    subprocess.run([*words, *outs], cwd=root, check=True)
    return DataReport.read(root / "build/report/intent/report.json", DataError, next_step="")


def test_every_published_row_is_read(report: DataReport) -> None:
    rows = {file.name: file.rows for file in report.files if file.name.endswith(".csv")}
    assert rows == {"train/banking77-train.csv": 10_003, "test/banking77-test.csv": 3_080}


def test_the_published_split_leaks_and_the_leaks_stay_out_of_train(report: DataReport) -> None:
    assert file_of(report, "train/banking77-train.csv").rejected == {
        "duplicate": 10, "near_duplicate": 44, "leaked_test": 104, "leaked_validation": 21}  # fmt: skip
    assert file_of(report, "test/banking77-test.csv").rejected == {"duplicate": 1}
    kept = {name: split.kept for name, split in report.splits.items()}
    assert kept == {"train": 8_863, "validation": 961, "test": 3_079, "replay": 1_452}
    assert "test: 10 pairs of near-duplicates; both stay, since the split was given" in report.warnings


def test_all_77_intents_are_in_every_split(report: DataReport) -> None:
    assert [len(report.splits[name].labels or {}) for name in ("train", "validation", "test")] == [77, 77, 77]


def test_laying_twice_or_over_own_data_is_refused(tmp_path: Path) -> None:
    (tmp_path / "datasets").mkdir()
    words = [sys.executable, str(ROOT / "examples/banking77/lay.py")]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, list((tmp_path / "datasets").iterdir())) == (11, [])
    bare = {name: value for name, value in os.environ.items() if name != "TUNEGATE_REAL_DATA"}
    done = subprocess.run(words, cwd=tmp_path, env=bare, capture_output=True, text=True, check=False)
    assert (done.returncode, "TUNEGATE_REAL_DATA is not set" in done.stderr) == (64, True)
