"""A running server is brought in step with the tags, whatever it goes through meanwhile."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from serve_project import Project
from vllm_server import VllmServer

from tunegate.core.errors import ReleaseRefused
from tunegate.serve.difference import Difference
from tunegate.serve.plan import Wanted, folder, plan, served
from tunegate.serve.reconcile import Reconciler
from tunegate.serve.watch import Watch
from tunegate.vllm.server import Server, server_of

WAITS = (0.01, 0.02, 0.03)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    for version in ("1.0.0", "1.1.0", "1.2.0"):
        made.release(version)
    made.assign("prod", "1.0.0")
    made.assign("canary", "1.1.0")
    return made


@pytest.fixture
def vllm(project: Project) -> Iterator[VllmServer]:
    server = VllmServer(project.root)
    yield server
    server.stop()


def reconciler(project: Project, vllm: VllmServer, said: list[str] | None = None) -> Reconciler:
    say = (said if said is not None else []).append
    return Reconciler(project.root, Server(vllm.url, 2.0, 0.2), say, WAITS, grace=0.0)


def test_what_is_missing_is_loaded_from_its_immutable_path(project: Project, vllm: VllmServer) -> None:
    assert reconciler(project, vllm).run() == []
    assert set(vllm.loaded) == {"triage-v1.0.0", "triage-v1.1.0"}
    assert vllm.loaded == {version.name: folder(version).as_posix() for version in served(plan(project.root))}


def test_in_step_nothing_is_asked_of_the_server(project: Project, vllm: VllmServer) -> None:
    reconciler(project, vllm).run()
    vllm.calls.clear()
    assert reconciler(project, vllm).run() == []
    assert vllm.calls == []


def test_a_life_of_promotions_and_a_rollback(project: Project, vllm: VllmServer) -> None:
    """At each step: production, the production version before, the canary, and nothing else."""
    steps = [
        ("prod", "1.1.0", {"1.0.0", "1.1.0"}),
        ("canary", "1.2.0", {"1.0.0", "1.1.0", "1.2.0"}),
        ("prod", "1.2.0", {"1.1.0", "1.2.0"}),
        ("prod", "1.1.0", {"1.1.0", "1.2.0"}),  # the rollback: nothing is loaded or unloaded
    ]
    reconciler(project, vllm).run()
    for stage, version, loaded in steps:
        project.assign(stage, version)
        assert reconciler(project, vllm).run() == []
        assert {name.removeprefix("triage-v") for name in vllm.loaded} == loaded, (stage, version)


def test_the_new_is_loaded_before_the_old_is_taken_away(project: Project, vllm: VllmServer) -> None:
    reconciler(project, vllm).run()
    project.assign("prod", "1.1.0")
    project.assign("prod", "1.2.0")
    vllm.calls.clear()
    reconciler(project, vllm).run()
    assert vllm.calls == [("load_lora_adapter", "triage-v1.2.0"), ("unload_lora_adapter", "triage-v1.0.0")]


def routed(project: Project) -> dict[str, int]:
    """Where the stable name goes, as a router reads it."""
    content = yaml.safe_load((project.root / "serving" / "routes.yaml").read_text(encoding="utf-8"))
    return {target["model"]: target["weight"] for target in content["routes"]["triage"]["targets"]}


def test_the_stable_name_follows_when_the_new_is_there(project: Project, vllm: VllmServer) -> None:
    said: list[str] = []
    reconciler(project, vllm, said).run()
    assert routed(project) == {"triage-v1.0.0": 95, "triage-v1.1.0": 5}
    project.assign("prod", "1.2.0")
    vllm.stop()
    failed = reconciler(project, vllm)._replace(waits=()).run()
    assert failed
    assert routed(project) == {"triage-v1.0.0": 95, "triage-v1.1.0": 5}  # not to what nobody has loaded
    vllm.start_again()
    reconciler(project, vllm, said).run()
    assert routed(project) == {"triage-v1.2.0": 100}
    calls = [name for verb, name in vllm.calls if verb == "load_lora_adapter"]
    assert "triage-v1.2.0" in calls
    before = len(said)
    reconciler(project, vllm, said).run()
    assert len(said) == before  # in step: nothing is written again


def test_a_canary_that_the_server_cannot_take_gets_no_requests(project: Project, vllm: VllmServer) -> None:
    project.release("1.3.0", rank=64)
    project.assign("canary", "1.3.0")
    (failure,) = reconciler(project, vllm).run()
    assert failure.what == "triage@v1.3.0"
    assert routed(project) == {"triage-v1.0.0": 100}
    project.assign("prod", "1.3.0")
    assert reconciler(project, vllm).run()
    assert routed(project) == {"triage-v1.0.0": 100}  # as it was: production cannot be had


def test_what_the_routes_named_stays_a_while_after_they_changed(project: Project, vllm: VllmServer) -> None:
    reconciler(project, vllm).run()
    project.assign("prod", "1.2.0")
    there: list[set[str]] = []
    one = reconciler(project, vllm)._replace(
        grace=3.0, sleep=lambda seconds: there.append({str(seconds), *vllm.loaded})
    )
    assert one.run() == []
    assert there == [{"3.0", "triage-v1.0.0", "triage-v1.1.0", "triage-v1.2.0"}]
    assert set(vllm.loaded) == {"triage-v1.0.0", "triage-v1.2.0"}  # the canary has left, production before it has not


def test_a_full_fine_tune_gets_requests_when_its_own_server_answers(project: Project, vllm: VllmServer) -> None:
    reconciler(project, vllm).run()
    project.git("commit", "--quiet", "--allow-empty", "-m", "2.0.0")
    project.git("tag", "-a", "triage@v2.0.0", "-m", f"released\n\nmethod: full\nrank: none\nadapter: {'2' * 64}\n")
    project.assign("prod", "2.0.0")
    (failure,) = reconciler(project, vllm).run()
    own = f"http://127.0.0.1:{vllm.port + 1}"
    assert str(failure).startswith(f"Failed triage@v2.0.0: its own server does not answer at {own}")
    assert "`tunegate serve up --model triage-v2.0.0`" in failure.next_step
    assert routed(project) == {"triage-v1.0.0": 95, "triage-v1.1.0": 5}
    status = [sys.executable, "-m", "tunegate.cli", "serve", "status", "--url", vllm.url]
    before = subprocess.run(status, cwd=project.root, capture_output=True, text=True, check=False)
    assert (before.returncode, f"does not answer at {own}" in before.stdout) == (1, True)
    other = VllmServer(project.root, port=vllm.port + 1)
    other.loaded = {"triage-v2.0.0": "serving/adapters/triage-v2.0.0"}
    try:
        assert reconciler(project, vllm).run() == []
        after = subprocess.run(status, cwd=project.root, capture_output=True, text=True, check=False)
    finally:
        other.stop()
    assert routed(project) == {"triage-v2.0.0": 100}
    assert (after.returncode, f"runs at {own}" in after.stdout) == (0, True), after.stdout


def test_names_that_are_no_releases_are_left_alone(project: Project, vllm: VllmServer) -> None:
    vllm.loaded["experiment-of-bob"] = "/somewhere"
    reconciler(project, vllm).run()
    assert "experiment-of-bob" in vllm.loaded


@pytest.mark.parametrize("bad", [["500"], ["drop"], ["slow"], ["500", "drop", "500"], ["restart"], ["restart", "500"]])
def test_a_bad_day_is_survived(project: Project, vllm: VllmServer, bad: list[str]) -> None:
    vllm.bad.extend(bad)
    said: list[str] = []
    assert reconciler(project, vllm, said).run() == []
    assert set(vllm.loaded) == {"triage-v1.0.0", "triage-v1.1.0"}
    assert any(line.startswith("again in") for line in said)


def test_a_server_that_comes_up_late_is_waited_for(project: Project, vllm: VllmServer) -> None:
    vllm.stop()
    late = reconciler(project, vllm)._replace(waits=(0.01,), sleep=lambda _: vllm.start_again())
    assert late.run() == []
    assert set(vllm.loaded) == {"triage-v1.0.0", "triage-v1.1.0"}


def test_a_server_that_started_anew_is_brought_in_step_again(project: Project, vllm: VllmServer) -> None:
    reconciler(project, vllm).run()
    vllm.stop()
    vllm.start_again()
    assert vllm.loaded == {}
    assert reconciler(project, vllm).run() == []
    assert set(vllm.loaded) == {"triage-v1.0.0", "triage-v1.1.0"}


def test_a_server_that_stays_down_ends_as_failed(project: Project, vllm: VllmServer) -> None:
    vllm.stop()
    (failure,) = reconciler(project, vllm).run()
    assert failure.what == vllm.url
    assert "does not answer" in failure.reason
    assert "tunegate serve up" in failure.next_step
    vllm.start_again()


def test_an_engine_that_never_takes_a_version_ends_as_failed_with_its_words(project: Project, vllm: VllmServer) -> None:
    project.release("1.3.0", rank=64)
    project.assign("canary", "1.3.0")
    said: list[str] = []
    (failure,) = reconciler(project, vllm, said).run()
    assert str(failure).startswith("Failed triage@v1.3.0: HTTP 500: LoRA rank 64 is greater than max_lora_rank 16")
    assert "serve render" in failure.next_step
    assert len([line for line in said if "again in" in line]) == len(WAITS)
    assert "triage-v1.0.0" in vllm.loaded  # production is there all the same


def test_changed_bytes_are_never_loaded(project: Project, vllm: VllmServer, monkeypatch: pytest.MonkeyPatch) -> None:
    (project.path("1.1.0") / "adapter_config.json").write_text('{"r": 16, "evil": 1}', encoding="utf-8")
    monkeypatch.setattr("tunegate.bundles.bring.get_out", _another_bundle)
    (failure,) = reconciler(project, vllm).run()
    assert failure.what == "triage@v1.1.0"
    assert "not the one that the tag names" in failure.reason
    assert set(vllm.loaded) == {"triage-v1.0.0"}


def _another_bundle(root: Path, path: str, commit: str, out: Path, *, what: str) -> None:
    del root, path, commit, what
    out.mkdir(parents=True)
    (out / "README.md").write_text("another", encoding="utf-8")


def test_nothing_is_taken_away_while_something_wanted_is_not_there(project: Project, vllm: VllmServer) -> None:
    reconciler(project, vllm).run()
    project.release("1.3.0", rank=64)
    project.assign("prod", "1.1.0")
    project.assign("prod", "1.3.0")
    assert reconciler(project, vllm).run() != []
    assert set(vllm.loaded) == {"triage-v1.0.0", "triage-v1.1.0"}


def test_a_name_served_from_other_bytes_is_a_failure_and_stays_loaded(project: Project, vllm: VllmServer) -> None:
    vllm.loaded["triage-v1.0.0"] = "serving/adapters/triage-v1.0.0-000000000000"
    (failure,) = reconciler(project, vllm).run()
    assert (failure.what, "other bytes than the tag names" in failure.reason) == ("triage@v1.0.0", True)
    assert "triage-v1.0.0" in vllm.loaded


def test_a_server_without_runtime_updates_is_told_apart(project: Project) -> None:
    closed = VllmServer(project.root, updates=False)
    failures = reconciler(project, closed).run()
    assert {failure.what for failure in failures} == {"triage@v1.0.0", "triage@v1.1.0"}
    assert all("serve.runtime_updates" in failure.next_step for failure in failures)
    closed.stop()


def test_two_reconcilers_at_once_do_not_quarrel(project: Project, vllm: VllmServer) -> None:
    one, other = reconciler(project, vllm), reconciler(project, vllm)
    missing = one.look()[1].missing
    other.run()
    for version in missing:  # the first had looked before the second loaded
        assert one._load(version, {}) is None
    assert set(vllm.loaded) == {"triage-v1.0.0", "triage-v1.1.0"}


def test_of_two_at_once_the_later_look_writes_the_routes(project: Project, vllm: VllmServer) -> None:
    """The first has looked and is slow; meanwhile a tag comes, and a second reconciler with it."""
    assert reconciler(project, vllm).run() == []
    entered, go_on = threading.Event(), threading.Event()

    class Slow(Reconciler):
        def look(self) -> tuple[list[Wanted], Difference]:
            found = super().look()
            entered.set()
            go_on.wait(10)
            return found

    first = threading.Thread(target=Slow(*reconciler(project, vllm))._route)
    first.start()
    assert entered.wait(10)
    project.assign("prod", "1.2.0")
    second = threading.Thread(target=reconciler(project, vllm).run)
    second.start()
    while "triage-v1.2.0" not in vllm.loaded:
        time.sleep(0.01)
    second.join(0.5)  # without the lock it would be done by now, and the first would write over it
    go_on.set()
    first.join(20)
    second.join(20)
    assert routed(project) == {"triage-v1.2.0": 100}


def test_a_version_that_is_promoted_during_the_grace_is_not_unloaded(project: Project, vllm: VllmServer) -> None:
    assert reconciler(project, vllm).run() == []
    project.assign("prod", "1.2.0")  # the canary 1.1.0 leaves with that
    one = reconciler(project, vllm)._replace(grace=3.0, sleep=lambda _: project.assign("prod", "1.1.0"))
    one.run()
    assert "triage-v1.1.0" in vllm.loaded
    assert ("unload_lora_adapter", "triage-v1.1.0") not in vllm.calls


def test_a_version_that_another_loads_during_the_look_is_known_as_wanted(project: Project, vllm: VllmServer) -> None:
    """The server is asked before the tags are read, so what a newer tag had loaded is never superfluous."""
    one = reconciler(project, vllm)
    one.run()
    adapters = one.server.adapters()
    project.assign("prod", "1.2.0")
    reconciler(project, vllm).run()

    class Before(Server):
        def adapters(self) -> dict[str, str]:
            return adapters

    found = one._replace(server=Before(*one.server)).look()[1]
    assert [version.version for version in found.missing] == ["1.2.0"]
    assert "triage-v1.2.0" not in found.superfluous


def test_a_watch_does_not_try_again_what_failed_until_something_changes(
    project: Project, vllm: VllmServer, capsys: pytest.CaptureFixture[str]
) -> None:
    project.release("1.3.0", rank=64)
    project.assign("canary", "1.3.0")
    watch = Watch(project.root, vllm.url, fetch_tags=False, waits=())
    watch.step()
    tries = len(vllm.calls)
    watch.step()
    assert len(vllm.calls) == tries
    assert capsys.readouterr().err.count("Failed triage@v1.3.0") == 1
    project.assign("prod", "1.1.0")
    watch.step()
    assert capsys.readouterr().out.endswith("in step\n")
    assert set(vllm.loaded) == {"triage-v1.0.0", "triage-v1.1.0"}


def test_a_server_that_comes_up_just_after_it_was_given_up_is_asked_again(
    project: Project, vllm: VllmServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A watch stood still: it took the silent server's failure for one of the state that it saw a moment later."""
    vllm.stop()
    watch = Watch(project.root, vllm.url, fetch_tags=False, waits=())
    with monkeypatch.context() as patch:
        patch.setattr("tunegate.serve.watch._tell", lambda _: vllm.start_again())
        watch.step()
    assert Server(vllm.url).adapters() == {}
    watch.step()
    assert set(vllm.loaded) == {"triage-v1.0.0", "triage-v1.1.0"}


def test_a_watch_outlives_a_plan_that_cannot_be_had(
    project: Project, vllm: VllmServer, capsys: pytest.CaptureFixture[str]
) -> None:
    watch = Watch(project.root, vllm.url, fetch_tags=True, waits=())
    watch.step()
    assert "in step" in capsys.readouterr().out  # no remote: nothing to fetch
    project.git("tag", "--delete", "triage@v1.0.0")
    watch.step()
    assert "Failed the plan: triage#prod#1: no released version" in capsys.readouterr().err


def command(project: Project, *words: str) -> "subprocess.CompletedProcess[str]":
    line = [sys.executable, "-m", "tunegate.cli", "serve", *words]
    return subprocess.run(line, cwd=project.root, capture_output=True, text=True, check=False)


def test_status_says_what_is_loaded_and_exits_with_1_until_in_step(project: Project, vllm: VllmServer) -> None:
    before = command(project, "status", "--url", vllm.url)
    assert before.returncode == 1
    assert "triage-v1.0.0  prod    missing" in before.stdout
    assert command(project, "reconcile", "--url", vllm.url).returncode == 0
    after = command(project, "status", "--url", vllm.url)
    assert (after.returncode, after.stdout.splitlines()[-1]) == (0, "in step")
    assert "triage-v1.1.0  canary  loaded" in after.stdout


def test_status_of_a_server_that_is_down_is_no_traceback(project: Project) -> None:
    done = command(project, "status", "--url", "http://127.0.0.1:9")
    assert (done.returncode, "does not answer" in done.stderr, "Traceback" in done.stderr) == (1, True, False)


def test_only_http_addresses_are_asked(project: Project) -> None:
    from tunegate.core.params import load_params

    params = load_params(project.root / "params.yaml")
    assert server_of(params, "").url == "http://127.0.0.1:8000"
    with pytest.raises(ReleaseRefused, match="not an http"):
        server_of(params, "file:///etc/passwd")
