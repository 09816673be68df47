"""`tunegate mirror` and a real MLflow server: copies, aliases, links; kills, two at once, a server that is down."""

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from killing_proxy import KillingProxy
from mlflow_server import install, mlflow_server
from release_project import ENV, Done, commit, make_project, run, set_params
from remote_servers import free_port

pytestmark = pytest.mark.slow
CLI = [sys.executable, "-m", "tunegate.cli"]
ADDRESS = "git@github.com:acme/support.git"


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python that has all of MLflow."""
    return install(tmp_path_factory.mktemp("mlflow") / "env")


@pytest.fixture(scope="module")
def server(python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with mlflow_server(python, tmp_path_factory.mktemp("mlflow")) as address:
        yield address


@pytest.fixture
def url(server: str) -> str:
    """The server with nothing in its registry."""
    for model in client(server).search_registered_models():
        client(server).delete_registered_model(model.name)
    for run_id in runs(server):
        client(server).delete_run(run_id)
    return server


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two versions of triage: 1.0.0 in production, 1.1.0 the canary."""
    root = make_project(tmp_path_factory.mktemp("mirror") / "project")
    run(root, "git", "remote", "add", "origin", ADDRESS)
    commit(root, "first")
    run(root, "dvc", "repro", "release@triage")
    set_params(root, "triage", seed=2)
    run(root, "dvc", "repro", "release@triage")
    commit(root, "retrained")
    run(root, "dvc", "repro", "release@triage")
    run(root, *CLI, "promote", "triage", "1.0.0", "--stage", "prod")
    run(root, *CLI, "promote", "triage", "1.1.0", "--stage", "canary")
    return root


@pytest.fixture
def desk(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "desk", symlinks=True))


def mirror(root: Path, url: str, *words: str) -> Done:
    return run(root, *CLI, "mirror", "--mlflow", url, *words, check=False)


def client(url: str) -> Any:
    from mlflow import MlflowClient

    return MlflowClient(tracking_uri=url, registry_uri=url)


def versions(url: str) -> dict[str, Any]:
    """MLflow's versions of triage by Git tag; there is one of each."""
    found = list(client(url).search_model_versions("name = 'triage'"))
    by_tag = {one.tags["tunegate.tag"]: one for one in found}
    assert len(by_tag) == len(found)
    return by_tag


def test_versions_aliases_and_links_follow_the_tags(desk: Path, url: str, python: Path) -> None:
    foretold = mirror(desk, url, "--dry-run").stdout.splitlines()
    assert foretold[0] == "triage@v1.0.0: to be copied"
    assert not client(url).search_registered_models()
    done = mirror(desk, url)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "triage@v1.0.0: version 1 of triage", "triage@v1.1.0: version 2 of triage",
        "triage: canary is triage@v1.1.0", "triage: prod is triage@v1.0.0", "in step with the tags: triage",
    ]  # fmt: skip
    _says_where_it_comes_from(desk, url)
    _is_the_bundle(desk, url, python)
    assert mirror(desk, url).stdout == "in step with the tags: triage\n"
    run(desk, *CLI, "promote", "triage", "1.1.0", "--stage", "prod")
    assert mirror(desk, url).stdout.splitlines()[0] == "triage: prod is triage@v1.1.0"
    run(desk, *CLI, "rollback", "triage")
    assert mirror(desk, url).stdout.splitlines()[0] == "triage: prod is triage@v1.0.0"
    assert client(url).get_model_version_by_alias("triage", "prod").tags["tunegate.tag"] == "triage@v1.0.0"


def _says_where_it_comes_from(desk: Path, url: str) -> None:
    copy = versions(url)["triage@v1.0.0"]
    assert "https://github.com/acme/support/tree/triage@v1.0.0" in copy.description
    assert copy.tags["tunegate.page"] == "https://github.com/acme/support/tree/triage@v1.0.0"
    assert copy.tags["tunegate.verdict"] == "PASS"
    assert copy.tags["tunegate.commit"] == run(desk, "git", "rev-parse", "triage@v1.0.0^{commit}").stdout.strip()
    measured = client(url).get_run(copy.run_id).data.metrics
    assert measured["exact_match"] > measured["prompted_base/exact_match"]


def _is_the_bundle(desk: Path, url: str, python: Path) -> None:
    """What a user of MLflow downloads by an alias is what was released."""
    got = desk.parent / "got"
    words = ["-m", "mlflow", "artifacts", "download", "-u", "models:/triage@prod", "-d", str(got)]
    subprocess.run([str(python), *words], env={**ENV, "MLFLOW_TRACKING_URI": url}, check=True, capture_output=True)
    found = json.loads(run(desk, *CLI, "verify", "triage@v1.0.0", "--bundle", str(got), "--json").stdout)
    assert found["verified"] is True


def test_killed_while_it_copies_it_goes_on(desk: Path, url: str) -> None:
    """Its files are there and its first score is under way: a run that no version names."""
    made: list[subprocess.Popen[bytes]] = []

    def kill() -> None:
        made[0].kill()

    with KillingProxy(urlsplit(url).port or 0, kill, b"POST /api/2.0/mlflow/runs/log-metric") as proxy:
        made.append(subprocess.Popen([*CLI, "mirror", "--mlflow", proxy.url], cwd=desk, env=ENV))
        assert made[0].wait(120) == -signal.SIGKILL
    (left,) = runs(url)
    assert not versions(url)
    assert mirror(desk, url).returncode == 0
    assert set(versions(url)) == {"triage@v1.0.0", "triage@v1.1.0"}
    assert versions(url)["triage@v1.0.0"].run_id == left
    assert {one.run_id for one in versions(url).values()} == set(runs(url))


def runs(url: str) -> list[str]:
    experiment = client(url).get_experiment_by_name("tunegate")
    return [one.info.run_id for one in client(url).search_runs([experiment.experiment_id])] if experiment else []


def test_two_at_once_make_one_copy(desk: Path, url: str) -> None:
    both = [subprocess.Popen([*CLI, "mirror", "--mlflow", url], cwd=desk, env=ENV, stderr=subprocess.PIPE, text=True)
            for _ in range(2)]  # fmt: skip
    said = [one.communicate()[1] for one in both]
    assert [one.returncode for one in both] == [0, 0], said
    assert set(versions(url)) == {"triage@v1.0.0", "triage@v1.1.0"}
    assert {one.run_id for one in versions(url).values()} == set(runs(url))
    assert client(url).get_model_version_by_alias("triage", "canary").tags["tunegate.tag"] == "triage@v1.1.0"


def test_another_bundle_under_the_tag_is_not_passed_over(desk: Path, url: str) -> None:
    assert mirror(desk, url).returncode == 0
    client(url).set_model_version_tag("triage", "1", "tunegate.bundle", "0" * 32)
    done = mirror(desk, url)
    assert done.returncode == 20
    assert "MLflow has another bundle as triage@v1.0.0" in done.stderr


def test_somebody_elses_model_of_the_name_is_left_alone(desk: Path, url: str) -> None:
    client(url).create_registered_model("triage", description="of the hospital")
    done = mirror(desk, url)
    assert done.returncode == 20
    assert "MLflow has a model triage that was not made by tunegate" in done.stderr
    assert "--prefix" in done.stderr
    assert not versions(url)
    assert mirror(desk, url, "--prefix", "support.").returncode == 0
    assert client(url).get_model_version_by_alias("support.triage", "prod").tags["tunegate.tag"] == "triage@v1.0.0"
    assert mirror(desk, url, "--prefix", "support.").stdout == "in step with the tags: triage\n"


def test_what_is_not_the_bundle_of_the_tag_is_not_copied(desk: Path, url: str) -> None:
    cards = [
        path for path in (desk / ".dvc" / "cache").rglob("*") if path.is_file() and b"# triage" in path.read_bytes()
    ]
    assert cards
    for path in cards:
        path.chmod(0o644)
        path.write_bytes(path.read_bytes().replace(b"# triage", b"# TRIAGE"))
    done = mirror(desk, url)
    assert done.returncode == 20
    assert "triage@v1.0.0: the bundle is not the one that the tag names" in done.stderr
    assert not versions(url)


def test_a_server_that_is_down_is_said_in_a_line(desk: Path) -> None:
    done = mirror(desk, f"http://127.0.0.1:{free_port()}")
    assert done.returncode == 13
    assert done.stderr.splitlines() == [
        "error: MLflow: the server does not answer", "next: mend it and run this again: it goes on from here",
    ]  # fmt: skip
