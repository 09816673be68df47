"""Which program serves, and in which environment."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tunegate.core.errors import MachineError
from tunegate.vllm.process import command, environment, taken, wait_until_healthy


def test_a_gpu_machine_serves_with_its_own_vllm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("vllm", "nvidia-smi"):
        (tmp_path / name).touch(0o755)
    assert command(tmp_path) == command(tmp_path, adapters_in="bfloat16") == [str(tmp_path / "vllm"), "serve"]
    with pytest.raises(MachineError, match="16 bits only") as caught:
        command(tmp_path, adapters_in="float32")
    assert "base.dtype: bfloat16" in caught.value.next_step


def test_the_environment_of_its_own_serves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))  # a GPU machine has a vLLM of its own
    with pytest.raises(MachineError) as caught:
        command(tmp_path)
    assert "make .venv-serve/ready" in caught.value.next_step
    python = tmp_path / ".venv-serve" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    assert command(tmp_path) == [str(python), "-m", "vllm.entrypoints.openai.api_server"]


def test_no_hub_no_plugins_and_the_operators_word_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VLLM_CPU_KVCACHE_SPACE", "8")
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    found = environment()
    assert (found["HF_HUB_OFFLINE"], found["VLLM_PLUGINS"], found["VLLM_CPU_KVCACHE_SPACE"]) == ("1", "", "8")
    assert "VLLM_ALLOW_RUNTIME_LORA_UPDATING" not in found
    assert environment(updates=True)["VLLM_ALLOW_RUNTIME_LORA_UPDATING"] == "1"


def test_a_port_that_something_listens_at() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        assert taken("127.0.0.1", port)
    assert not taken("127.0.0.1", port)


def test_a_server_that_ended_is_not_waited_for() -> None:
    process = subprocess.Popen([sys.executable, "-c", "raise SystemExit(4)"])
    with pytest.raises(MachineError, match="ended with code 4"):
        wait_until_healthy(process, "http://127.0.0.1:9/health")
