"""The probe's own server as a process; a stand-in program, for what happens around it. With vLLM: tests/serving."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tunegate.core.errors import MachineError, ReleaseRefused
from tunegate.core.settings import Base
from tunegate.probe.server import BASE_NAME, NAME, running, settings

BASE = Base(model="base", dtype="float32")
DIES = "import sys; print('INFO all well'); print('no kernel for this'); sys.exit(3)"
DIES_SLOWLY = """
import sys
print("(EngineCore pid=9) WARNING [system.py:1] This can cause `OSError: [Errno 24] Too many open files`")
for _ in range(2):
    print("(EngineCore pid=9) ERROR [core.py:1] ValueError: Free memory on device is less than desired")
for line in range(20):
    print(f"(APIServer pid=7)   File {line}")
print("(APIServer pid=7) RuntimeError: See root cause above.")
sys.exit(1)
"""
SERVES = """
import http.server, pathlib, os, re
port = int(re.search(r"port: (\\d+)", pathlib.Path("vllm.yaml").read_text())[1])
pathlib.Path(os.environ["MARK"]).write_text(str(os.getpid()))
class Healthy(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
http.server.HTTPServer(("127.0.0.1", port), Healthy).serve_forever()
"""
OWNER = """
import sys, time
from pathlib import Path
from tunegate.core.settings import Base
from tunegate.probe.server import running
with running(Path("adapter"), Base(model="base", dtype="float32"), 64):
    time.sleep(60)
"""


@pytest.fixture(autouse=True)
def adapter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MARK", str(tmp_path / "pid"))
    monkeypatch.setenv("PATH", str(tmp_path))  # a GPU machine has a vLLM of its own
    return write(tmp_path / "adapter", {"r": 4})


def write(folder: Path, config: dict[str, object]) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "adapter_config.json").write_text(json.dumps(config))
    (folder / "adapter_model.safetensors").touch()
    return folder


def install(root: Path, program: str) -> None:
    """`program` in the place of the Python that has vLLM."""
    python = root / ".venv-serve" / "bin" / "python"
    python.parent.mkdir(parents=True)
    (root / "program.py").write_text(program)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{root / "program.py"}"\n')
    python.chmod(0o755)


def wait_for(what: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not what():
        assert time.monotonic() < end
        time.sleep(0.05)


def alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().split(")")[-1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_the_file_of_an_adapters_server(adapter: Path) -> None:
    found = settings(adapter, BASE.model_copy(update={"revision": "a" * 40}), 64)
    assert found["served-model-name"] == BASE_NAME
    assert (found["model"], found["revision"], found["max-model-len"]) == ("base", "a" * 40, 64)
    assert (found["enable-lora"], found["max-lora-rank"]) == (True, 8)
    assert found["override-generation-config"]["temperature"] == 0


def test_the_rank_is_the_largest_of_all_layers(adapter: Path) -> None:
    write(adapter, {"r": 4, "rank_pattern": {"q_proj": 20}})
    assert settings(adapter, BASE, 64)["max-lora-rank"] == 32
    write(adapter, {"r": 1024})
    with pytest.raises(ReleaseRefused, match="rank 1024"):
        settings(adapter, BASE, 64)


def test_a_whole_model_is_its_own_base(adapter: Path) -> None:
    (adapter / "adapter_config.json").rename(adapter / "config.json")
    found = settings(adapter, BASE, 64)
    assert (found["served-model-name"], found["model"]) == (NAME, str(adapter))
    assert "enable-lora" not in found


def test_without_vllm_it_says_how_to_get_it(adapter: Path) -> None:
    with pytest.raises(MachineError) as caught, running(adapter, BASE, 64):
        pass
    assert "make .venv-serve/ready" in str(caught.value) + caught.value.next_step


def test_a_server_that_ends_at_once_is_quoted(adapter: Path, tmp_path: Path) -> None:
    install(tmp_path, DIES)
    with pytest.raises(MachineError) as caught, running(adapter, BASE, 64):
        pass
    assert "ended with code 3" in caught.value.message
    assert "no kernel for this" in caught.value.message
    assert "all well" not in caught.value.message
    assert "served: false" in caught.value.next_step


def test_the_cause_far_above_the_end_of_its_log_is_quoted_too(adapter: Path, tmp_path: Path) -> None:
    install(tmp_path, DIES_SLOWLY)
    with pytest.raises(MachineError) as caught, running(adapter, BASE, 64):
        pass
    said = [line.strip() for line in caught.value.message.splitlines()[1:]]
    assert said[:2] == ["ValueError: Free memory on device is less than desired", "..."]
    assert said[-1] == "(APIServer pid=7) RuntimeError: See root cause above."
    assert len(said) == 2 + 15


def test_it_is_gone_after_the_probe(adapter: Path, tmp_path: Path) -> None:
    install(tmp_path, SERVES)
    with running(adapter, BASE, 64) as server:
        process = int((tmp_path / "pid").read_text())
        assert alive(process)
        assert server.url.startswith("http://127.0.0.1:")
    assert not alive(process)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="PR_SET_PDEATHSIG is Linux's")
def test_it_ends_with_a_probe_that_is_killed(tmp_path: Path) -> None:
    install(tmp_path, SERVES)
    own = {**os.environ, "PATH": str(tmp_path)}
    owner = subprocess.Popen([sys.executable, "-c", OWNER], cwd=tmp_path, env=own)
    mark = tmp_path / "pid"
    try:
        wait_for(lambda: mark.is_file() and mark.read_text().isdigit())
    finally:
        os.kill(owner.pid, signal.SIGKILL)
        owner.wait()
    wait_for(lambda: not alive(int(mark.read_text())))
