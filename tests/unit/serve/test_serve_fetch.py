"""Adapters come out of their releases, held against their tags (tests/unit/bundles), and stay if they are right."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import signed_release as project
from bundle_cases import make_bundle
from factories import write_params

from tunegate.core.errors import MachineError, ReleaseRefused
from tunegate.records.released import Released, released
from tunegate.serve.fetch import fetch
from tunegate.serve.plan import folder


@pytest.fixture
def bundle(tmp_path: Path) -> tuple[Path, Released]:
    return tmp_path / "bundle", make_bundle(tmp_path / "bundle")


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

    monkeypatch.setattr("tunegate.bundles.bring.get_out", get)
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
