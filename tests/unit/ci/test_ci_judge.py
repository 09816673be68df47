"""`tunegate ci judge` in a real repository: the base branch's policy, loud changes, annotations, exit codes."""

import json
import re
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import factories
import pytest
import yaml

from tunegate.ci.annotations import annotations, command
from tunegate.ci.markdown import MARKER
from tunegate.ci.policy import Change
from tunegate.ci.report import COMMENT_BYTES, SUMMARY_BYTES, Judged, Report, render
from tunegate.cli import parser
from tunegate.core.errors import SettingsError, UsageError
from tunegate.core.params import load_params
from tunegate.core.settings import Gate, Train
from tunegate.judge.decide import decide, error_verdict
from tunegate.judge.remedies import remedies
from tunegate.records.evidence import Evidence
from tunegate.records.verdict import Outcome

EVIDENCE = {
    "PASS": factories.evidence(),
    "FAIL": factories.evidence(general=(0.9, 0.7), forgotten={"skill_b": 0.9}),
    "INCONCLUSIVE": factories.evidence(gain=(0.3, 0.42)),
    "ERROR": factories.evidence(skills=()),
}
CODES = {"PASS": 0, "FAIL": 1, "INCONCLUSIVE": 2, "ERROR": 3}


def git(root: Path, *words: str) -> str:
    identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
    done = subprocess.run(["git", *identity, *words], cwd=root, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def commit(root: Path) -> str:
    git(root, "add", "-A")
    git(root, "commit", "-q", "--allow-empty", "-m", "x")
    return git(root, "rev-parse", "HEAD")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose main passes, and a branch on which the pull request is made."""
    root = tmp_path / "project"
    root.mkdir()
    factories.write_params(root / "params.yaml")
    git(root, "init", "-q", "-b", "main")
    write(root, "PASS")
    git(root, "switch", "-q", "-c", "new")
    monkeypatch.chdir(root)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    return root


def write(root: Path, outcome: str) -> None:
    """Commit the scores that give an outcome."""
    factories.write_evidence(root / "scores", "triage", EVIDENCE[outcome])
    commit(root)


def set_gate(root: Path, **changed: Any) -> None:
    """Change the policy in params.yaml, and commit."""
    content = json.loads((root / "params.yaml").read_text())
    content["adapters"]["triage"]["gate"] |= changed
    (root / "params.yaml").write_text(json.dumps(content, indent=1))
    commit(root)


def judge(*words: str) -> int:
    args = parser().parse_args(["ci", "judge", "--today", "2026-11-24", *words])
    return int(args.command(args))


def summary(root: Path) -> str:
    return (root.parent / "summary.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("outcome", EVIDENCE)
def test_the_exit_code_is_the_verdict_and_the_comment_says_it(project: Path, outcome: str) -> None:
    write(project, outcome)
    assert judge("--policy-from", "main", "--comment", "comment.md") == CODES[outcome]
    body = (project / "comment.md").read_text()
    assert body.startswith(f"{MARKER}\n## tunegate: {outcome}\n\n| adapter |")
    assert "CAUTION" not in body
    assert summary(project).strip() == body.strip()


def test_a_committed_verdict_is_not_believed(project: Path) -> None:
    write(project, "FAIL")
    (project / "build/gate/triage").mkdir(parents=True)
    (project / "build/gate/triage/verdict.json").write_text('{"outcome": "PASS"}')
    assert judge() == CODES["FAIL"]


def test_a_looser_policy_does_not_let_its_own_pull_request_through(project: Path) -> None:
    write(project, "FAIL")
    set_gate(project, forgetting={"max_drop": 0.9, "policy": "macro+veto"})
    assert judge("--policy-from", "main") == CODES["FAIL"]
    said = summary(project)
    assert said.index("changes how it is judged") < said.index("| adapter |")
    assert "triage: FAIL by the base branch's, PASS by the proposed one (changed: <code>forgetting</code>)" in said
    assert "by the proposed policy" in said


def test_a_stricter_policy_that_fails_is_a_failure_too(project: Path) -> None:
    set_gate(project, gains=[{"metric": "exact_match", "min_gain": 0.9}])
    assert judge("--policy-from", "main") == CODES["FAIL"]
    assert "PASS by the base branch's, FAIL by the proposed one" in summary(project)
    assert "### triage: FAIL by the proposed policy" in summary(project)


def test_a_waiver_counts_once_it_is_on_the_base_branch(project: Path) -> None:
    write(project, "FAIL")
    ids = ["forgetting/macro", *(f"forgetting/{skill}" for skill in factories.SKILLS)]
    lines = [{"gate": name, "reason": "agreed with the desk", "by": "Ada", "expires": "2026-12-31"} for name in ids]
    set_gate(project, waivers=lines)
    assert judge("--policy-from", "main") == CODES["FAIL"]
    git(project, "branch", "-f", "main")
    assert judge("--policy-from", "main") == CODES["PASS"]


@pytest.mark.parametrize("name", ["evals/test_gates.py", "src/tunegate/judge/decide.py", ".github/workflows/gate.yml"])
def test_a_change_of_what_judges_is_loud(project: Path, name: str) -> None:
    (project / name).parent.mkdir(parents=True, exist_ok=True)
    (project / name).write_text("x")
    commit(project)
    assert judge("--policy-from", "main") == 0
    assert f"<code>{name}</code>" in summary(project).partition("| adapter |")[0]


def test_a_task_or_a_metric_that_is_taken_out_is_loud(project: Path) -> None:
    content = json.loads((project / "params.yaml").read_text())
    content["general"]["tasks"] = content["general"]["tasks"][1:]
    content["adapters"]["triage"]["evaluate"]["max_new_tokens"] = 8
    (project / "params.yaml").write_text(json.dumps(content))
    (project / "datasets.dvc").write_text("outs: []\n")
    commit(project)
    assert judge("--policy-from", "main") == 0
    loud = summary(project).partition("| adapter |")[0]
    for name in ("general", "adapters.triage.evaluate", "datasets.dvc"):
        assert f"<code>{name}</code>" in loud


def test_a_look_that_is_taken_out_of_the_ledger_is_loud(project: Path) -> None:
    """Fewer looks at the test split would mean an easier level."""
    ledger = project / "scores/triage/looks.jsonl"
    mine = ledger.read_text()
    git(project, "switch", "-q", "main")
    ledger.write_text(mine + json.dumps({"test": json.loads(mine)["test"], "candidate": "f" * 64}) + "\n")
    commit(project)
    git(project, "switch", "-q", "-C", "new", "main")
    ledger.write_text(mine)
    commit(project)
    assert judge("--policy-from", "main") == 0
    assert "lost 1 of 2 looks" in summary(project).partition("| adapter |")[0]


def test_another_training_is_what_a_pull_request_is_for(project: Path) -> None:
    content = json.loads((project / "params.yaml").read_text())
    content["adapters"]["triage"]["train"] = {"epochs": 4}
    (project / "params.yaml").write_text(json.dumps(content))
    commit(project)
    assert judge("--policy-from", "main") == 0
    assert "CAUTION" not in summary(project)


def test_what_the_base_branch_changed_meanwhile_is_not_the_pull_requests(project: Path) -> None:
    git(project, "switch", "-q", "main")
    (project / "Makefile").write_text("all:\n")
    commit(project)
    git(project, "switch", "-q", "new")
    assert judge("--policy-from", "main") == 0
    assert "CAUTION" not in summary(project)


def test_new_and_gone_adapters_are_said(project: Path) -> None:
    content = json.loads((project / "params.yaml").read_text())
    content["adapters"] = {"reply": content["adapters"]["triage"]}
    (project / "params.yaml").write_text(json.dumps(content))
    factories.write_evidence(project / "scores", "reply", factories.evidence("reply"))
    commit(project)
    assert judge("--policy-from", "main") == 0
    assert "reply is not on the base branch" in summary(project)
    assert "It takes triage out" in summary(project)


def test_unreadable_settings_are_told_and_stop_the_job(project: Path) -> None:
    (project / "params.yaml").write_text("adapters: {<b>: 1}\n")
    with pytest.raises(SettingsError):
        judge("--policy-from", "main", "--comment", "comment.md")
    assert "Nothing was judged" in summary(project)
    assert "<b>" not in (project / "comment.md").read_text()


@pytest.mark.parametrize("ref", ["nowhere", "--output=x", "main:params.yaml"])
def test_a_base_that_is_no_commit_is_a_usage_error(project: Path, ref: str) -> None:
    with pytest.raises(UsageError, match="no commit"):
        judge(f"--policy-from={ref}")
    assert "fetch-depth: 0" in summary(project)


def test_a_base_whose_policy_this_code_cannot_read_is_no_way_around_it(project: Path) -> None:
    git(project, "switch", "-q", "main")
    (project / "params.yaml").write_text("adapters: 1\n")
    commit(project)
    git(project, "switch", "-q", "new")
    with pytest.raises(SettingsError, match="base branch's policy"):
        judge("--policy-from", "main")


def test_annotations_stand_on_the_lines_of_the_gates(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = factories.evidence(gain=(0.3, 0.42), valid=0.8, general=(0.9, 0.7))
    factories.write_evidence(
        project / "scores", "triage", found._replace(probe=factories.probe_report(failed=["adapter_is_live"]))
    )
    content = json.loads((project / "params.yaml").read_text())
    (project / "params.yaml").write_text(yaml.safe_dump(content, sort_keys=False))
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert judge() == CODES["FAIL"]
    commands, _, rest = capsys.readouterr().out.partition("::stop-commands::")
    lines = (project / "params.yaml").read_text().splitlines()
    placed = re.findall(r"^::error file=params\.yaml,line=(\d+),title=triage%3A (\S+) ", commands, re.MULTILINE)
    words = {gate: lines[int(line) - 1].strip() for line, gate in placed}
    assert words["gain/exact_match"] == "- metric: exact_match"
    assert words["floor/schema_valid"] == "- metric: schema_valid"
    assert words["forgetting/macro"] == "forgetting:"
    assert words["probe/adapter_is_live"] == "gate:"
    token = rest.splitlines()[0]
    assert rest.rstrip().endswith(f"::{token}::")


def test_no_text_ends_a_workflow_command_or_begins_another() -> None:
    written = command("error", "100 %\n::set-env name=x::y\r", file="a,b:c", line=3, title="t\n::add-mask::x")
    assert written == (
        "::error file=a%2Cb%3Ac,line=3,title=t%0A%3A%3Aadd-mask%3A%3Ax::100 %25%0A::set-env name=x::y%0D"
    )


def test_at_most_ten_annotations_and_the_tenth_counts_the_rest(tmp_path: Path) -> None:
    path = factories.write_params(tmp_path / "params.yaml")
    params = load_params(path)
    verdict = error_verdict("triage", factories.POLICY, [f"fault {number}" for number in range(25)], {})
    lines = annotations([Judged("triage", verdict)], params, path.read_text(), "params.yaml")
    assert len(lines) == 10
    assert lines[-1] == "::error::16 more gates fell short: see the summary"


@pytest.mark.parametrize("outcome", EVIDENCE)
def test_the_comment_and_the_summary_of_each_outcome(
    outcome: str, decided: Callable[[Evidence], Judged], golden: Callable[[str, str], None]
) -> None:
    report = Report((decided(EVIDENCE[outcome]),), None, "0123456789abcdef")
    assert report.outcome == outcome
    golden(f"ci/comment-{outcome.lower()}.md", render(report, COMMENT_BYTES))
    golden(f"ci/summary-{outcome.lower()}.md", render(report, SUMMARY_BYTES))


@pytest.fixture
def decided() -> Callable[[Evidence], Judged]:
    """One adapter judged by the test policy, with its remedies."""

    def judged(evidence: Evidence) -> Judged:
        verdict = decide("triage", evidence, factories.POLICY, date(2026, 11, 24), {"candidate": "d" * 64})
        return Judged("triage", verdict, tries=remedies(verdict, Train(replay=0, epochs=5, learning_rate=0.003)))

    return judged


def test_a_summary_that_is_nearly_full_stays_below_githubs_limit(project: Path) -> None:
    write(project, "FAIL")
    (project.parent / "summary.md").write_text("x" * 990_000 + "\n")
    assert judge() == CODES["FAIL"]
    assert "## tunegate: FAIL" in summary(project)
    assert len(summary(project).encode()) <= 1_000_000


def test_the_comment_on_a_changed_policy(
    decided: Callable[[Evidence], Judged], golden: Callable[[str, str], None]
) -> None:
    loose = Gate.model_validate(
        {**factories.POLICY.model_dump(), "forgetting": {"max_drop": 0.5, "policy": "macro+veto"}}
    )
    proposed = decide("triage", EVIDENCE["FAIL"], loose, date(2026, 11, 24), {"candidate": "d" * 64})
    judged = decided(EVIDENCE["FAIL"])._replace(proposed=proposed)
    change = Change("fedcba9876543210", ("evals/test_gates.py",), {"triage": factories.POLICY}, ("reply",))
    golden("ci/comment-changed-policy.md", render(Report((judged,), change, "0123456789abcdef"), COMMENT_BYTES))


def test_a_thousand_adapters_fit_into_a_comment(decided: Callable[[Evidence], Judged]) -> None:
    one = decided(EVIDENCE["FAIL"])
    report = Report(tuple(one._replace(key=f"adapter-{number}") for number in range(1000)))
    body = render(report, COMMENT_BYTES)
    assert len(body.encode()) <= COMMENT_BYTES
    assert body.startswith(f"{MARKER}\n## tunegate: FAIL\n\n| adapter |")
    assert "left out here" in body


def test_names_and_reasons_cannot_be_markup(decided: Callable[[Evidence], Judged]) -> None:
    probe = factories.probe_report(names=[*factories.CHECKS, "@ada | <img src=x> [l](http://x) `c`"])
    body = render(Report((decided(EVIDENCE["FAIL"]._replace(probe=probe)),)), COMMENT_BYTES)
    for harm in ("@ada", "<img", "](", "http://", "`c`"):
        assert harm not in body
    rows = [line for line in body.splitlines() if line.startswith("| probe/")]
    assert len(rows) == 12
    assert all(row.count("|") == 7 for row in rows)


def test_the_gravest_outcome_is_that_of_all() -> None:
    assert Report(()).outcome is Outcome.ERROR
