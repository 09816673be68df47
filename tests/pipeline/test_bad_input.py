"""Bad input to the real commands: one clear error, its exit code, no traceback, nothing half-written."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from factories import write_evidence
from release_project import ENV, Done, make_project

ROOT = Path(__file__).parents[2]


def stage(cwd: Path, *words: str, env: dict[str, str] | None = None) -> Done:
    """Run `python -m ...` as dvc.yaml does."""
    command = [sys.executable, "-m", *words]
    return subprocess.run(command, cwd=cwd, env=env or ENV, capture_output=True, text=True, check=False)


def clear(done: Done, code: int, *parts: str) -> None:
    """One error of the family: its code, its words, its next step."""
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.count("error: ") == 1
    assert "\nnext: " in done.stderr
    for part in parts:
        assert part in done.stderr


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with params.yaml, the example's raw data and the base's tokenizer."""
    shutil.copy(ROOT / "params.yaml", tmp_path / "params.yaml")
    shutil.copytree(ROOT / "examples" / "support" / "datasets", tmp_path / "datasets")
    (tmp_path / "evals" / "tasks").mkdir(parents=True)
    (tmp_path / "examples" / "support" / "base").mkdir(parents=True)
    shutil.copy(ROOT / "examples/support/base/tokenizer.json", tmp_path / "examples/support/base/tokenizer.json")
    return tmp_path


def edit(project: Path, old: str, new: str) -> None:
    path = project / "params.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def prepare(project: Path, out: Path | None = None) -> Done:
    words = ["datasets/triage", "datasets/general", "evals/tasks", str(out or "build/data/triage")]
    return stage(project, "tunegate.prepare", "triage", *words, "build/report/triage", "metrics/data/triage.json")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("      rank: 16", "      rnak: 16", "adapters.triage.train.rnak"),
        ("      epochs: 5", "      epochs: many", "adapters.triage.train.epochs"),
        ("  triage:", "  tri/age:", "tri/age"),
    ],
)
def test_a_fault_in_the_settings_stops_every_stage_at_once(project: Path, old: str, new: str, says: str) -> None:
    edit(project, old, new)
    clear(prepare(project), 10, says, "params.yaml:")
    assert not (project / "build").exists()


def test_an_unknown_adapter_names_those_there_are(project: Path) -> None:
    words = ("tirage", "scores", "metrics/data/tirage.json", "evals", "build/gate", "m.json")
    clear(stage(project, "tunegate.gate", *words), 10, "reply, triage")


def test_a_missing_dataset_is_named(project: Path) -> None:
    shutil.rmtree(project / "datasets" / "triage")
    clear(prepare(project), 11, "datasets/triage")


def test_an_empty_test_split_is_named(project: Path) -> None:
    (project / "datasets" / "triage" / "test" / "chat.jsonl").write_text("", encoding="utf-8")
    clear(prepare(project), 11, "test")
    assert not (project / "build" / "data" / "triage" / "train.jsonl").exists()


def test_a_base_that_is_not_there_is_said_before_anything_is_loaded(project: Path) -> None:
    assert prepare(project).returncode == 0
    edit(project, "model: examples/support/base", "model: no/such/base")
    done = stage(project, "tunegate.train", "triage", "build/data/triage", "build/a", "build/t")
    clear(done, 12, "no/such/base")


@pytest.mark.parametrize(
    "content", ["", "{", '{"kind": "measured"}\n', "\x00\x01", '{"kind":"measured","schema_version":9}\n']
)
def test_a_corrupt_scores_file_is_an_error_verdict_and_never_a_pass(project: Path, content: str) -> None:
    write_evidence(project / "scores", "triage")
    (project / "scores" / "triage" / "candidate.jsonl").write_text(content, encoding="utf-8")
    done = stage(project, "tunegate.cli", "gate", "check", "triage")
    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    assert "candidate.jsonl" in done.stdout + done.stderr


@pytest.mark.slow
def test_a_full_disk_is_one_clear_error_and_leaves_no_half_file(project: Path) -> None:
    """On a tmpfs of 64 KiB: as root, or where the kernel lets a user have a mount namespace."""
    place = project / "small"
    place.mkdir()
    stage_words = "triage datasets/triage datasets/general evals/tasks"
    script = (
        f"mount -t tmpfs -o size=64k tmpfs {place} && "
        f"{sys.executable} -m tunegate.prepare {stage_words} {place}/out {place}/report {place}/m.json; "
        f"code=$?; ls -AR {place}; exit $code"
    )
    isolate = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--mount"]
    command = [*isolate, "sh", "-c", script]
    done = subprocess.run(command, cwd=project, env=ENV, capture_output=True, text=True, check=False)
    assert done.returncode == 13, done.stderr
    assert "the disk is full: cannot write" in done.stderr
    assert "Traceback" not in done.stderr
    assert ".tmp" not in done.stdout


@pytest.mark.slow
def test_two_runs_at_once_do_not_spoil_each_other(tmp_path: Path) -> None:
    root = make_project(tmp_path / "project")
    runs = [
        subprocess.Popen(
            ["dvc", "repro", "-f"], cwd=root, env=ENV, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        for _ in range(2)
    ]
    said = [run.communicate()[0] for run in runs]
    lost = [text for run, text in zip(runs, said, strict=True) if run.returncode != 0]
    # Which of them is first to the lock is theirs to settle.
    assert len(lost) == 1, said
    assert "Traceback" not in lost[0]
    assert "lock" in lost[0] or "busy" in lost[0]
    assert subprocess.run(["dvc", "repro"], cwd=root, env=ENV, capture_output=True, check=False).returncode == 0
