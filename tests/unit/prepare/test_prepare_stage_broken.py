"""Over 150 broken and odd inputs through the whole stage: each has its code or one clear error, and no row is lost."""

from pathlib import Path

import pytest
from broken_inputs import CASES, Case
from prepare_run import chat, file_of, lines, rejects_of, rows_of, run_prepare

from tunegate.core.data_settings import Prepare
from tunegate.core.errors import DataError

LENIENT = Prepare(max_reject_rate=1.0, template_share=1.0)


def test_there_are_at_least_120() -> None:
    assert len(CASES) >= 120
    assert len({(case.file, case.what) for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.file}: {case.what}")
def test_a_broken_input(tmp_path: Path, case: Case) -> None:
    lines(tmp_path / "raw/train/sound.jsonl", *(chat(f"sound {n}", "yes") for n in range(3)))
    for split in ("validation", "test"):
        lines(tmp_path / f"raw/{split}/a.jsonl", chat(f"of {split}", "yes"))
    lines(tmp_path / "general/train/a.jsonl", chat("general", "well"))
    lines(tmp_path / "tasks/a.jsonl", {"question": "Is water wet at all times?", "answer": "yes"})
    (tmp_path / "raw/train" / case.file).write_bytes(case.content)
    if case.error:
        with pytest.raises(DataError) as caught:
            run_prepare(tmp_path, LENIENT)
        assert case.error in caught.value.message
        assert case.file in caught.value.message
        assert caught.value.next_step
        assert not (tmp_path / "out/data").exists()
        return
    report = run_prepare(tmp_path, LENIENT)
    name = f"train/{case.file}"
    rejected = {reject["line"]: reject["code"] for reject in rejects_of(tmp_path) if reject["file"] == name}
    kept = {row["source"]["line"]: "" for row in rows_of(tmp_path, "train") if row["source"]["file"] == name}
    assert [code for _, code in sorted({**rejected, **kept}.items())] == case.codes
    if case.file != "README.md":
        found = file_of(report, name)
        assert found.rows == len(case.codes or []) == found.kept + sum(found.rejected.values())
