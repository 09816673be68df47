"""The pytest plugin: inert without its key, a case a gate, gates of a team's own, no skip, no rerun, none left out."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import factories
import pytest

ROOT = Path(__file__).parents[3]
OK, FAILED, ERROR, USAGE_ERROR = 0, 1, 3, 4
GATES = 20


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with settings, evals and the scores of a clear PASS."""
    monkeypatch.chdir(tmp_path)
    return factories.write_gate_project(tmp_path, ROOT / "evals")


def run(*options: str, plugins: tuple[str, ...] = (), key: bool = True) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *(f"-p{name}" for name in plugins)]
    ours = ["--gate-key=triage"] if key else []
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""}
    return subprocess.run([*command, *ours, *options], capture_output=True, text=True, check=False, env=environment)


def add(project: Path, text: str, name: str = "test_ours.py") -> None:
    (project / "evals" / name).write_text(text, encoding="utf-8")


def report(project: Path) -> Any:
    return json.loads((project / "report.json").read_text(encoding="utf-8"))


def test_all_gates_pass_and_the_report_says_so(project: Path) -> None:
    done = run("evals", "--gate-report=report.json")
    assert done.returncode == OK, done.stdout
    found = report(project)
    assert (found["verdict"], found["declared"], found["faults"], len(found["tests"])) == ("PASS", GATES, [], GATES)
    gain = next(test for test in found["tests"] if test["gate"] == "gain/exact_match")
    assert (gain["result"], gain["kind"], gain["bound"]) == ("passed", "superiority", 0.1)


def test_the_same_through_xdist(project: Path) -> None:
    alone = run("evals", "--gate-report=report.json")
    before = report(project)
    many = run("evals", "--gate-report=report.json", "-n2", plugins=("xdist",))
    assert (alone.returncode, many.returncode) == (OK, OK), many.stdout
    assert report(project) == before


def test_a_gate_that_fell_short_is_red(project: Path) -> None:
    factories.write_evidence(project / "scores", "triage", factories.evidence(gain=(0.3, 0.42)))
    done = run("evals", "--gate-report=report.json")
    assert done.returncode == FAILED
    assert [test["gate"] for test in report(project)["tests"] if test["result"] == "failed"] == ["gain/exact_match"]


def test_inconclusive_can_be_a_warning_but_fail_cannot(project: Path) -> None:
    factories.write_evidence(project / "scores", "triage", factories.evidence(gain=(0.3, 0.42)))
    done = run("evals", "--gate-inconclusive=warn", "--gate-report=report.json")
    assert done.returncode == OK, done.stdout
    assert "PytestWarning: gain/exact_match INCONCLUSIVE" in done.stdout
    assert report(project)["verdict"] == "INCONCLUSIVE"
    factories.write_evidence(project / "scores", "triage", factories.evidence(gain=(0.3, 0.3)))
    assert run("evals", "--gate-inconclusive=warn").returncode == FAILED


def test_the_gate_of_the_docs_is_a_gate(project: Path) -> None:
    text = (ROOT / "docs/how-the-gate-decides.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert len(code.splitlines()) <= 15
    add(project, code.replace('"priority"', '"exact_match"').replace("0.9,", "0.89,"))
    done = run("evals", "--gate-report=report.json")
    assert done.returncode == OK, done.stdout
    assert [test["result"] for test in report(project)["tests"] if "test_ours" in test["gate"]] == ["passed"]
    add(project, code.replace('"priority"', '"exact_match"'))
    done = run("evals")
    assert done.returncode == FAILED
    assert "the priority is wrong too often" in done.stdout


OWN = """
import pytest

def test_verdict(verdict, policy):
    assert verdict.outcome == "PASS"
    assert policy.alpha == 0.05

@pytest.mark.gate(kind="length")
def test_marked():
    assert True
"""


def test_fixtures_and_markers_make_gates(project: Path) -> None:
    add(project, OWN)
    assert run("evals", "--gate-report=report.json").returncode == OK
    ours = [test["gate"] for test in report(project)["tests"] if "test_ours" in test["gate"]]
    assert ours == ["evals/test_ours.py::test_marked", "evals/test_ours.py::test_verdict"]


@pytest.mark.parametrize(
    "spoil",
    [
        "import pytest\ndef test_x(verdict):\n    pytest.skip('later')\n",
        "import pytest\n@pytest.mark.skip\ndef test_x(verdict):\n    pass\n",
        "import pytest\n@pytest.mark.xfail\ndef test_x(verdict):\n    assert False\n",
        "import pytest\n@pytest.mark.xfail\ndef test_x(verdict):\n    assert True\n",
        "import pytest\n@pytest.mark.gate(kind='own')\ndef test_x():\n    pytest.xfail('known')\n",
    ],
)
@pytest.mark.parametrize("plugins", [(), ("xdist",)])
def test_a_gate_that_is_skipped_or_expected_to_fail_is_an_error(
    project: Path, spoil: str, plugins: tuple[str, ...]
) -> None:
    add(project, spoil)
    done = run("evals", *(["-n1"] if plugins else []), "--gate-report=report.json", plugins=plugins)
    assert done.returncode == ERROR, done.stdout
    assert "skipped or expected to fail" in done.stdout
    assert report(project)["verdict"] == "ERROR"


RERUN = """
from _pytest.runner import runtestprotocol

def pytest_runtest_protocol(item, nextitem):
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    for _ in range(2):
        for report in runtestprotocol(item, nextitem=nextitem, log=False):
            item.ihook.pytest_runtest_logreport(report=report)
    return True
"""


def test_a_gate_that_is_run_again_is_an_error(project: Path) -> None:
    add(project, RERUN, "again.py")
    done = run("evals", plugins=("evals.again",))
    assert done.returncode == ERROR, done.stdout
    assert "was run again" in done.stdout


@pytest.mark.parametrize(
    "options",
    [
        ("-k", "forgetting"),
        ("-m", "gate(kind='floor')"),
        ("--deselect", "evals/test_gates.py::test_gate[forgetting/macro]"),
        ("-k", "nothing"),
        ("-x",),
    ],
)
def test_gates_that_were_not_run_are_an_error(project: Path, options: tuple[str, ...]) -> None:
    if options == ("-x",):
        factories.write_evidence(project / "scores", "triage", factories.evidence(gain=(0.3, 0.3)))
    done = run("evals", *options)
    assert done.returncode == ERROR, done.stdout
    assert "gates were not run: " in done.stdout


def test_a_look_at_what_there_is_judges_nothing(project: Path) -> None:
    done = run("evals", "--collect-only", "-q")
    assert done.returncode == OK
    assert f"{GATES} tests collected" in done.stdout
    assert (project / "report.json").exists() is False


def test_without_its_key_it_is_inert(project: Path) -> None:
    """As in every run of an environment that has tunegate: nothing is imported, no test of others is touched."""
    text = (
        "import sys, pytest\n"
        "@pytest.mark.parametrize('gate', [1, 2])\ndef test_theirs(gate):\n    assert gate\n"
        "@pytest.fixture\ndef scores():\n    return [1]\ndef test_fixture(scores):\n    assert scores == [1]\n"
        "@pytest.mark.skip\ndef test_skipped(): pass\n"
        "def test_light():\n    assert not {'numpy', 'pydantic', 'scipy', 'yaml'} & set(sys.modules)\n"
    )
    (project / "test_theirs.py").write_text(text)
    done = run("test_theirs.py", plugins=("tunegate.gate.plugin",), key=False)
    assert done.returncode == OK, done.stdout
    assert "4 passed, 1 skipped" in done.stdout


def test_a_fixture_without_its_key_says_what_is_missing(project: Path) -> None:
    (project / "test_theirs.py").write_text("def test_x(verdict):\n    assert verdict\n")
    done = run("test_theirs.py", plugins=("tunegate.gate.plugin",), key=False)
    assert done.returncode == FAILED
    assert "--gate-key KEY" in done.stdout
    assert run("evals", key=False).returncode == USAGE_ERROR


def test_scores_that_cannot_be_read_fail_in_words(project: Path) -> None:
    (project / "scores/triage/candidate.jsonl").unlink()
    add(project, "def test_x(scores):\n    assert scores\n")
    done = run("evals")
    assert done.returncode == FAILED
    assert "candidate.jsonl: no such file" in done.stdout
    assert "Traceback" not in done.stdout


def test_it_is_registered_for_every_pytest_of_the_environment() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert '[project.entry-points.pytest11]\n"tunegate.gate.plugin" = "tunegate.gate.plugin"' in text
