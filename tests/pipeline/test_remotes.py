"""Releases through real DVC remotes: an S3 server and an sshd; one of them goes down in the middle of a publish."""

import sys
import threading
import time
from pathlib import Path

import pytest
from release_project import Done, commit, make_project, run, set_params
from remote_servers import KEY, SECRET, free_port, s3_server, ssh_server, user

pytestmark = pytest.mark.slow
CLI = [sys.executable, "-m", "tunegate.cli"]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A committed project with a Git remote."""
    place = tmp_path_factory.mktemp("remotes")
    root = make_project(place / "desk")
    run(place, "git", "init", "-q", "--bare", "-b", "main", "origin.git")
    run(root, "git", "remote", "add", "origin", str(place / "origin.git"))
    return root


def publish(root: Path) -> Done:
    return run(root, *CLI, "publish", check=False)


def has_it(root: Path, version: str, remote: str, *secrets: tuple[str, str]) -> None:
    """A fresh clone gets the release, verifies it, and places it for a server."""
    clone, tag = root.parent / f"clone-{version}", f"triage@v{version}"
    run(root.parent, "git", "clone", "-q", str(root.parent / "origin.git"), clone.name)
    for key, value in secrets:
        run(clone, "dvc", "remote", "modify", "-q", "--local", remote, key, value)
    run(
        clone,
        "dvc",
        "artifacts",
        "get",
        ".",
        "triage",
        "--rev",
        f"v{version}",
        "-o",
        str(root.parent / f"got-{version}"),
    )
    assert f"{tag} is what was released" in run(clone, *CLI, "verify", tag).stdout
    assert f"{tag}: fetched, digests as in the tag" in run(clone, *CLI, "serve", "fetch", tag).stdout


def test_s3_goes_down_in_the_middle_and_the_next_run_ends_it(desk: Path) -> None:
    port, store = free_port(), desk.parent / "s3"
    secrets = (("access_key_id", KEY), ("secret_access_key", SECRET))
    run(desk, "dvc", "remote", "add", "-q", "-f", "-d", "store", "s3://models/dvc")
    run(desk, "dvc", "remote", "modify", "-q", "store", "endpointurl", f"http://127.0.0.1:{port}")
    run(desk, "dvc", "remote", "modify", "-q", "store", "region", "us-east-1")
    for key, value in secrets:
        run(desk, "dvc", "remote", "modify", "-q", "--local", "store", key, value)
    commit(desk, "an S3 remote")
    run(desk, "git", "push", "-q", "-u", "origin", "main")
    done: list[Done] = []
    publisher = threading.Thread(target=lambda: done.append(publish(desk)))
    with s3_server(store, port):
        publisher.start()
        while publisher.is_alive() and not any(path.is_file() for path in store.rglob("*")):
            time.sleep(0.01)
    publisher.join()  # the server is gone since the first object came
    assert done[0].returncode == 13, done[0].stdout + done[0].stderr
    assert done[0].stderr.startswith("error: dvc ")
    assert "Traceback" not in done[0].stderr
    assert run(desk, "git", "ls-remote", "--tags", "origin").stdout == ""
    with s3_server(store, port):
        again = publish(desk)
        assert again.returncode == 0, again.stderr
        assert "triage@v1.0.0: pushed to origin" in again.stdout
        has_it(desk, "1.0.0", "store", *secrets)


def test_an_ssh_remote(desk: Path) -> None:
    port = free_port()
    with ssh_server(desk.parent / "sshd", port) as key:
        url = f"ssh://{user()}@127.0.0.1:{port}{desk.parent / 'ssh-store'}"
        run(desk, "dvc", "remote", "add", "-q", "-d", "server", url)
        run(desk, "dvc", "remote", "modify", "-q", "--local", "server", "keyfile", str(key))
        set_params(desk, "triage", seed=2)  # a version of its own: a tag's data lie where its commit says
        run(desk, "dvc", "repro")
        commit(desk, "an SSH remote")
        run(desk, "git", "push", "-q", "-u", "origin", "main")
        done = publish(desk)
        assert done.returncode == 0, done.stderr
        assert "triage: its bundle comes from the remotes alone" in done.stdout
        has_it(desk, "1.1.0", "server", ("keyfile", str(key)))
