"""`tunegate gate plan`, `released` and `keygen`: what a person sees."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from factories import write_evidence, write_params

from tunegate.core.files import digest_file
from tunegate.records.scores import ScoreFile
from tunegate.records.signature import public_key, signer

GIT = ["git", "-c", "user.name=A", "-c", "user.email=a@example.com"]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_evidence(tmp_path / "scores", "triage")
    write_params(tmp_path / "params.yaml")
    return tmp_path


def tunegate(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tunegate.cli", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_plan_says_what_each_gate_has_and_needs(project: Path) -> None:
    (project / "scores/triage/candidate.jsonl").unlink()  # nothing is trained yet
    done = tunegate("gate", "plan", "triage")
    assert done.returncode == 0, done.stderr
    assert "gain/exact_match" in done.stdout
    assert "forgetting/macro" in done.stdout
    assert "has   300" in done.stdout
    assert "10% flip" in done.stdout


def test_plan_without_a_measured_base_says_what_to_run(project: Path) -> None:
    (project / "scores/general.jsonl").unlink()
    done = tunegate("gate", "plan")
    assert done.returncode == 3
    assert "general.jsonl: no such file" in done.stderr
    assert "Traceback" not in done.stderr


def test_released_takes_the_scores_of_the_tag_and_gives_the_lines_to_paste(project: Path) -> None:
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "x"], ["tag", "-a", "triage@v1.0.0", "-m", "x"]):
        subprocess.run([*GIT, *words], check=True)
    first = (project / "scores/triage/candidate.jsonl").read_bytes()
    (project / "scores/triage/candidate.jsonl").write_text("later scores\n", encoding="utf-8")
    done = tunegate("gate", "released", "triage")
    assert done.returncode == 0, done.stderr
    path = project / "scores/triage/released.jsonl"
    assert path.read_bytes() == first
    assert f"version: 1.0.0, scores: {digest_file(path)}" in done.stdout
    missing = tunegate("gate", "released", "triage", "2.0.0")
    assert missing.returncode == 64
    assert "there is 1.0.0" in missing.stderr


def test_keygen_writes_a_private_key_once_and_shows_the_public_half(project: Path) -> None:
    done = tunegate("gate", "keygen", "key")
    assert done.returncode == 0, done.stderr
    secret = (project / "key").read_text(encoding="ascii").strip()
    assert (project / "key").stat().st_mode & 0o077 == 0
    key = signer({"TUNEGATE_SIGNING_KEY": secret})
    assert key is not None
    assert public_key(key) in done.stdout
    assert secret not in done.stdout + done.stderr
    assert tunegate("gate", "keygen", "key").returncode == 64
    assert (project / "key").read_text(encoding="ascii").strip() == secret


def test_a_policy_may_ask_for_signed_scores(project: Path) -> None:
    assert tunegate("gate", "keygen", "key").returncode == 0
    key = bytes.fromhex((project / "key").read_text(encoding="ascii"))
    params = json.loads((project / "params.yaml").read_text(encoding="utf-8"))
    params["adapters"]["triage"]["gate"]["signers"] = [public_key(key)]
    (project / "params.yaml").write_text(json.dumps(params, indent=1), encoding="utf-8")
    unsigned = tunegate("gate", "check", "triage")
    assert unsigned.returncode == 3
    assert "carries no signature" in unsigned.stdout
    for name in ("general", "triage/baseline", "triage/candidate"):
        path = project / "scores" / f"{name}.jsonl"
        ScoreFile.load(path).save(path, key)
    assert tunegate("gate", "check", "triage").returncode == 0
