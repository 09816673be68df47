"""Public files through the whole stage without any configuration: every row is kept or named, and what was found."""

import os
import shutil
from collections import Counter
from pathlib import Path

import pytest
from prepare_run import file_of, rejects_of, run_prepare

from tunegate.core.data_settings import Prepare

pytestmark = [pytest.mark.slow, pytest.mark.real_data]
ROOT = Path(__file__).parents[2]
FOUND = {
    "gsm8k": (
        {"train": "gsm8k-train.jsonl", "test": "gsm8k-test.jsonl"},
        {"train": 6_674, "validation": 782, "test": 1_319},
        {"leaked_test": 8, "leaked_validation": 9},
    ),
    "sharegpt": ({"train": "sharegpt-dummy.json"}, {"train": 191, "validation": 39, "test": 51},
                 {"leaked_test": 175, "leaked_validation": 23, "near_duplicate": 21}),
    "hh-rlhf": ({"train": "hh-rlhf-harmless-test.jsonl.gz"}, {"train": 1_849, "validation": 180, "test": 238},
                {"leaked_test": 20, "leaked_validation": 12, "role_order": 9, "empty_answer": 4}),
}  # fmt: skip
ROWS = {"gsm8k-train.jsonl": 7_473, "gsm8k-test.jsonl": 1_319, "sharegpt-dummy.json": 500,
        "hh-rlhf-harmless-test.jsonl.gz": 2_312}  # fmt: skip


@pytest.mark.parametrize("name", FOUND)
def test_what_is_found_in_a_public_file(tmp_path: Path, name: str) -> None:
    files, kept, codes = FOUND[name]
    for split, file in files.items():
        (tmp_path / "raw" / split).mkdir(parents=True)
        shutil.copy(Path(os.environ["TUNEGATE_REAL_DATA"]) / file, tmp_path / "raw" / split / file)
    shutil.copytree(ROOT / "examples/support/datasets/general", tmp_path / "general")
    shutil.copytree(ROOT / "evals/tasks", tmp_path / "tasks")
    report = run_prepare(tmp_path, Prepare())
    assert {split: report.splits[split].kept for split in kept} == kept
    own = [reject for reject in rejects_of(tmp_path) if not reject["file"].startswith("general/")]
    assert Counter(reject["code"] for reject in own) == codes
    for split, file in files.items():
        assert file_of(report, f"{split}/{file}").rows == ROWS[file]
    assert sum(kept.values()) + len(own) == sum(ROWS[file] for file in files.values())
    assert report.kind == ("preference" if name == "hh-rlhf" else "chat")
