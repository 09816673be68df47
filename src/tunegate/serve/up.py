"""Start vLLM on `serving/vllm.yaml`: in its own environment on a CPU, the machine's `vllm` on a GPU."""

import signal
import subprocess
from pathlib import Path

import yaml

from tunegate.core.errors import BusyError, ReleaseRefused
from tunegate.core.params import load_params
from tunegate.serve.render import CONFIG, SERVING, whole_file
from tunegate.vllm.process import command, environment, taken, wait_until_healthy


def up(root: Path, model: str = "") -> int:
    """Start the server of the adapters, or that of the full fine-tune `model`; return its exit code when it ends.

    Raises:
        ReleaseRefused: its file is not there.
        MachineError: no vLLM is installed, it cannot serve these, or it ended before it answered.
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
    format_ = settings["dtype"] if settings.get("enable-lora") else ""
    words = [*command(root, adapters_in=format_), "--config", str(config)]
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
