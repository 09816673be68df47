"""The section of the gate's table on the choice of fine-tuning: short, with its number, no part of the verdict."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import factories
import pytest

from tunegate.core.params import load_params
from tunegate.core.settings import Adapter
from tunegate.gate.advice import advice_section
from tunegate.gate.recorded import judge_recorded
from tunegate.gate.table import render_table

TODAY = date(2026, 11, 24)
COUNTS = {"train": 1012, "test": 300, "reject_rate": 0.021, "near_duplicates": 12, "review_pending": 0}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    factories.write_params(tmp_path / "params.yaml")
    factories.write_evidence(tmp_path / "scores", "triage")
    return tmp_path


def settings(project: Path, **answers: Any) -> Adapter:
    found = load_params(project / "params.yaml").adapters["triage"]
    return Adapter.model_validate({**found.model_dump(), "advise": {"wants": ("format",), **answers}})


def section(project: Path, counts: dict[str, Any] | None = None, **answers: Any) -> str:
    if counts is not None:
        (project / "counts.json").write_text(json.dumps({"triage": {"data": counts}}))
    said = advice_section("triage", project / "counts.json", project / "scores", settings(project, **answers))
    assert 3 <= len(said.strip().splitlines()) <= 6  # the title, a blank line, one to four lines
    return said


def test_the_table_with_its_section(project: Path, golden: Callable[[str, str], None]) -> None:
    policy = settings(project)
    verdict = judge_recorded("triage", project / "scores", policy.gate, TODAY, ())
    golden("gate/advice.md", render_table(verdict, section(project, COUNTS)))


def test_a_model_that_was_not_worth_training_is_told(project: Path) -> None:
    assert "- The advice is: prompt: 150 clean training rows, fewer than 200." in section(
        project, {**COUNTS, "train": 150}
    )
    assert "The advice is: retrieval (RAG)" in section(project, COUNTS, knowledge_changes="daily")


def test_without_the_datas_metrics_it_says_what_is_not_measured(project: Path) -> None:
    said = section(project)
    assert "The advice is: measure first" in said
    assert "- Not measured: rejected rows, clean training rows" in said


def test_many_warnings_are_cut_to_five_lines(project: Path) -> None:
    noisy = {"train": 210, "test": 99, "reject_rate": 0.049, "near_duplicates": 90, "review_pending": 7}
    assert len(section(project, noisy, knowledge_changes="monthly").strip().splitlines()) == 6


@pytest.mark.parametrize("damage", ["counts", "scores"])
def test_a_file_that_nobody_can_read_is_named_and_stops_nothing(project: Path, damage: str) -> None:
    broken = {"counts": project / "counts.json", "scores": project / "scores" / "triage" / "baseline.jsonl"}[damage]
    broken.write_text("{<b>")
    said = section(project)
    assert "- Not known: " in said
    assert broken.name in said
    assert "<b>" not in said


def test_the_advice_changes_no_verdict(project: Path) -> None:
    verdict = judge_recorded("triage", project / "scores", settings(project).gate, TODAY, ())
    assert render_table(verdict, section(project, {**COUNTS, "train": 3})).startswith("## triage: PASS\n")
