"""A quantised variant of the example, for real: made, measured, judged, released, verified, served by vLLM.

Needs `make repro`, `make quantize` and `.venv-serve/ready` before; `make test-slow` and `.ci/run` make them.
"""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml
from main_job import ROOT, dvc, home, ran
from release_project import commit, run
from remote_servers import free_port
from serving_clients import ask_chat

from tunegate.judge.rows import SERVED_CHECKS
from tunegate.records.manifest import Manifest
from tunegate.vllm.process import command, environment, wait_until_healthy

pytestmark = pytest.mark.slow
__all__ = ["home"]  # a fixture
KEY, PROMPTS, LEAST = "triage-int8", 60, 0.95  # 8 bits: a near-tie turns more easily than in 32
TAG = f"{KEY}@v1.0.0"


def cli(root: Path, *words: str) -> str:
    return run(root, sys.executable, "-m", "tunegate.cli", *words).stdout


def add_variant(root: Path, port: int) -> None:
    (root / ".venv-serve").symlink_to(ROOT / ".venv-serve")
    with (root / ".git" / "info" / "exclude").open("a", encoding="utf-8") as stream:
        stream.write(".venv-serve\n")  # .gitignore means a folder, this is a link
    params = yaml.safe_load((root / "params.yaml").read_text(encoding="utf-8"))
    convert = {"method": "gptq", "scheme": "W8A8", "dtype": "float32"}  # 32 bits are fast on any CPU
    params["variants"] = {KEY: {"of": "triage", "convert": convert}}
    params["serve"]["port"] = port
    params["adapters"]["triage"]["gate"]["served"] = True  # the probe asks a server of these very bytes
    (root / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")
    pipeline = yaml.safe_load((root / "dvc.yaml").read_text(encoding="utf-8"))
    pipeline["artifacts"][KEY] = {"path": f"build/release/{KEY}", "type": "model"}
    (root / "dvc.yaml").write_text(yaml.safe_dump(pipeline, sort_keys=False), encoding="utf-8")


def test_a_variant_from_settings_to_answers(home: Path) -> None:
    port = free_port()
    add_variant(home, port)
    assert "triage-int8" in cli(home, "check")
    _made_and_judged(home)
    _released(home)
    _served(home, port + 1)  # the adapters' server has the first


def _made_and_judged(home: Path) -> None:
    done = dvc(home, "repro", "--no-run-cache", "gate-variant")  # DVC would take what an earlier run of this test left
    stages = {f"{stage}@{KEY}" for stage in ("convert", "evaluate-variant", "probe-variant", "gate-variant")}
    assert ran(done.stdout) == stages  # nothing of the adapters ran again
    verdict = json.loads((home / "build" / "gate" / KEY / "verdict.json").read_text(encoding="utf-8"))
    assert verdict["outcome"] == "PASS"
    rows = {gate["id"]: gate for gate in verdict["gates"]}
    assert rows["variant/exact_match"]["base"] == pytest.approx(rows["variant/exact_match"]["candidate"], abs=0.03)
    assert set(verdict["inputs"]) >= {"parent", "parent_looks"}
    assert {rows[f"probe/{check}"]["outcome"] for check in SERVED_CHECKS} == {"PASS"}
    assert "METRIC" not in done.stdout  # not a line a layer


def _released(home: Path) -> None:
    dvc(home, "repro", "release-variant")
    commit(home, "triage in 8 bits")
    assert f"released {TAG}, unsigned (the first release)" in dvc(home, "repro", "release-variant").stdout
    assert f"{TAG} is what was released" in cli(home, "verify", TAG)
    bundle = home / "build" / "release" / KEY
    manifest = Manifest.read(bundle / "manifest.json", ValueError, next_step="")  # type: ignore[arg-type]
    assert manifest.variant is not None
    assert manifest.variant.bytes_after < 0.5 * manifest.variant.bytes_before
    card = (bundle / "README.md").read_text(encoding="utf-8")
    assert "| weights, MB | 9.1 | " in card
    assert "| exact_match | 0.9" in card
    tag = run(home, "git", "tag", "-n99", "-l", TAG).stdout
    assert "form: gptq W8A8, float32" in tag


def _served(home: Path, port: int) -> None:
    cli(home, "promote", KEY, "1.0.0", "--stage", "prod")
    assert "digests as in the tag" in cli(home, "serve", "fetch")
    cli(home, "serve", "render")
    words = [*command(ROOT), "--config", f"serving/vllm-{KEY}-v1.0.0.yaml"]
    with (home.parent / "vllm.log").open("wb") as log:
        server = subprocess.Popen(words, cwd=home, env=environment(), stdout=log, stderr=log)
        try:
            wait_until_healthy(server, f"http://127.0.0.1:{port}/health")
            same = _same(home, f"http://127.0.0.1:{port}")
        finally:
            server.terminate()
            server.wait(30)
    assert sum(same) >= LEAST * len(same), f"{sum(same)} of {len(same)}"


def _same(home: Path, url: str) -> list[bool]:
    """Whether the server's answers are those that were recorded when the variant was measured."""
    path = home / "build" / "outputs" / KEY / "candidate" / "task.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    recorded = {row["id"]: row["answer"] for row in rows if row["split"] == "test"}
    data = home / "build" / "data" / "triage" / "test.jsonl"
    examples = [json.loads(line) for line in data.read_text(encoding="utf-8").splitlines()][:PROMPTS]
    chats = [[{"role": turn["role"], "content": turn["content"]} for turn in one["messages"][:-1]] for one in examples]
    with ThreadPoolExecutor(16) as pool:
        said = list(pool.map(lambda chat: ask_chat(url, f"{KEY}-v1.0.0", chat, 64), chats))
    return [answer == recorded[one["id"]] for answer, one in zip(said, examples, strict=True)]
