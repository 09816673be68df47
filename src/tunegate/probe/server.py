"""A real vLLM with the candidate on it, as the rendered files start one: on a free port, gone after the probe."""

import ctypes
import re
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
SAID_LINES, SAID_CAUSES = 15, 3  # of the server's log, where it fails
CAUSE = re.compile(
    r"\b\w*(Error|Exception): \S.*"
)  # vLLM names the cause far above its end, in another process's words
STOP_SECONDS = 30
OURS = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "TQDM_DISABLE")  # set for this process's torch, not for the server's


@contextmanager
def running(adapter: Path, base: Base, room: int) -> Iterator[Server]:
    """Start a server of the base that takes adapters (of a whole model: of itself, as `NAME`); stop it at the end.

    Raises:
        MachineError: no vLLM is installed, it serves no such adapter, did not start, or stopped; its log is quoted.
        ReleaseRefused: a rank that vLLM does not serve.
    """
    with tempfile.TemporaryDirectory(prefix="tunegate-probe-") as folder:
        place, port = Path(folder), _free_port()
        content = {**settings(adapter, base, room), "host": HOST, "port": port}
        (place / "vllm.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
        with (place / "log").open("wb") as log:
            lora = "" if is_full(adapter) else base.dtype
            process = _start(command(Path.cwd(), adapters_in=lora), place, log)
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


def _start(program: list[str], place: Path, log: IO[bytes]) -> "subprocess.Popen[bytes]":
    library = ctypes.CDLL(None, use_errno=True) if sys.platform.startswith("linux") else None

    def with_us() -> None:
        """It ends when we do, even by SIGKILL: nobody else knows its port."""
        if library:
            library.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)

    words = [*program, "--config", "vllm.yaml"]
    own = {name: value for name, value in environment(updates=True).items() if name not in OURS}
    return subprocess.Popen(words, cwd=place, env=own, stdout=log, stderr=log, preexec_fn=with_us)  # noqa: PLW1509


def _failed(fault: Exception, log: Path) -> MachineError:
    lines = [line for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if "INFO" not in line]
    above = [line for line in lines[:-SAID_LINES] if "WARNING" not in line]
    causes = list(dict.fromkeys(found[0] for line in above if (found := CAUSE.search(line))))[:SAID_CAUSES]
    causes += ["..."] if causes else []
    said = "\n".join(f"  {line}" for line in [*causes, *lines[-SAID_LINES:]])
    return MachineError(
        f"vLLM with the candidate on it: {fault}; of its log:\n{said}",
        next_step="mend what it names, or set gate.served: false in params.yaml to judge without a server",
    )


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
