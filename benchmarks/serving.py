"""What adapters cost a CPU server, and how long a rollback takes under load.

`python benchmarks/serving.py`. vLLM on the example's base, once without LoRA and once with four adapters of rank 16,
each started twice, in turn. Adapters have random weights: they cost what trained ones cost. Needs `.venv-serve` (`make
.venv-serve/ready`).
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

import yaml
from measure import ROOT, publish, table

sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "src")]

from random_adapter import BASE, make_adapter  # noqa: E402
from serve_project import Project  # noqa: E402
from serving_clients import Clients  # noqa: E402

from tunegate.release.promote import promote, rollback  # noqa: E402
from tunegate.serve.reconcile import Reconciler  # noqa: E402
from tunegate.serve.render import render  # noqa: E402
from tunegate.vllm.process import command, environment, wait_until_healthy  # noqa: E402
from tunegate.vllm.server import Server  # noqa: E402

PORT, SECONDS, NEW_TOKENS, RANK = 8791, 10.0, 64, 16
ARMS = {
    "base, no LoRA": (),
    "base, LoRA idle": ("base",),
    "one adapter": ("a1",),
    "four adapters": ("a1", "a2", "a3", "a4"),
}
NOTE = """
Each request writes 64 tokens after a prompt of 20. tok/s: of all clients together; first token: median and 95th
percentile of the milliseconds until it came. Memory: proportional (PSS) of all processes of the server. Two runs each,
in turn: the faster counts, the slower stands in brackets.
"""
ROLLOUT = """
Rollback under load: 16 clients ask without a pause through `routes.yaml`. Seconds from the command (`promote` or
`rollback`, then `serve reconcile`) until it was done, until the first answer of the new version and until the last of
the old; answers in all, and failed ones.
"""


class Seen(NamedTuple):
    """One arm at one number of clients."""

    tokens: float
    first: list[float]


@contextmanager
def served(folder: Path, config: dict[str, object]) -> Iterator[subprocess.Popen[bytes]]:
    """VLLM on this configuration, from its first answer to its end."""
    (folder / "vllm.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    with (folder / "log").open("wb") as log:
        words = [*command(ROOT), "--config", str(folder / "vllm.yaml")]
        process = subprocess.Popen(words, cwd=folder, env=environment(updates=True), stdout=log, stderr=log)
        try:
            wait_until_healthy(process, f"http://127.0.0.1:{PORT}/health")
            yield process
        finally:
            process.terminate()
            process.wait(60)


def stream(model: str) -> tuple[float, float]:
    """One request; milliseconds until the first token, and tokens written."""
    body = {"model": model, "prompt": "the router is late " * 5, "max_tokens": NEW_TOKENS, "temperature": 0,
            "ignore_eos": True, "stream": True}  # fmt: skip
    request = urllib.request.Request(f"http://127.0.0.1:{PORT}/v1/completions", json.dumps(body).encode(),
                                     {"Content-Type": "application/json"})  # fmt: skip
    began, first = time.monotonic(), 0.0
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
        for line in answer:
            if line.startswith(b"data: {") and not first:
                first = time.monotonic() - began
    return first * 1000, NEW_TOKENS


def load(models: tuple[str, ...], clients: int) -> Seen:
    """So many clients for some seconds, each with its model."""
    firsts: list[float] = []
    tokens: list[float] = []
    end = time.monotonic() + SECONDS

    def loop(model: str) -> None:
        while time.monotonic() < end:
            first, written = stream(model)
            firsts.append(first)
            tokens.append(written)

    began = time.monotonic()
    threads = [threading.Thread(target=loop, args=(models[at % len(models)],)) for at in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Seen(sum(tokens) / (time.monotonic() - began), firsts)


def memory(process: subprocess.Popen[bytes]) -> int:
    """MiB of the server's processes, shared pages counted once."""
    import psutil

    family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    return sum(one.memory_full_info().pss for one in family) >> 20


def one_round(place: Path, adapters: dict[str, str]) -> dict[str, tuple[Seen, Seen, int]]:
    """All arms once: what 1 and 16 clients saw, and the memory after it."""
    plain = {
        "model": str(ROOT / BASE),
        "served-model-name": "base",
        "port": PORT,
        "dtype": "float32",
        "max-model-len": 1024,
    }
    modules = [json.dumps({"name": name, "path": path, "base_model_name": "base"}) for name, path in adapters.items()]
    lora = {**plain, "enable-lora": True, "max-loras": 4, "max-lora-rank": RANK, "lora-modules": modules}
    found = {}
    for config, names in ((plain, ["base, no LoRA"]), (lora, [name for name in ARMS if name != "base, no LoRA"])):
        with served(place, config) as process:
            for name in names:
                models = ARMS[name] or ("base",)
                for model in models:
                    stream(model)  # warm
                found[name] = (load(models, 1), load(models, 16), memory(process))
    return found


def arms() -> list[list[str]]:
    """The table of the arms."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        adapters = {f"a{at}": str(make_adapter(place / f"adapter-{at}", RANK)) for at in range(1, 5)}
        rounds = [one_round(place, adapters) for _ in range(2)]
    rows = []
    for arm in ARMS:
        row = [arm]
        for at in (0, 1):
            runs: list[Seen] = sorted((one[arm][at] for one in rounds), key=lambda seen: -seen.tokens)
            first = sorted(runs[0].first)
            row += [
                f"{runs[0].tokens:.0f} ({runs[1].tokens:.0f})",
                f"{median(first):.0f}, {first[int(0.95 * len(first))]:.0f}",
            ]
        rows.append([*row, str(max(one[arm][2] for one in rounds))])
    return rows


def rollout() -> list[list[str]]:
    """The table of promotions and rollbacks."""
    rows = []
    with tempfile.TemporaryDirectory() as name:
        root = Path(name) / "project"
        root.mkdir()
        project = Project(root)
        (root / BASE).parent.mkdir(parents=True)
        (root / BASE).symlink_to(ROOT / BASE)
        params = root / "params.yaml"
        params.write_text(params.read_text(encoding="utf-8").replace("port: 8000", f"port: {PORT}"), encoding="utf-8")
        for version in ("1.0.0", "1.1.0", "1.2.0"):
            project.release(version, rank=RANK, source=make_adapter(Path(name) / version, RANK))
        project.assign("prod", "1.0.0")
        render(root)
        config = yaml.safe_load((root / "serving" / "vllm.yaml").read_text(encoding="utf-8"))
        server = Server(f"http://127.0.0.1:{PORT}")
        with served(root, config), Clients(root, server.url, "triage", 16) as clients:
            clients.wait(64)
            one, before = Reconciler(root, server, lambda _: None), "1.0.0"
            for what, to in (
                ("promotion", "1.1.0"),
                ("rollback", "1.0.0"),
                ("promotion", "1.2.0"),
                ("rollback", "1.0.0"),
            ):
                began = time.monotonic()
                rollback(root, "triage") if what == "rollback" else promote(root, "triage", to, "prod")
                assert one.run() == []
                done = time.monotonic()
                clients.wait(200)
                times = (done, clients.first(f"triage-v{to}", began), clients.last(f"triage-v{before}"))
                seen = (str(len(clients.asked)), str(sum(bool(asked.fault) for asked in clients.asked)))
                rows.append([f"{what}, {before} to {to}", *(f"{at - began:.2f}" for at in times), *seen])
                before = to
    return rows


def main() -> None:
    """Measure both."""
    before = os.getloadavg()[0]
    rows = arms()
    moves = rollout()
    header = ["", "tok/s, 1 client", "first token, ms", "tok/s, 16 clients", "first token, ms", "MiB"]
    head = ["", "done, s", "first of the new, s", "last of the old, s", "answers so far", "failed"]
    title = f"vLLM on a CPU, the example's base (2 M parameters), load before {before:.1f}"
    publish("serving", title, header, rows, NOTE, ROLLOUT, *table(head, moves))


if __name__ == "__main__":
    main()
