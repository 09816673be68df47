"""The process of a vLLM server: which program, in which environment, and when it answers."""

import os
import shutil
import socket
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

from tunegate.core.errors import MachineError

if TYPE_CHECKING:
    import subprocess

START_SECONDS = 600.0


def command(root: Path, adapters_in: str = "") -> list[str]:
    """The program that serves. `adapters_in`: the number format, if it is to serve LoRA adapters.

    Raises:
        MachineError: there is none, or it does not serve adapters in this format.
    """
    if shutil.which("nvidia-smi") and (own := shutil.which("vllm")):
        if adapters_in == "float32":  # its kernels assert this, after a minute and with no word (vLLM 0.26 to 0.33)
            raise MachineError(
                "on a GPU vLLM serves LoRA adapters in 16 bits only, and this one is measured in float32",
                next_step="set base.dtype: bfloat16 in params.yaml and run `dvc repro`: both sides are measured again",
            )
        return [own, "serve"]
    python = root / ".venv-serve" / "bin" / "python"
    if not python.is_file():
        raise MachineError(f"{python}: no vLLM environment", next_step="run `make .venv-serve/ready`; it makes it")
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
