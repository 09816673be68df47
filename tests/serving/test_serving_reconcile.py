"""The reconciler against a real vLLM server: what the unit tests' stand-in says is what vLLM says.

One server on the rendered file; the adapters have random weights, so they change answers but know nothing.
"""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file
from serve_cases import ROOT
from serve_project import Project

from tunegate.serve.reconcile import Reconciler
from tunegate.serve.render import render
from tunegate.serve.server import Server
from tunegate.serve.up import command, environment, wait_until_healthy

pytestmark = pytest.mark.slow
BASE = Path("examples/support/base")
PORT = 8766


def make_adapter(folder: Path, rank: int) -> Path:
    """An adapter with random weights on the query projections of the example's base."""
    shape = json.loads((ROOT / BASE / "config.json").read_text(encoding="utf-8"))
    heads = shape["num_attention_heads"]
    width = heads * (shape.get("head_dim") or shape["hidden_size"] // heads)
    draw, tensors = np.random.default_rng(rank), {}
    for layer in range(shape["num_hidden_layers"]):
        name = f"base_model.model.model.layers.{layer}.self_attn.q_proj"
        tensors[f"{name}.lora_A.weight"] = draw.normal(size=(rank, shape["hidden_size"])).astype(np.float32)
        tensors[f"{name}.lora_B.weight"] = draw.normal(size=(width, rank)).astype(np.float32)
    folder.mkdir()
    save_file(tensors, folder / "adapter_model.safetensors")
    config = {"peft_type": "LORA", "r": rank, "lora_alpha": rank, "target_modules": ["q_proj"], "bias": "none"}
    more = {"task_type": "CAUSAL_LM", "base_model_name_or_path": BASE.as_posix()}
    (folder / "adapter_config.json").write_text(json.dumps({**config, **more}), encoding="utf-8")
    return folder


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


@pytest.fixture(scope="module")
def server(project: Project) -> Iterator[Server]:
    """VLLM on the rendered file, as `tunegate serve up` starts it."""
    render(project.root)
    log = (project.root / "log").open("wb")
    words = [*command(ROOT), "--config", "serving/vllm.yaml"]
    process = subprocess.Popen(words, cwd=project.root, env=environment(updates=True), stdout=log, stderr=log)
    try:
        wait_until_healthy(process, f"http://127.0.0.1:{PORT}/health")
        yield Server(f"http://127.0.0.1:{PORT}")
    finally:
        process.terminate()
        process.wait(30)
        log.close()


def names(server: Server) -> set[str]:
    return {name.removeprefix("triage-v") for name in server.adapters()}


def test_a_life_on_a_real_server(project: Project, server: Server) -> None:
    """Canary, promotion, promotion, rollback; then a version that the server cannot take."""
    one = Reconciler(project.root, server, lambda _: None, waits=(0.1,))
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
