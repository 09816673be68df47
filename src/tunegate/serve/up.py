"""Start vLLM on `serving/vllm.yaml`: in its own environment on a CPU, the machine's `vllm` on a GPU."""

import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import yaml

from tunegate.core.errors import BusyError, MachineError, ReleaseRefused
from tunegate.core.params import load_params
from tunegate.serve.render import CONFIG, SERVING, whole_file

START_SECONDS = 600.0


def up(root: Path, model: str = "") -> int:
    """Start the server of the adapters, or that of the full fine-tune `model`; return its exit code when it ends.

    Raises:
        ReleaseRefused: its file is not there.
        MachineError: no vLLM is installed, or the server ended before it answered.
        BusyError: the port is taken.
    """
    config = SERVING / whole_file(model) if model else CONFIG
    path = root / config
    if not path.is_file():
        others = ", ".join(sorted(one.stem.removeprefix("vllm-") for one in (root / SERVING).glob("vllm-*.yaml")))
        named = f"; full fine-tunes rendered: {others or 'none'}" if model else ""
        raise ReleaseRefused(f"{path}: no such file{named}", next_step="run `tunegate serve render`")
    settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    host, port = settings["host"], settings["port"]
    if taken(host, port):
        raise BusyError(f"{host}:{port} is taken", next_step="stop what listens there, or change serve.port")
    updates = load_params(root / "params.yaml").serve.updates
    words = [*command(root), "--config", str(config)]
    process = subprocess.Popen(words, cwd=root, env=environment(updates=updates))
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    try:
        wait_until_healthy(process, f"http://{host}:{port}/health")
        adapters = [yaml.safe_load(module)["name"] for module in settings.get("lora-modules", [])]
        names = ", ".join([settings["served-model-name"], *adapters])
        print(f"serving {names} at http://{host}:{port}/v1 (stop with Ctrl-C)", flush=True)  # noqa: T201
        return process.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        process.terminate()
        process.wait()


def command(root: Path) -> list[str]:
    """The program that serves.

    Raises:
        MachineError: there is none.
    """
    if shutil.which("nvidia-smi") and (own := shutil.which("vllm")):
        return [own, "serve"]
    python = root / ".venv-serve" / "bin" / "python"
    if not python.is_file():
        raise MachineError(f"{python}: no vLLM environment", next_step="run `make serve`; it makes it")
    # Not the `vllm` command: it asks for a distribution of that name, and the CPU build has another.
    return [str(python.absolute()), "-m", "vllm.entrypoints.openai.api_server"]


def environment(*, updates: bool = False) -> dict[str, str]:
    """The server's environment: no hub, a small cache on a CPU; `updates`: it loads and unloads adapters by API.

    Plugins stay out: with updates one of them would load whatever folder a request names.
    """
    own = {"HF_HUB_OFFLINE": "1", "VLLM_CPU_KVCACHE_SPACE": "1", "VLLM_NO_USAGE_STATS": "1", "VLLM_PLUGINS": ""}
    return {**own, **({"VLLM_ALLOW_RUNTIME_LORA_UPDATING": "1"} if updates else {}), **os.environ}


def taken(host: str, port: int) -> bool:
    """Whether something listens there."""
    with socket.socket() as probe:
        return probe.connect_ex((host, port)) == 0


def wait_until_healthy(process: "subprocess.Popen[bytes]", url: str) -> None:
    """Wait until the server answers.

    Raises:
        MachineError: it ended, or did not answer in ten minutes.
    """
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            raise MachineError(f"vLLM ended with code {process.returncode}", next_step="read its messages above")
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - our own http address
                return
        except (urllib.error.URLError, OSError):
            time.sleep(1)
    raise MachineError(f"vLLM did not answer at {url} in {START_SECONDS:.0f} s", next_step="read its messages above")
