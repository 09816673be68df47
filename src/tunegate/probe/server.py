"""A real vLLM with the candidate on it, as the rendered files start one: on a free port, gone after the probe."""

import ctypes
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import yaml

from tunegate.core.errors import MachineError, ModelError
from tunegate.core.files import read_json
from tunegate.core.settings import Base
from tunegate.models.adapter import ADAPTER_CONFIG, is_full
from tunegate.vllm.process import command, environment, wait_until_healthy
from tunegate.vllm.server import Server, Unanswered
from tunegate.vllm.settings import AS_EVALUATED, smallest_rank

NAME, BASE_NAME, HOST = "candidate", "base", "127.0.0.1"
PR_SET_PDEATHSIG = 1
SAID_LINES = 15  # of the server's log, where it fails
STOP_SECONDS = 30
OURS = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "TQDM_DISABLE")  # set for this process's torch, not for the server's


@contextmanager
def running(adapter: Path, base: Base, room: int) -> Iterator[Server]:
    """Start a server of the base that takes adapters (of a whole model: of itself, as `NAME`); stop it at the end.

    Raises:
        MachineError: no vLLM is installed, it did not start, or stopped answering; the message has the end of its log.
        ReleaseRefused: a rank that vLLM does not serve.
    """
    with tempfile.TemporaryDirectory(prefix="tunegate-probe-") as folder:
        place, port = Path(folder), _free_port()
        content = {**settings(adapter, base, room), "host": HOST, "port": port}
        (place / "vllm.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
        with (place / "log").open("wb") as log:
            process = _start(Path.cwd(), place, log)
            try:
                wait_until_healthy(process, f"http://{HOST}:{port}/health")
                yield Server(f"http://{HOST}:{port}")
            except (MachineError, Unanswered) as fault:
                raise _failed(fault, place / "log") from None
            finally:
                _stop(process)


def settings(adapter: Path, base: Base, room: int) -> dict[str, Any]:
    """What the server's file says, as `tunegate serve render` would for this candidate alone."""
    model = base.model if base.path is None else str(base.path.absolute())
    shared = {"dtype": base.dtype, "max-model-len": room, "override-generation-config": AS_EVALUATED}
    if is_full(adapter):
        return {"model": str(adapter.absolute()), "served-model-name": NAME, **shared}
    config = read_json(adapter / ADAPTER_CONFIG, ModelError, next_step="train it again: `dvc repro`")
    rank = max([int(config["r"]), *config.get("rank_pattern", {}).values()])
    return {
        "model": model,
        **({"revision": base.revision} if base.revision else {}),
        "served-model-name": BASE_NAME,
        **shared,
        "enable-lora": True,
        "max-loras": 1,
        "max-lora-rank": smallest_rank(rank),
    }


def _free_port() -> int:
    with socket.socket() as found:
        found.bind((HOST, 0))
        return int(found.getsockname()[1])


def _start(root: Path, place: Path, log: IO[bytes]) -> "subprocess.Popen[bytes]":
    library = ctypes.CDLL(None, use_errno=True) if sys.platform.startswith("linux") else None

    def with_us() -> None:
        """It ends when we do, even by SIGKILL: nobody else knows its port."""
        if library:
            library.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)

    words = [*command(root), "--config", "vllm.yaml"]
    own = {name: value for name, value in environment(updates=True).items() if name not in OURS}
    return subprocess.Popen(words, cwd=place, env=own, stdout=log, stderr=log, preexec_fn=with_us)  # noqa: PLW1509


def _failed(fault: Exception, log: Path) -> MachineError:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    said = "\n".join(f"  {line}" for line in [line for line in lines if "INFO" not in line][-SAID_LINES:])
    return MachineError(
        f"vLLM with the candidate on it: {fault}; the end of its log:\n{said}",
        next_step="mend what it names, or set gate.served: false in params.yaml to judge without a server",
    )


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
