"""Our signatures, and OpenSSF's own verifier: `model_signing verify key` takes them, and tells a changed byte."""

import subprocess
import venv
from pathlib import Path

import pytest
import signed_release as project
from release_project import ROOT
from signed_release import OUT

from tunegate.verify.run import write_signature

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def verifier(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The tool in an environment of its own."""
    place = tmp_path_factory.mktemp("model-signing")
    venv.create(place, with_pip=True)
    words = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", "requirements/model-signing.txt"]
    subprocess.run([str(place / "bin" / "python"), *words], cwd=ROOT, check=True)
    return str(place / "bin" / "model_signing")


def test_their_verifier_takes_our_signature(verifier: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    project.start()
    project.make()
    write_signature(Path(), "triage@v1.0.0", Path("model.sig"))
    words = [verifier, "verify", "key", str(OUT), "--signature", "model.sig", "--public_key", "key.pub"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "Verification succeeded"), done.stderr
    (OUT / "README.md").write_text("The best model there is.\n", encoding="utf-8")
    assert subprocess.run(words, capture_output=True, check=False).returncode != 0
