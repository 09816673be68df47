"""What `prepare` writes as metrics is what the advice reads."""

from pathlib import Path

from tunegate.records.advice_inputs import DataCounts, Inputs, counts_path, read_inputs

ROOT = Path(__file__).parents[3]
WRITTEN = ROOT / "tests" / "goldens" / "prepare" / "metrics.json"  # of the real stage: tests/unit/prepare


def test_the_metrics_that_prepare_writes_are_read(tmp_path: Path) -> None:
    path = counts_path(tmp_path, "triage")
    path.write_bytes(WRITTEN.read_bytes())
    counts = read_inputs("triage", path, tmp_path / "baseline.jsonl").counts
    assert counts == DataCounts(train=4, test=1, reject_rate=0.444444, near_duplicates=0, review_pending=0)


def test_files_that_are_not_there_are_nothing_and_no_error(tmp_path: Path) -> None:
    assert read_inputs("triage", tmp_path / "a.json", tmp_path / "b.jsonl") == Inputs(None, None)
