"""`tunegate mirror`: what it refuses before it asks a server. With one: tests/pipeline/test_mirror_mlflow.py."""

import sys
from pathlib import Path

import pytest
from serve_project import Project

from tunegate.core.errors import MachineError, ReleaseRefused, TunegateError, UsageError
from tunegate.mirror.run import mirror

URL = "http://127.0.0.1:9"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def refused(root: Path, keys: list[str], url: str) -> TunegateError:
    with pytest.raises(TunegateError) as caught:
        mirror(root, keys, url, print)
    assert caught.value.next_step
    return caught.value


@pytest.mark.parametrize("url", ["", "sqlite:///mlflow.db", "databricks"])
def test_an_address_that_is_none(project: Project, url: str) -> None:
    fault = refused(project.root, [], url)
    assert isinstance(fault, UsageError)
    assert fault.message == f"{url or 'nothing'}: not the http address of an MLflow server"
    assert "MLFLOW_TRACKING_URI" in fault.next_step


def test_an_adapter_that_is_none(project: Project) -> None:
    assert refused(project.root, ["triage", "tirage"], URL).message == "no such adapter: tirage"


def test_a_prefix_that_would_change_a_query(project: Project) -> None:
    project.release("1.0.0")
    with pytest.raises(UsageError, match="letters, digits"):
        mirror(project.root, [], URL, print, prefix="x' OR name LIKE '%")


def test_nothing_is_released(project: Project) -> None:
    assert isinstance(refused(project.root, [], URL), ReleaseRefused)


def test_without_the_client_it_says_how_to_get_it(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.release("1.0.0")
    monkeypatch.setitem(sys.modules, "mlflow", None)
    fault = refused(project.root, [], URL)
    assert isinstance(fault, MachineError)
    assert "make .venv/mlflow" in fault.next_step
