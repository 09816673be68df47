"""`tunegate serve render` in a repository with tags: the files, the same bytes each time, and no torch."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from serve_cases import ROOT

COUNT = "import sys; from tunegate.cli import parser; args = parser().parse_args(sys.argv[1:]); args.command(args); "
LIGHT = COUNT + "assert not {'torch', 'transformers', 'peft', 'vllm'} & set(sys.modules)"
Git = Callable[..., str]


@pytest.fixture
def git(tmp_path: Path) -> Git:
    """Git in a repository with the example's settings and triage 1.0.0 and 1.1.0."""

    def run(*words: str) -> str:
        done = subprocess.run(["git", *words], cwd=tmp_path, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    run("init", "--quiet")
    run("config", "user.name", "Ada")
    run("config", "user.email", "ada@example.com")
    shutil.copy(ROOT / "params.yaml", tmp_path)
    run("add", "params.yaml")
    for version in ("1.0.0", "1.1.0"):
        run("commit", "--quiet", "--allow-empty", "-m", version)
        facts = f"released\n\nmethod: lora\nrank: 16\nadapter: {version[2] * 64}\nbase: examples/support/base\n"
        run("tag", "-a", f"triage@v{version}", "-m", facts)
    return run


def serve(root: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "tunegate.cli", "serve", *words]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


def files(root: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in (root / "serving").iterdir()}


def test_the_files_follow_the_stage_tags(git: Git, tmp_path: Path) -> None:
    assert serve(tmp_path, "render").returncode == 0
    assert yaml.safe_load(files(tmp_path)["routes.yaml"])["routes"]["triage"]["targets"][0]["model"] == "triage-v1.1.0"
    git("tag", "-a", "triage#prod#1", "-m", "assigned", "triage@v1.0.0^{}")
    git("tag", "-a", "triage#canary#2", "-m", "assigned", "triage@v1.1.0^{}")
    assert serve(tmp_path, "render").returncode == 0
    targets = yaml.safe_load(files(tmp_path)["routes.yaml"])["routes"]["triage"]["targets"]
    assert [(target["model"], target["weight"]) for target in targets] == [("triage-v1.0.0", 95), ("triage-v1.1.0", 5)]


def test_the_same_tags_give_the_same_bytes(git: Git, tmp_path: Path) -> None:
    serve(tmp_path, "render")
    before = files(tmp_path)
    git("commit", "--quiet", "--allow-empty", "-m", "something else")
    serve(tmp_path, "render")
    assert files(tmp_path) == before


@pytest.mark.usefixtures("git")
def test_what_kubernetes_lacks_is_said(tmp_path: Path) -> None:
    said = serve(tmp_path, "render").stdout
    assert "no serving/kubernetes.yaml: set serve.repository and serve.base_gib in params.yaml" in said
    text = (tmp_path / "params.yaml").read_text(encoding="utf-8")
    more = "  port: 8000\n  repository: https://git.example.com/a.git\n  base_gib: 0.5\n"
    (tmp_path / "params.yaml").write_text(text.replace("  port: 8000\n", more), encoding="utf-8")
    assert "serving/kubernetes.yaml" in serve(tmp_path, "render").stdout.splitlines()


def test_what_is_no_longer_wanted_is_rendered_away(git: Git, tmp_path: Path) -> None:
    """A full fine-tune becomes the canary beside the adapter, and is taken back."""
    git("tag", "-a", "triage#prod#1", "-m", "assigned", "triage@v1.0.0^{}")
    git("commit", "--quiet", "--allow-empty", "-m", "2.0.0")
    git("tag", "-a", "triage@v2.0.0", "-m", f"released\n\nmethod: full\nrank: none\nadapter: {'2' * 64}\n")
    git("tag", "-a", "triage#canary#2", "-m", "assigned")
    assert serve(tmp_path, "render").returncode == 0
    assert set(files(tmp_path)) == {"routes.yaml", "vllm.yaml", "compose.yaml", "vllm-triage-v2.0.0.yaml"}
    git("tag", "-a", "triage#prod#3", "-m", "assigned", "triage@v1.0.0^{}")
    assert serve(tmp_path, "render").returncode == 0
    assert set(files(tmp_path)) == {"routes.yaml", "vllm.yaml", "compose.yaml"}


@pytest.mark.usefixtures("git")
def test_rendering_needs_no_torch(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", LIGHT, "serve", "render"], cwd=tmp_path, capture_output=True,
                          text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_without_a_release_the_next_step_is_said(git: Git, tmp_path: Path) -> None:
    git("tag", "--delete", "triage@v1.0.0", "triage@v1.1.0")
    done = serve(tmp_path, "render")
    assert done.returncode == 20
    assert "no adapter is released yet" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.usefixtures("git")
def test_a_release_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = serve(tmp_path, "fetch", "triage@v9.9.9")
    assert (done.returncode, "no such release: triage@v9.9.9" in done.stderr) == (20, True)


def test_a_pod_clones_the_repository_at_the_commit(git: Git, tmp_path: Path) -> None:
    pod = tmp_path / "pod"
    pod.mkdir()
    done = serve(
        pod, "fetch", "--from", str(tmp_path), "--commit", git("rev-parse", "triage@v1.0.0^{}"), "reply@v1.0.0"
    )
    assert "no such release: reply@v1.0.0" in done.stderr  # cloned, with its tags; that release is not among them
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=pod, capture_output=True, text=True, check=True).stdout
    assert head.strip() == git("rev-parse", "triage@v1.0.0^{}")
