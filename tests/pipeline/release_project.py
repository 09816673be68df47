"""A project in which everything before `gate` is a stub, and `gate` and `release` are the real stages of dvc.yaml."""

import os
import shutil
import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml
from factories import POLICY, evidence

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
ENV = {
    **{name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "DVC_"))},
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    "PYTHONPATH": f"{HERE.parent}{os.pathsep}{ROOT / 'src'}",  # this tree, whatever is installed
    "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.com",
    "GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.com",
    "GIT_CONFIG_GLOBAL": os.devnull, "DVC_NO_ANALYTICS": "1",
}  # fmt: skip
ADAPTER = {
    "advise": {"wants": ["format"]},
    "prepare": {"max_reject_rate": 0.05},
    "baseline": {"metric": "exact_match", "system": ["x"]},
    "train": {"replay": 0.5, "rank": 16, "seed": 1},
    "evaluate": {"metrics": ["exact_match", "schema_valid"]},
    "gate": POLICY.model_dump(mode="json"),
    "release": {"description": "d", "intended_use": "u", "headline": ["exact_match", "schema_valid"]},
}
PARAMS: dict[str, Any] = {
    "base": {"model": "base"},
    "general": {"tasks": ["skill_a"]},
    "adapters": {"triage": ADAPTER, "reply": deepcopy(ADAPTER)},  # else YAML writes an alias, and both change at once
}
Done = subprocess.CompletedProcess[str]


def run(root: Path, *command: str, check: bool = True) -> Done:
    """Run a command in a project; its output is in the failure."""
    done = subprocess.run(command, cwd=root, env=ENV, capture_output=True, text=True, check=False)
    assert not check or done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def commit(root: Path, message: str) -> None:
    """Commit everything, as a person does after `dvc repro`."""
    run(root, "git", "add", "-A")
    run(root, "git", "commit", "-q", "-m", message)


def tags(root: Path) -> list[str]:
    """All tags, sorted."""
    return run(root, "git", "tag").stdout.split()


def set_params(root: Path, key: str, **train: Any) -> None:
    """Change the training of one adapter in params.yaml."""
    content = yaml.safe_load((root / "params.yaml").read_text(encoding="utf-8"))
    content["adapters"][key]["train"].update(train)
    (root / "params.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")


def make_project(root: Path) -> Path:
    """Make the project and run it once; nothing of the run is committed yet."""
    root.mkdir(parents=True)
    (root / "params.yaml").write_text(yaml.safe_dump(PARAMS), encoding="utf-8")
    (root / "dvc.yaml").write_text(yaml.safe_dump(pipeline(), sort_keys=False), encoding="utf-8")
    shutil.copy(HERE / "stub_stage.py", root / "stub_stage.py")
    (root / "template.txt").write_text("what the chat template says\n", encoding="utf-8")
    shutil.copytree(ROOT / "evals", root / "evals", ignore=shutil.ignore_patterns("tasks", "__pycache__"))
    (root / ".gitignore").write_text("/build/\n.cache/\n__pycache__/\n.pytest_cache/\n", encoding="utf-8")
    evidence().general.save(root / "scores" / "general.jsonl")
    for key in PARAMS["adapters"]:
        (root / "scores" / key / "human").mkdir(parents=True)
        (root / "scores" / key / "human" / ".gitkeep").touch()
    run(root, "git", "init", "-q", "-b", "main")
    run(root, "dvc", "init", "-q")
    run(root, "git", "config", "user.name", "Ada")
    run(root, "git", "config", "user.email", "ada@example.com")
    commit(root, "project")
    run(root, "dvc", "repro")
    return root


def pipeline() -> dict[str, Any]:
    """The stub, then the real `gate` and `release` as dvc.yaml has them, without the packages as dependencies."""
    real = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))
    stages = {name: real["stages"][name] for name in ("gate", "release")}
    for stage in stages.values():
        stage["do"]["deps"] = [dep for dep in stage["do"]["deps"] if not dep.startswith("src/")]
    outs = [f"build/{name}/${{key}}" for name in ("adapters", "training", "data", "report")]
    outs += [f"build/outputs/${{key}}/{side}" for side in ("baseline", "candidate")]
    scores = [
        {f"scores/${{key}}/{name}": {"cache": False}} for name in ("baseline.jsonl", "candidate.jsonl", "probe.json")
    ]
    scores += [{"scores/${key}/looks.jsonl": {"cache": False, "persist": True}}]
    scores += [{"metrics/data/${key}.json": {"cache": False}}]
    measure = {
        "cmd": "python stub_stage.py ${key}",
        "deps": ["template.txt"],
        "params": ["adapters.${key}.train"],
        "outs": [*outs, *scores],
    }
    stub = {"measure": {"foreach": "${adapters}", "do": measure}}
    return {"stages": {**stub, **stages}, "artifacts": real["artifacts"]}
