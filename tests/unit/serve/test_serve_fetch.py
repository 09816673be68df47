"""Every byte is held against its tag before it is served."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import signed_release as project
from factories import write_params

from tunegate.core.dvc import dvc_digest
from tunegate.core.errors import MachineError, ReleaseRefused
from tunegate.core.files import digest_file, digest_tree
from tunegate.records.manifest import Manifest
from tunegate.records.released import Released, released
from tunegate.serve.fetch import fetch, verify
from tunegate.serve.plan import folder


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


@pytest.fixture
def registry(bundle: tuple[Path, Released], tmp_path: Path) -> Path:
    """A repository whose tag triage@v1.0.0 names the bundle, which DVC keeps."""
    root = tmp_path / "registry"
    home = root / "build" / "release" / "triage"
    shutil.copytree(bundle[0], home)
    write_params(root / "params.yaml")
    facts = "".join(f"{name}: {value}\n" for name, value in bundle[1].facts.items())
    dvc = [sys.executable, "-m", "dvc", "--quiet"]
    for words in (
        ["git", "init", "--quiet"],
        ["git", "config", "user.name", "Ada"],
        ["git", "config", "user.email", "ada@example.com"],
        [*dvc, "init"],
        [*dvc, "add", "build/release/triage"],
        ["git", "add", "."],
        ["git", "commit", "--quiet", "-m", "released"],
        ["git", "tag", "-a", "triage@v1.0.0", "-m", f"released\n\n{facts}"],
    ):
        subprocess.run(words, cwd=root, check=True, capture_output=True)
    return root


def test_a_tag_without_the_signature_that_is_demanded_is_not_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real signed release, its bundle in a folder; then a tag made anew by hand, over the same bytes."""
    monkeypatch.chdir(tmp_path)
    project.start()
    project.make()

    def get(root: Path, path: str, commit: str, out: Path, *, what: str) -> None:
        del root, commit, what
        shutil.copytree(path, out)

    monkeypatch.setattr("tunegate.serve.fetch.get_out", get)
    assert fetch(Path()) == ["triage@v1.0.0: fetched, digests as in the tag, signed"]
    assert fetch(Path()) == ["triage@v1.0.0: here"]
    text = project.git("for-each-ref", "refs/tags", "--format=%(contents)").partition("\nsignature: ")[0]
    project.git("tag", "--force", "-a", "-m", text, "triage@v1.0.0")
    with pytest.raises(ReleaseRefused, match=r"triage@v1\.0\.0 is not signed, and release_signers demands it"):
        fetch(Path())


@pytest.mark.slow
def test_a_release_is_fetched_verified_kept_and_mended(registry: Path) -> None:
    (version,) = released(registry)
    assert fetch(registry) == ["triage@v1.0.0: fetched, digests as in the tag, signature not demanded"]
    assert fetch(registry, ["triage@v1.0.0"]) == ["triage@v1.0.0: here"]
    weights = registry / folder(version) / "adapter_model.safetensors"
    weights.write_bytes(b"other")
    assert fetch(registry) == ["triage@v1.0.0: fetched, digests as in the tag, signature not demanded"]
    assert weights.read_bytes() == b"weights"


@pytest.mark.slow
def test_a_lost_object_is_an_error_in_one_line_and_leaves_nothing(registry: Path) -> None:
    shutil.rmtree(registry / ".dvc" / "cache")
    with pytest.raises(MachineError, match=r"triage@v1\.0\.0: DVC cannot get its bundle: ") as raised:
        fetch(registry)
    assert "\n" not in raised.value.message
    assert list((registry / "serving" / "adapters").iterdir()) == []
