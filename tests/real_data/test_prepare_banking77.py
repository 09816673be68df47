"""BANKING77 as examples/banking77 lays it: what `prepare` finds in the published files."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.real_data]
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, dict[str, object]]]:
    root = tmp_path_factory.mktemp("banking77")
    words = [sys.executable, "-m", "tunegate.prepare", "intent", "datasets/intent", "datasets/general", "evals/tasks"]
    shutil.copytree(ROOT / "evals" / "tasks", root / "evals" / "tasks")
    subprocess.run([sys.executable, str(ROOT / "examples/banking77/lay.py")], cwd=root, check=True)
    subprocess.run([*words, "build/data/intent"], cwd=root, check=True)
    content: dict[str, dict[str, dict[str, object]]] = json.loads((root / "build/data/intent/report.json").read_text())
    return content


def test_every_published_row_is_read(report: dict[str, dict[str, dict[str, object]]]) -> None:
    rows = {name: counts["rows"] for name, counts in report["files"].items() if name.endswith(".csv")}
    assert rows == {"train/banking77-train.csv": 10_003, "test/banking77-test.csv": 3_080}


def test_the_published_split_leaks_and_the_leaks_stay_out_of_train(
    report: dict[str, dict[str, dict[str, object]]],
) -> None:
    assert report["files"]["train/banking77-train.csv"]["rejected"] == {"duplicate": 10, "leaked_test": 11}
    assert report["files"]["test/banking77-test.csv"]["rejected"] == {"duplicate": 1}
    kept = {name: split["kept"] for name, split in report["splits"].items()}
    assert kept == {"train": 9_010, "validation": 972, "test": 3_079}


def test_laying_twice_or_over_own_data_is_refused(tmp_path: Path) -> None:
    (tmp_path / "datasets").mkdir()
    words = [sys.executable, str(ROOT / "examples/banking77/lay.py")]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, list((tmp_path / "datasets").iterdir())) == (11, [])
    bare = {name: value for name, value in os.environ.items() if name != "TUNEGATE_REAL_DATA"}
    done = subprocess.run(words, cwd=tmp_path, env=bare, capture_output=True, text=True, check=False)
    assert (done.returncode, "TUNEGATE_REAL_DATA is not set" in done.stderr) == (64, True)
