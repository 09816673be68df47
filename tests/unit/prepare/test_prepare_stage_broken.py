"""The corpus of broken inputs (tests/broken) through the whole stage: a code or one clear error, no row lost."""

from pathlib import Path

import pytest
from broken.case import Broken
from broken.corpus import CASES
from prepare_run import chat, file_of, lines, rejects_of, rows_of, run_prepare

from tunegate.core.data_settings import Prepare
from tunegate.core.errors import DataError

# What the stage may say of a row that is sound by itself.
AMONG_OTHERS = {"", "duplicate", "near_duplicate", "kind_mismatch", "private_data"}


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_broken_input(tmp_path: Path, case: Broken) -> None:
    lines(tmp_path / "raw/train/sound-rows.jsonl", *(chat(f"sound {n}", "yes") for n in range(3)))
    for split in ("validation", "test"):
        lines(tmp_path / f"raw/{split}/a.jsonl", chat(f"of {split}", "yes"))
    lines(tmp_path / "general/train/a.jsonl", chat("general", "well"))
    lines(tmp_path / "tasks/a.jsonl", {"question": "Is water wet at all times?", "answer": "yes"})
    (tmp_path / "raw/train" / case.file).write_bytes(case.bytes())
    settings = Prepare.model_validate({**case.settings, "max_reject_rate": 1.0, "template_share": 1.0, "labels": None})
    if case.error:
        with pytest.raises(DataError, match=case.error) as caught:
            run_prepare(tmp_path, settings)
        assert case.file in caught.value.message
        assert caught.value.next_step
        assert not (tmp_path / "out/data").exists()
        return
    report = run_prepare(tmp_path, settings)
    name = f"train/{case.file}"
    rejected = {reject["line"]: reject["code"] for reject in rejects_of(tmp_path) if reject["file"] == name}
    kept = {row["source"]["line"]: "" for row in rows_of(tmp_path, "train") if row["source"]["file"] == name}
    found = [code for _, code in sorted({**rejected, **kept}.items())]
    assert file_of(report, name).rows == len(case.codes) == len(rejected) + len(kept)
    for got, expected in zip(found, case.codes, strict=True):
        assert got == expected or (expected in {"", "label_unknown"} and got in AMONG_OTHERS)
