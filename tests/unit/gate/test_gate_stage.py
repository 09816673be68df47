"""The stage as DVC runs it: whole outputs, the same bytes each time, exit 0 whatever the verdict."""

import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from datetime import date
from pathlib import Path
from typing import Any

import factories
import jsonschema
import pytest

from tunegate.gate.recorded import judge_recorded
from tunegate.records.verdict import Outcome

ROOT = Path(__file__).parents[3]
COUNTS = "metrics/data/triage.json"
OUTPUTS = {"verdict.json", "table.md", "effects.svg", "effects.png", "junit.xml", "report.html"}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with settings, evals and the scores of a clear PASS."""
    monkeypatch.chdir(tmp_path)
    return factories.write_gate_project(tmp_path, ROOT / "evals")


def run_stage(out: str = "out") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tunegate.gate", "triage", "scores", COUNTS, "evals", out, "metrics/triage.json"]
    return subprocess.run([*command, "--today", "2026-11-24"], capture_output=True, text=True, check=False)


def verdict_in(folder: Path) -> Any:
    return json.loads((folder / "verdict.json").read_text())


def test_a_clear_pass_writes_everything_the_same_twice(project: Path) -> None:
    for out in ("out", "again"):
        done = run_stage(out)
        assert done.returncode == 0, done.stderr
    assert {path.name for path in (project / "out").iterdir()} == OUTPUTS
    for name in OUTPUTS:
        assert (project / "out" / name).read_bytes() == (project / "again" / name).read_bytes(), name
    schema = json.loads((ROOT / "docs/reference/verdict.schema.json").read_text())
    jsonschema.validate(verdict_in(project / "out"), schema)
    assert json.loads((project / "metrics/triage.json").read_text()) == {
        "triage": {
            "verdict": "PASS",
            "exact_match": 0.9,
            "exact_match_gain": 0.6,
            "general": 0.9,
            "retained": 1.0,
            "schema_valid": 1.0,
        }
    }
    cases = ET.parse(project / "out/junit.xml").getroot().findall(".//testcase")  # noqa: S314 - our own file
    assert [case.get("name") for case in cases] == [
        f"test_gate[{g['id']}]" for g in verdict_in(project / "out")["gates"]
    ]


def test_a_failing_candidate_still_exits_zero(project: Path) -> None:
    factories.write_evidence(project / "scores", "triage", factories.evidence(general=(0.9, 0.5)))
    done = run_stage()
    assert done.returncode == 0, done.stderr
    assert verdict_in(project / "out")["outcome"] == "FAIL"
    assert "forgetting/macro" in done.stdout
    failures = ET.parse(project / "out/junit.xml").getroot().findall(".//failure")  # noqa: S314 - our own file
    assert len(failures) == 6
    assert str(project) not in (project / "out/junit.xml").read_text()


def test_missing_evidence_still_exits_zero(project: Path) -> None:
    (project / "scores/triage/candidate.jsonl").unlink()
    done = run_stage()
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert verdict_in(project / "out")["outcome"] == "ERROR"
    assert {path.name for path in (project / "out").iterdir()} == OUTPUTS
    assert json.loads((project / "metrics/triage.json").read_text()) == {"triage": {"verdict": "ERROR"}}


@pytest.mark.parametrize("damage", ["missing", "empty", "cut short", "no JSON", "NaN", "a folder", "not UTF-8"])
@pytest.mark.parametrize("name", ["general.jsonl", "triage/baseline.jsonl", "triage/candidate.jsonl"])
def test_corrupt_evidence_is_an_error_verdict_that_names_the_file(project: Path, name: str, damage: str) -> None:
    path = project / "scores" / name
    text = path.read_text()
    path.unlink()
    if damage == "a folder":
        path.mkdir()
    elif damage != "missing":
        cut = {"empty": "", "cut short": text[: len(text) // 2], "no JSON": "{", "NaN": text.replace(":1.0", ":NaN", 1)}
        path.write_bytes(cut[damage].encode() if damage in cut else b"\xff\xfe")
    verdict = judge_recorded("triage", project / "scores", factories.POLICY, date(2026, 11, 24), factories.SKILLS)
    assert verdict.outcome is Outcome.ERROR
    assert name in verdict.gates[0].reason


def test_an_unknown_adapter_is_one_clear_error(project: Path) -> None:
    command = [sys.executable, "-m", "tunegate.gate", "typo", "scores", COUNTS, "evals", "out", "metrics/typo.json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=project)
    assert done.returncode == 10
    assert "no adapter 'typo'" in done.stderr
    assert "Traceback" not in done.stderr


def test_broken_evals_are_no_verdict(project: Path) -> None:
    (project / "evals/conftest.py").write_text("raise RuntimeError('broken')\n")
    done = run_stage()
    assert done.returncode == 13
    assert "pytest" in done.stderr
