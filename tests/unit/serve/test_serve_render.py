"""The server's file: which versions, which names, and what vLLM accepts."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tunegate.core.dvc import dvc_digest
from tunegate.core.errors import ReleaseRefused
from tunegate.core.files import digest_file, digest_tree
from tunegate.core.params import load_params
from tunegate.records.manifest import Manifest
from tunegate.records.released import Released
from tunegate.serve.fetch import verify
from tunegate.serve.plan import served
from tunegate.serve.render import config

ROOT = Path(__file__).parents[3]


def version(key: str, number: str, rank: int = 16, method: str = "lora") -> Released:
    return Released(key, number, "c" * 40, {"rank": str(rank), "method": method, "adapter": "a" * 64})


VERSIONS = [
    version("reply", "1.0.0"),
    version("triage", "1.10.0", rank=24),
    version("triage", "1.9.0"),
    version("triage", "1.8.0", rank=300),
]


def test_the_newest_and_the_one_before_are_served() -> None:
    assert [v.name for v in served(VERSIONS)] == ["reply-v1.0.0", "triage-v1.10.0", "triage-v1.9.0"]


def test_a_full_fine_tune_is_no_lora_module() -> None:
    assert served([version("triage", "1.0.0", method="full")]) == []


def test_the_file_is_as_reviewed(golden: Callable[[str, str], None]) -> None:
    golden("vllm.yaml", config(served(VERSIONS), load_params(ROOT / "params.yaml")))


def test_the_file_holds_what_vllm_needs() -> None:
    content = yaml.safe_load(config(served(VERSIONS), load_params(ROOT / "params.yaml")))
    assert content["max-loras"] == len(content["lora-modules"]) == 3
    assert content["max-lora-rank"] == 32  # the next rank that vLLM accepts above 24
    assert json.loads(content["lora-modules"][1])["path"] == "serving/adapters/triage-v1.10.0"


def test_a_rank_beyond_vllm_is_refused() -> None:
    with pytest.raises(ReleaseRefused, match="rank 1024"):
        config([version("triage", "1.0.0", rank=1024)], load_params(ROOT / "params.yaml"))


@pytest.fixture
def bundle(tmp_path: Path) -> tuple[Path, Released]:
    folder = tmp_path / "bundle"
    (folder / "adapter").mkdir(parents=True)
    (folder / "adapter" / "adapter_config.json").write_text('{"r": 16}')
    (folder / "adapter" / "adapter_model.safetensors").write_bytes(b"weights")
    files = {f"adapter/{path.name}": digest_file(path) for path in (folder / "adapter").iterdir()}
    manifest = Manifest(
        key="triage", method="lora", rank=16, base="b", base_revision=None, base_digest="B",
        adapter=digest_tree(folder / "adapter"), data="D", outcome="PASS", scores={}, baseline_scores={}, policy={},
        files=files,
    )  # fmt: skip
    manifest.write(folder / "manifest.json")
    facts = {"bundle": dvc_digest(folder), "adapter": manifest.adapter, "rank": "16", "method": "lora"}
    return folder, Released("triage", "1.0.0", "c" * 40, facts)


def test_a_bundle_as_tagged_is_served(bundle: tuple[Path, Released]) -> None:
    verify(*bundle)


@pytest.mark.parametrize("name", ["adapter/adapter_model.safetensors", "manifest.json", "adapter/extra.bin"])
def test_one_changed_byte_is_never_served(bundle: tuple[Path, Released], name: str) -> None:
    folder, released = bundle
    (folder / name).write_bytes(b"other")
    with pytest.raises(ReleaseRefused, match=r"triage@v1\.0\.0"):
        verify(folder, released)


def test_other_bytes_under_a_right_bundle_digest_are_refused_by_the_manifest(bundle: tuple[Path, Released]) -> None:
    folder, released = bundle
    (folder / "adapter" / "adapter_model.safetensors").write_bytes(b"other")
    again = released._replace(facts={**released.facts, "bundle": dvc_digest(folder)})
    with pytest.raises(ReleaseRefused, match=r"manifest's: adapter/adapter_model\.safetensors"):
        verify(folder, again)


def test_a_missing_file_is_refused(bundle: tuple[Path, Released]) -> None:
    folder, released = bundle
    shutil.rmtree(folder / "adapter")
    with pytest.raises(ReleaseRefused):
        verify(folder, released)
