"""`tunegate advise` as a person meets it: the text, the JSON, and files that are not there or not whole."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import factories
import pytest

from tunegate.records.scores import ScoreFile

COUNTS: dict[str, Any] = {"train": 1012, "validation": 320, "test": 300, "rejected": 34, "reject_rate": 0.021,
                          "near_duplicates": 12, "contaminated": {"test": 2}, "review_pending": 0}  # fmt: skip
ANSWERS = {"wants": ["format", "latency"], "bar": 0.9}


def baseline(share: float, n: int = 300) -> ScoreFile:
    test = factories.task_scores("triage", {"exact_match": factories.hits(n, share), "schema_valid": [1.0] * n},
                                 suite="task", clusters=60)  # fmt: skip
    return factories.score_file([test.model_copy(update={"split": "validation"}), test])


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Settings with answers, the data's metrics, and the scores of a prompted base at 0.42."""
    path = factories.write_params(tmp_path / "params.yaml")
    answer(path, ANSWERS)
    count(tmp_path, COUNTS)
    baseline(0.42).save(tmp_path / "scores" / "triage" / "baseline.jsonl")
    return tmp_path


def answer(path: Path, answers: dict[str, Any]) -> None:
    content = json.loads(path.read_text())
    content["adapters"]["triage"]["advise"] = answers
    path.write_text(json.dumps(content))


def count(root: Path, counts: dict[str, Any]) -> None:
    (root / "metrics" / "data").mkdir(parents=True, exist_ok=True)
    (root / "metrics" / "data" / "triage.json").write_text(json.dumps({"triage": {"data": counts}}))


def advise(root: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "tunegate.cli", "advise", *words]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


def shown(root: Path) -> str:
    done = advise(root)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) <= 25
    return done.stdout


def test_a_project_that_should_fine_tune(project: Path, golden: Callable[[str, str], None]) -> None:
    golden("advise/fine-tune.txt", shown(project))


def test_nothing_measured_yet(project: Path, golden: Callable[[str, str], None]) -> None:
    shutil.rmtree(project / "metrics")
    shutil.rmtree(project / "scores")
    golden("advise/not-measured.txt", shown(project))


def test_all_that_can_be_said_at_once_fits_on_a_screen(project: Path, golden: Callable[[str, str], None]) -> None:
    answer(project / "params.yaml", {**ANSWERS, "knowledge_changes": "monthly", "bar": 0.7})
    count(
        project, {**COUNTS, "train": 210, "test": 99, "reject_rate": 0.049, "near_duplicates": 90, "review_pending": 7}
    )
    test = factories.task_scores("triage", {"exact_match": factories.hits(60, 0.65), "schema_valid": [1.0] * 60},
                                 suite="task", clusters=6)  # fmt: skip
    found = factories.score_file([test.model_copy(update={"split": "validation"}), test])
    found.save(project / "scores" / "triage" / "baseline.jsonl")
    golden("advise/warnings.txt", shown(project))


@pytest.mark.parametrize(
    ("answers", "counts", "share", "first"),
    [
        ({**ANSWERS, "knowledge_changes": "weekly"}, {}, 0.42, "triage: retrieval (RAG)"),
        (ANSWERS, {"train": 150}, 0.42, "triage: prompt"),
        (ANSWERS, {}, 0.95, "triage: prompt"),
        (ANSWERS, {"test": 0}, 0.42, "triage: build the evaluation first"),
        (ANSWERS, {"reject_rate": 0.3}, 0.42, "triage: fix the data first"),
        ({}, {}, 0.42, "triage: prompt"),
    ],
)
def test_the_first_line_is_the_advice(
    project: Path, answers: dict[str, Any], counts: dict[str, Any], share: float, first: str
) -> None:
    answer(project / "params.yaml", answers)
    count(project, COUNTS | counts)
    baseline(share).save(project / "scores" / "triage" / "baseline.jsonl")
    assert shown(project).splitlines()[0] == first


def test_json_has_the_advice_and_the_facts(project: Path) -> None:
    done = advise(project, "triage", "--json")
    assert done.returncode == 0
    found = json.loads(done.stdout)["triage"]
    assert found["advice"]["recommendation"] == "fine-tune"
    assert found["facts"]["train"] == 1012
    assert found["facts"]["power"]["alpha"] == 0.05
    assert [question["state"] for question in found["advice"]["questions"]] == ["holds"] * 6


def test_an_unknown_adapter_is_one_clear_error(project: Path) -> None:
    done = advise(project, "typo")
    assert done.returncode == 10
    assert "no adapter 'typo'; there are: triage" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not valid JSON"),
        ("[]", "no object triage.data"),
        ('{"triage": {}}', "no object triage.data"),
        ('{"triage": {"data": 3}}', "triage.data"),
        ('{"triage": {"data": {"train": "many", "test": 1, "reject_rate": 0}}}', "train"),
        ('{"triage": {"data": {"train": 1, "test": -1, "reject_rate": 0.0}}}', "test"),
        ('{"triage": {"data": {"train": 1, "test": 1, "reject_rate": NaN}}}', "not valid JSON"),
    ],
)
def test_metrics_that_nobody_can_read_are_an_error_and_no_fact(project: Path, text: str, said: str) -> None:
    (project / "metrics" / "data" / "triage.json").write_text(text)
    done = advise(project)
    assert done.returncode == 3
    assert "metrics/data/triage.json" in done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_scores_that_are_cut_short_are_an_error(project: Path) -> None:
    path = project / "scores" / "triage" / "baseline.jsonl"
    path.write_text(path.read_text()[:-40])
    done = advise(project)
    assert done.returncode == 3
    assert "baseline.jsonl" in done.stderr
