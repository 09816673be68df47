"""The reconciler against a real vLLM server: what the unit tests' stand-in says is what vLLM says.

One server on the rendered file; the adapters have random weights, so they change answers but know nothing.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import yaml
from killing_proxy import KillingProxy
from random_adapter import BASE, make_adapter
from serve_cases import ROOT
from serve_project import Project
from serving_clients import Clients, ask

from tunegate.records.stages import assignments
from tunegate.release.promote import promote, rollback
from tunegate.serve.reconcile import Reconciler
from tunegate.serve.render import render
from tunegate.vllm.process import command, environment, wait_until_healthy
from tunegate.vllm.server import Server

pytestmark = pytest.mark.slow
PORT = 8766


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """1.0.0 in production; 1.1.0 and 1.2.0 fit the server that is rendered for it, 1.3.0 has too high a rank."""
    root = tmp_path_factory.mktemp("reconcile")
    made = Project(root)
    (root / BASE).parent.mkdir(parents=True)
    (root / BASE).symlink_to(ROOT / BASE)
    text = (root / "params.yaml").read_text(encoding="utf-8")
    (root / "params.yaml").write_text(text.replace("port: 8000", f"port: {PORT}"), encoding="utf-8")
    for version, rank in (("1.0.0", 8), ("1.1.0", 4), ("1.2.0", 8), ("1.3.0", 64)):
        made.release(version, rank=rank, source=make_adapter(root.parent / f"adapter-{version}", rank))
    made.assign("prod", "1.0.0")
    return made


class Machine:
    """The machine that vLLM runs on, with the rendered file, as `tunegate serve up` starts it."""

    def __init__(self, root: Path) -> None:
        self.root, self.url = root, f"http://127.0.0.1:{PORT}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        words = [*command(ROOT), "--config", "serving/vllm.yaml"]
        with (self.root / "log").open("ab") as log:
            self.process = subprocess.Popen(
                words, cwd=self.root, env=environment(updates=True), stdout=log, stderr=log, start_new_session=True
            )
        wait_until_healthy(self.process, f"{self.url}/health")

    def kill(self) -> None:
        """As the kernel does it when memory is out: all its processes at once, without a word."""
        if self.process:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(30)


@pytest.fixture(scope="module")
def machine(project: Project) -> Iterator[Machine]:
    """One server for the module."""
    render(project.root)
    made = Machine(project.root)
    try:
        made.start()
        yield made
    finally:
        made.kill()


@pytest.fixture
def server(machine: Machine) -> Server:
    """Where it answers."""
    return Server(machine.url)


def names(server: Server) -> set[str]:
    return {name.removeprefix("triage-v") for name in server.adapters()}


def test_a_life_on_a_real_server(project: Project, server: Server) -> None:
    """Canary, promotion, promotion, rollback; then a version that the server cannot take."""
    one = Reconciler(project.root, server, lambda _: None, waits=(0.1,), grace=1.0)
    assert one.look()[1].in_step  # the rendered file alone is in step with the tags
    steps = [
        ("canary", "1.1.0", {"1.0.0", "1.1.0"}),
        ("prod", "1.1.0", {"1.0.0", "1.1.0"}),
        ("prod", "1.2.0", {"1.1.0", "1.2.0"}),
        ("prod", "1.1.0", {"1.1.0", "1.2.0"}),
    ]
    for stage, version, loaded in steps:
        project.assign(stage, version)
        assert one.run() == []
        assert names(server) == loaded, (stage, version)
    server.load("triage-v1.1.0", Path("serving/adapters"))  # loaded already: vLLM refuses, and that is well
    server.unload("triage-v0.1.0")  # not there: the same
    project.assign("canary", "1.3.0")
    (failure,) = one.run()
    assert failure.what == "triage@v1.3.0"
    assert "LoRA rank 64 is greater than max_lora_rank 8" in failure.reason
    assert names(server) == {"1.1.0", "1.2.0"}


def test_promotion_and_rollback_under_load_lose_no_request(project: Project, server: Server) -> None:
    """16 clients ask without a pause through the stable name; versions come, go, and come back."""
    root, one = project.root, Reconciler(project.root, server, lambda _: None, waits=(0.1,), grace=1.0)
    promote(root, "triage", "1.0.0", "prod")
    assert one.run() == []
    answers = {"triage-v1.0.0": ask(server.url, "triage-v1.0.0")}
    with Clients(root, server.url, "triage", 16) as clients:
        clients.wait(32)
        promote(root, "triage", "1.2.0", "canary")
        assert one.run() == []
        answers["triage-v1.2.0"] = ask(server.url, "triage-v1.2.0")
        clients.wait(64)  # some of them meet the canary, which then leaves
        for version in ("1.1.0", "1.0.0", "1.2.0"):  # a promotion, the rollback of it, another promotion
            began = time.monotonic()
            said = rollback(root, "triage") if version == "1.0.0" else promote(root, "triage", version, "prod")
            assert "triage#prod#" in said
            assert one.run() == []
            done = time.monotonic()
            answers.setdefault(f"triage-v{version}", ask(server.url, f"triage-v{version}"))
            clients.wait(48)
            # whoever asked after the command was done got the version that it names
            assert {asked.version for asked in clients.asked if asked.sent > done} == {f"triage-v{version}"}
            assert clients.first(f"triage-v{version}", began) >= began
    assert [asked for asked in clients.asked if asked.fault] == []
    assert len(set(answers.values())) == 3  # else it would show nothing
    right = [asked.answer == answers[asked.version] for asked in clients.asked]
    assert sum(right) >= 0.98 * len(right)  # batching may turn a near-tie
    assert [f"{each.stage} {each.version}" for each in assignments(root)][:4] == [
        "prod 1.2.0", "prod 1.0.0", "prod 1.1.0", "canary 1.2.0",
    ]  # fmt: skip
    assert names(server) == {"1.0.0", "1.2.0"}


def routed(root: Path) -> set[str]:
    routes = yaml.safe_load((root / "serving" / "routes.yaml").read_text(encoding="utf-8"))["routes"]
    return {target["model"].removeprefix("triage-v") for target in routes["triage"]["targets"] if target["weight"]}


def test_a_server_that_is_killed_while_it_loads_gets_it_again(project: Project, machine: Machine) -> None:
    """`serve reconcile --watch` meets kill -9 in the middle of a promotion, and a new start half a minute later."""
    root = project.root
    assert routed(root) == {"1.2.0"}
    with KillingProxy(PORT, machine.kill) as proxy:
        words = ["serve", "reconcile", "--watch", "0.5", "--url", proxy.url]
        said = (root / "watch.log").open("wb")
        watch = subprocess.Popen([sys.executable, "-m", "tunegate.cli", *words], cwd=root, stdout=said, stderr=said)
        try:
            wait_for(lambda: "in step" in (root / "watch.log").read_text(encoding="utf-8"), 30)
            promote(root, "triage", "1.1.0", "prod")
            assert proxy.killed.wait(30)  # the load request had reached the server
            assert routed(root) == {"1.2.0"}  # nobody is sent to what is not there
            machine.start()
            wait_for(lambda: routed(root) == {"1.1.0"}, 60)
            assert names(Server(machine.url)) >= {"1.1.0"}  # there before it is named
            wait_for(lambda: names(Server(machine.url)) == {"1.1.0", "1.2.0"}, 30)
        finally:
            watch.terminate()
            watch.wait(10)
            said.close()
    assert ask(machine.url, "triage-v1.1.0") != ask(machine.url, "triage-v1.2.0")
    log = (root / "watch.log").read_text(encoding="utf-8")
    assert "Traceback" not in log
    assert "again in 1 s: " in log
    assert "triage@v1.1.0: here; loaded as triage-v1.1.0" in log


def wait_for(true: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.05)
