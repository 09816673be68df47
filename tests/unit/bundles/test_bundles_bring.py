"""Every byte is held against its tag before it is handed on."""

import shutil
from pathlib import Path

import pytest
from bundle_cases import make_bundle

from tunegate.bundles.bring import hold
from tunegate.core.dvc import dvc_digest
from tunegate.core.errors import ReleaseRefused
from tunegate.records.released import Released


@pytest.fixture
def bundle(tmp_path: Path) -> tuple[Path, Released]:
    return tmp_path / "bundle", make_bundle(tmp_path / "bundle")


def test_a_bundle_as_tagged_is_handed_on(bundle: tuple[Path, Released]) -> None:
    hold(*bundle)


@pytest.mark.parametrize("name", ["adapter/adapter_model.safetensors", "manifest.json", "adapter/extra.bin"])
def test_one_changed_byte_is_refused(bundle: tuple[Path, Released], name: str) -> None:
    folder, released = bundle
    (folder / name).write_bytes(b"other")
    with pytest.raises(ReleaseRefused, match=r"triage@v1\.0\.0"):
        hold(folder, released)


def test_other_bytes_under_a_right_bundle_digest_are_refused_by_the_manifest(bundle: tuple[Path, Released]) -> None:
    folder, released = bundle
    (folder / "adapter" / "adapter_model.safetensors").write_bytes(b"other")
    again = released._replace(facts={**released.facts, "bundle": dvc_digest(folder)})
    with pytest.raises(ReleaseRefused, match=r"manifest's: adapter/adapter_model\.safetensors"):
        hold(folder, again)


def test_a_missing_file_is_refused(bundle: tuple[Path, Released]) -> None:
    folder, released = bundle
    shutil.rmtree(folder / "adapter")
    with pytest.raises(ReleaseRefused):
        hold(folder, released)
