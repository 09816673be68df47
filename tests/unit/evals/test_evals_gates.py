"""`pytest evals`: one case a gate, red where a gate fell short, never skipped; wrong use is a usage error."""

import os
import subprocess
import sys
from pathlib import Path

import factories
import pytest

ROOT = Path(__file__).parents[3]
TESTS_FAILED, USAGE_ERROR = 1, 4


def run_evals(scores: Path, *options: str) -> subprocess.CompletedProcess[str]:
    params = factories.write_params(scores / "params.yaml")
    ours = [f"--gate-scores={scores}", f"--gate-params={params}"]
    command = [sys.executable, "-m", "pytest", "evals", "-v", "-p", "no:cacheprovider", *ours]
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run([*command, *options], cwd=ROOT, capture_output=True, text=True, check=False, env=environment)


def test_a_passing_candidate_is_green_with_a_case_a_gate(tmp_path: Path) -> None:
    factories.write_evidence(tmp_path, "triage")
    done = run_evals(tmp_path, "--gate-key=triage")
    assert done.returncode == 0, done.stdout
    for gate in (
        "gain/exact_match",
        "floor/schema_valid",
        "forgetting/macro",
        "forgetting/skill_a",
        "probe/adapter_is_live",
    ):
        assert f"test_gate[{gate}] PASSED" in done.stdout


def test_a_gate_that_fell_short_is_red_and_says_why(tmp_path: Path) -> None:
    factories.write_evidence(tmp_path, "triage", factories.evidence(gain=(0.3, 0.42)))
    done = run_evals(tmp_path, "--gate-key=triage")
    assert done.returncode == TESTS_FAILED
    assert "test_gate[gain/exact_match] FAILED" in done.stdout
    assert "documents would decide" in done.stdout
    assert "1 failed, 19 passed" in done.stdout


def test_no_evidence_is_red_everywhere(tmp_path: Path) -> None:
    done = run_evals(tmp_path, "--gate-key=triage")
    assert done.returncode == TESTS_FAILED
    assert "passed" not in done.stdout.splitlines()[-1]
    assert "no such file" in done.stdout


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), "--gate-key KEY"),
        (("--gate-key=typo",), "no adapter 'typo'"),
        (("--gate-params=no.yaml", "--gate-key=triage"), "no.yaml"),
    ],
)
def test_wrong_use_is_a_usage_error(tmp_path: Path, options: tuple[str, ...], words: str) -> None:
    done = run_evals(tmp_path, *options)
    assert done.returncode == USAGE_ERROR
    assert words in done.stderr + done.stdout
