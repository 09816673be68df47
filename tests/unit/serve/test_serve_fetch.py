"""Every byte is held against its tag before it is served."""

import shutil
from pathlib import Path

import pytest

from tunegate.core.dvc import dvc_digest
from tunegate.core.errors import ReleaseRefused
from tunegate.core.files import digest_file, digest_tree
from tunegate.records.manifest import Manifest
from tunegate.records.released import Released
from tunegate.serve.fetch import verify


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
