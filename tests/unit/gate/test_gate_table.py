"""The table that people read: both sides, the bound, the result, what fell short and what to do."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import factories
import pytest

from tunegate.core.params import load_params
from tunegate.core.settings import Gate
from tunegate.gate.check import check, check_all
from tunegate.gate.columns import metrics
from tunegate.gate.picture import draw
from tunegate.gate.table import render_table
from tunegate.judge.decide import decide, error_verdict
from tunegate.records.evidence import Evidence
from tunegate.records.verdict import Verdict

TODAY = date(2026, 11, 24)
WAIVER = {"gate": "floor/schema_valid", "reason": "the parser repairs it", "by": "Ada", "expires": date(2026, 12, 31)}
EVIDENCE = {
    "pass": factories.evidence(),
    "fail": factories.evidence(general=(0.9, 0.7), forgotten={"skill_b": 0.9}),
    "inconclusive": factories.evidence(gain=(0.3, 0.42)),
}


def judged(evidence: Evidence, policy: Gate = factories.POLICY) -> Verdict:
    return decide("triage", evidence, policy, TODAY, {})


@pytest.mark.parametrize("name", EVIDENCE)
def test_the_table_of_each_outcome(name: str, golden: Callable[[str, str], None]) -> None:
    golden(f"gate/{name}.md", render_table(judged(EVIDENCE[name])))


def test_the_table_of_a_waived_gate(golden: Callable[[str, str], None]) -> None:
    policy = Gate.model_validate({**factories.POLICY.model_dump(), "waivers": [WAIVER]})
    golden("gate/waived.md", render_table(judged(factories.evidence(valid=0.8), policy)))


def test_the_table_of_an_error(golden: Callable[[str, str], None]) -> None:
    faults = ["scores/triage/probe.json: no such file"]
    golden("gate/error.md", render_table(error_verdict("triage", factories.POLICY, faults, {})))


def test_scores_of_another_machine_are_measured_anew_by_a_command_that_does_it() -> None:
    """`dvc repro` alone would do nothing: DVC does not see which libraries measured."""
    given = factories.evidence()
    sides = [
        file.model_copy(update={"tasks": tuple(
            task.model_copy(update={"must_match": {**task.must_match, "libraries": {"torch": version}}})
            for task in file.tasks
        )})
        for file, version in ((given.general, "2.13.0+cpu"), (given.candidate, "2.13.0+cu130"))
    ]  # fmt: skip
    table = render_table(judged(given._replace(general=sides[0], candidate=sides[1])))
    again = "`dvc repro --force --single-item general baseline@triage evaluate@triage`, then `dvc repro`"
    assert f"Measure again with {again} (DVC does not see other libraries); an ERROR is never waived." in table


def test_text_from_evidence_cannot_break_the_table() -> None:
    report = factories.probe_report(names=[*factories.CHECKS, "a | b <script>\n| x"])
    table = render_table(judged(factories.evidence()._replace(probe=report)))
    assert "a \\| b &lt;script> \\| x" in table


@pytest.mark.parametrize("name", EVIDENCE)
def test_the_picture_is_the_same_twice(name: str) -> None:
    verdict = judged(EVIDENCE[name])
    assert draw(verdict, "svg") == draw(verdict, "svg")
    assert b"forgetting/macro" in draw(verdict, "svg")
    assert draw(verdict, "png").startswith(b"\x89PNG")


def test_a_picture_without_a_judged_gate_says_so() -> None:
    assert b"No gate could be judged" in draw(error_verdict("triage", factories.POLICY, ["gone"], {}), "svg")


def test_the_columns_name_verdict_gain_and_what_is_retained() -> None:
    assert metrics(judged(EVIDENCE["fail"]))["triage"] == {
        "verdict": "FAIL",
        "exact_match": 0.9,
        "exact_match_gain": 0.6,
        "general": 0.74,
        "retained": 0.8222,
        "schema_valid": 1.0,
    }


@pytest.mark.parametrize(("name", "code"), [("pass", 0), ("fail", 1), ("inconclusive", 2), ("missing", 3)])
def test_check_exits_with_the_verdict_and_writes_the_step_summary(
    name: str, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    if name in EVIDENCE:
        factories.write_evidence(tmp_path / "scores", "triage", EVIDENCE[name])
    params = load_params(factories.write_params(tmp_path / "params.yaml"))
    assert check("triage", tmp_path / "scores", tmp_path / "metrics", params, TODAY) == code
    shown = capsys.readouterr().out
    assert "## triage: " in shown
    assert "Was fine-tuning the right tool?" in shown
    assert summary.read_text() == "before\n" + shown


def test_of_several_adapters_the_gravest_verdict_counts(tmp_path: Path) -> None:
    factories.write_evidence(tmp_path / "scores", "triage", EVIDENCE["inconclusive"])
    factories.write_evidence(tmp_path / "scores", "reply", factories.evidence("reply", gain=(0.3, 0.3)))
    params = load_params(factories.write_params(tmp_path / "params.yaml"))
    both = params.model_copy(update={"adapters": dict.fromkeys(("triage", "reply"), params.adapters["triage"])})
    assert check_all(("triage", "reply"), tmp_path / "scores", tmp_path, both, TODAY) == 1
