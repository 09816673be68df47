"""A clone of this repository with the cache of `make repro`: the real pipeline, ready to be changed."""

import subprocess
from pathlib import Path

import pytest
from release_project import ENV, Done

ROOT = Path(__file__).parents[2]


def dvc(root: Path, *words: str, check: bool = True) -> Done:
    """Run DVC; its whole output, both streams, is in `stdout`."""
    done = subprocess.run(["dvc", *words], cwd=root, env=ENV, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)  # fmt: skip
    assert not check or done.returncode == 0, done.stdout
    return done


def ran(output: str) -> set[str]:
    """The stages that `dvc repro` ran."""
    lines = (line for line in output.splitlines() if line.startswith("Running stage "))
    return {line.split("'")[1] for line in lines}


def clone(folder: Path) -> Path:
    """Clone HEAD, with dvc.lock, scores and metrics as they are on disk, and all outs checked out."""
    assert (ROOT / "build" / "release").is_dir(), "run `make repro` first"
    root = folder / "clone"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(root)], check=True, env=ENV)
    for name in ("dvc.lock", "scores", "metrics"):
        subprocess.run(["cp", "-r", str(ROOT / name), str(root)], check=True)
    subprocess.run(["git", "add", "-A"], cwd=root, check=True, env=ENV)
    subprocess.run(["git", "commit", "-q", "--allow-empty", "-m", "as on disk"], cwd=root, check=True, env=ENV)
    dvc(root, "cache", "dir", "--local", str(ROOT / ".dvc" / "cache"))
    dvc(root, "checkout", "-q")
    return root


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One clone for the tests of a module, in their order."""
    return clone(tmp_path_factory.mktemp("main-job"))
