"""dvc.yaml against the imports: a stage whose `deps` omit a package that it imports would judge a stale model."""

import ast
from pathlib import Path
from typing import Any

import pytest
import yaml

from tunegate.core.params import load_params

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "tunegate"
STAGES: dict[str, Any] = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]


def body(stage: str) -> dict[str, Any]:
    found: dict[str, Any] = STAGES[stage].get("do", STAGES[stage])
    return found


def imported(package: str) -> set[str]:
    """The packages of tunegate that a package imports, itself and indirect ones included."""
    found, todo = set(), {package}
    while todo:
        name = todo.pop()
        found.add(name)
        for path in (PACKAGE / name).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tunegate."):
                    todo |= {str(node.module).split(".")[1]} - found
    return found


def module(stage: str) -> str:
    words = body(stage)["cmd"].split()
    assert words[:2] == ["python", "-m"]
    return str(words[2]).removeprefix("tunegate.")


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_depends_on_all_code_that_it_imports(stage: str) -> None:
    named = {dep.removeprefix("src/tunegate/") for dep in body(stage)["deps"] if dep.startswith("src/")}
    assert named == imported(module(stage))


@pytest.mark.parametrize("stage", STAGES)
def test_paths_in_the_command_are_dependencies_or_outs(stage: str) -> None:
    known = [dep if isinstance(dep, str) else next(iter(dep)) for dep in body(stage)["deps"]]
    written = [*body(stage).get("outs", []), *body(stage).get("metrics", [])]
    known += [out if isinstance(out, str) else next(iter(out)) for out in written]
    for word in body(stage)["cmd"].split()[3:]:
        if "/" in word:
            assert any(path == word or path.startswith(word + "/") for path in known), word


@pytest.mark.parametrize("stage", STAGES)
def test_no_shell_operators(stage: str) -> None:
    assert not set("|;&<>`\n") & set(body(stage)["cmd"].strip())


def test_every_adapter_has_its_artifact() -> None:
    artifacts = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["artifacts"]
    assert set(artifacts) == set(load_params(ROOT / "params.yaml").adapters)
    assert all(artifact["path"] == f"build/release/{key}" for key, artifact in artifacts.items())
