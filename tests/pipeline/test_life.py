"""The life of a model: released, replaced, withdrawn, replaced again. Real Git, DVC on S3, GTO, signatures, vLLM.

What measures is a stub whose adapters have random weights: they pass the gate by made-up scores, and each answers
otherwise.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import release_project
import yaml
from random_adapter import BASE
from release_project import ROOT, commit, make_project, run, set_params
from remote_servers import KEY, SECRET, free_port, s3_server
from serving_clients import ask

from tunegate.records.release_keys import VARIABLE
from tunegate.vllm.process import command, environment, wait_until_healthy

pytestmark = pytest.mark.slow
PORT, S3 = 8773, free_port()
SECRETS = (("access_key_id", KEY), ("secret_access_key", SECRET))


def cli(root: Path, *words: str) -> str:
    return run(root, sys.executable, "-m", "tunegate.cli", *words).stdout


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A project with its remotes, whose releases must be signed; the S3 server is up."""
    monkeypatch.setitem(release_project.PARAMS, "base", {"model": BASE.as_posix()})
    monkeypatch.setitem(release_project.PARAMS, "serve", {"port": PORT})
    monkeypatch.setitem(release_project.PARAMS, "release_signers", ["release.pub"])
    monkeypatch.setitem(release_project.ENV, VARIABLE, str(tmp_path / "release"))
    root = tmp_path / "desk"
    root.mkdir()
    cli(root, "keygen", str(tmp_path / "release"))
    root.rmdir()
    made = make_project(root)
    (tmp_path / "release.pub").rename(made / "release.pub")
    (made / BASE).parent.mkdir(parents=True)
    (made / BASE).symlink_to(ROOT / BASE)
    run(tmp_path, "git", "init", "-q", "--bare", "-b", "main", "origin.git")
    run(made, "git", "remote", "add", "origin", str(tmp_path / "origin.git"))
    run(made, "dvc", "remote", "add", "-q", "-d", "store", "s3://models/dvc")
    for key, value in (("endpointurl", f"http://127.0.0.1:{S3}"), ("region", "us-east-1")):
        run(made, "dvc", "remote", "modify", "-q", "store", key, value)
    for key, value in SECRETS:
        run(made, "dvc", "remote", "modify", "-q", "--local", "store", key, value)
    (made / ".gitignore").write_text("/build/\n.cache/\n__pycache__/\n.pytest_cache/\n/serving/\n", encoding="utf-8")
    with s3_server(tmp_path / "s3", S3):
        yield made


def release(root: Path, message: str) -> str:
    """Commit what a run left, share it; the newest version of triage."""
    run(root, "dvc", "repro")
    commit(root, message)
    run(root, "git", "push", "-q", "-u", "origin", "main")
    cli(root, "publish", "triage")
    return run(root, "git", "tag", "--list", "triage@*", "--sort=-version:refname").stdout.split()[0]


def move(root: Path, *words: str) -> tuple[dict[str, int], set[str]]:
    """Promote or roll back, share it, bring the server in step: where the stable name goes, and what is loaded."""
    cli(root, *words, "--push")
    cli(root, "serve", "reconcile")
    routes = yaml.safe_load((root / "serving" / "routes.yaml").read_text(encoding="utf-8"))["routes"]
    loaded = cli(root, "serve", "status")
    assert loaded.splitlines()[-1] == "in step"
    names = {line.split()[0] for line in loaded.splitlines() if line.endswith(" loaded")}
    return {target["model"]: target["weight"] for target in routes["triage"]["targets"]}, names


def test_the_life_of_a_model(desk: Path) -> None:
    assert release(desk, "first") == "triage@v1.0.0"
    cli(desk, "promote", "triage", "1.0.0", "--stage", "prod", "--push")
    cli(desk, "serve", "fetch")
    cli(desk, "serve", "render")
    words = [*command(ROOT), "--config", "serving/vllm.yaml"]
    log = (desk.parent / "vllm.log").open("wb")
    server = subprocess.Popen(words, cwd=desk, env=environment(updates=True), stdout=log, stderr=log)
    try:
        wait_until_healthy(server, f"http://127.0.0.1:{PORT}/health")
        _live(desk)
    finally:
        server.terminate()
        server.wait(30)
        log.close()
    _a_fresh_clone_has_them_all(desk)


def _live(desk: Path) -> None:
    url = f"http://127.0.0.1:{PORT}"
    first = ask(url, "triage-v1.0.0")
    set_params(desk, "triage", seed=2)
    assert release(desk, "retrained") == "triage@v1.1.0"
    routes, loaded = move(desk, "promote", "triage", "1.1.0", "--stage", "canary")
    assert (routes, loaded) == ({"triage-v1.0.0": 95, "triage-v1.1.0": 5}, {"triage-v1.0.0", "triage-v1.1.0"})
    assert ask(url, "triage-v1.1.0") != first
    routes, loaded = move(desk, "promote", "triage", "1.1.0", "--stage", "prod")
    assert (routes, loaded) == ({"triage-v1.1.0": 100}, {"triage-v1.0.0", "triage-v1.1.0"})
    routes, loaded = move(desk, "rollback", "triage")
    assert (routes, loaded) == ({"triage-v1.0.0": 100}, {"triage-v1.0.0", "triage-v1.1.0"})
    assert ask(url, "triage-v1.0.0") == first
    (desk / "template.txt").write_text("what another chat template says\n", encoding="utf-8")
    assert release(desk, "another template") == "triage@v2.0.0"
    routes, loaded = move(desk, "promote", "triage", "2.0.0", "--stage", "prod")
    assert (routes, loaded) == ({"triage-v2.0.0": 100}, {"triage-v1.0.0", "triage-v2.0.0"})


def _a_fresh_clone_has_them_all(desk: Path) -> None:
    run(desk.parent, "git", "clone", "-q", "origin.git", "clone")
    clone = desk.parent / "clone"
    for key, value in SECRETS:
        run(clone, "dvc", "remote", "modify", "-q", "--local", "store", key, value)
    for version in ("1.0.0", "1.1.0", "2.0.0"):
        bundle = desk.parent / f"bundle-{version}"
        run(clone, "dvc", "artifacts", "get", ".", "triage", "--rev", f"v{version}", "-o", str(bundle))
        found = json.loads(cli(clone, "verify", f"triage@v{version}", "--bundle", str(bundle), "--json"))
        assert found["verified"] is True
        (signature,) = (check["detail"] for check in found["checks"] if check["check"] == "signature")
        assert signature.startswith("by key ")
    history = cli(clone, "releases", "triage")
    stages = [line.split()[:2] for line in history.partition("history:")[2].splitlines() if line.strip()]
    assert stages == [
        ["triage#prod#1", "v1.0.0"], ["triage#canary#2", "v1.1.0"], ["triage#prod#3", "v1.1.0"],
        ["triage#prod#4", "v1.0.0"], ["triage#prod#5", "v2.0.0"],
    ]  # fmt: skip
    assert (
        "major: changed since 1.1.0: the chat template" in run(clone, "git", "tag", "-n99", "-l", "triage@v2*").stdout
    )
    shown = run(clone, "gto", "show", "triage").stdout
    assert "v2.0.0" in shown
    assert "prod" in shown
