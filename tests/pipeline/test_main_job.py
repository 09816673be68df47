"""The main job for real: what re-runs, what is refused, what a kill costs. Needs `make repro` before."""

import csv
import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
import yaml
from main_job import ROOT, dvc, home, ran
from release_project import ENV

from tunegate.records.scores import ScoreFile

pytestmark = pytest.mark.slow
__all__ = ["home"]  # a fixture
KEYS = ("triage", "reply")
TRIAGE = {f"{stage}@triage" for stage in ("train", "evaluate", "probe", "gate", "release")}


def set_train(root: Path, **values: object) -> None:
    content = yaml.safe_load((root / "params.yaml").read_text(encoding="utf-8"))
    content["adapters"]["triage"]["train"].update(values)
    (root / "params.yaml").write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")


def restore(root: Path) -> None:
    subprocess.run(["git", "checkout", "-q", "."], cwd=root, env=ENV, check=True)
    dvc(root, "checkout", "-q", "-f")


def test_both_adapters_pass_and_beat_lookup_and_the_prompted_base() -> None:
    lookup = json.loads((ROOT / "examples" / "support" / "nearest_neighbour.json").read_text(encoding="utf-8"))
    for key in KEYS:
        metrics = json.loads((ROOT / "metrics" / f"{key}.json").read_text(encoding="utf-8"))[key]
        assert metrics["verdict"] == "PASS"
        candidate = mean(ScoreFile.load(ROOT / "scores" / key / "candidate.jsonl"), key, "exact_match")
        assert candidate > lookup[key]["score"] + 0.3
    assert mean(ScoreFile.load(ROOT / "scores" / "triage" / "baseline.jsonl"), "triage", "exact_match") <= 0.4


def test_six_general_skills_are_at_least_at_nine_tenths() -> None:
    tasks = ScoreFile.load(ROOT / "scores" / "general.jsonl").tasks
    scores = {task.task: sum(s.scores["exact_match"] for s in task.samples) / len(task.samples) for task in tasks}
    assert len(scores) >= 7
    assert all(len(task.samples) >= 500 for task in tasks)
    assert sum(score >= 0.9 for score in scores.values()) >= 6, scores


def mean(scores: ScoreFile, key: str, metric: str) -> float:
    task = next(task for task in scores.tasks if task.task == key and task.split == "test")
    return sum(sample.scores[metric] for sample in task.samples) / len(task.samples)


def test_a_second_run_runs_the_releases_alone(home: Path) -> None:
    assert ran(dvc(home, "repro").stdout) == {"release@triage", "release@reply"}
    assert (
        subprocess.run(["git", "status", "--porcelain"], cwd=home, env=ENV, capture_output=True, check=True).stdout
        == b""
    )


def test_without_replay_the_model_forgets_and_nothing_else_ran(home: Path) -> None:
    set_train(home, replay=0.0)
    done = dvc(home, "repro", "--no-run-cache", check=False)  # DVC would take what an earlier run of this test left
    assert done.returncode != 0
    assert ran(done.stdout) - {"release@reply"} == TRIAGE
    assert "triage is not released: the verdict on triage is FAIL" in done.stdout
    assert "| forgetting/macro |" in done.stdout
    restore(home)


def test_a_full_fine_tune_that_forgets_stays_in_the_table_of_experiments(home: Path) -> None:
    words = ("method=full", "learning_rate=0.01", "replay=0", "epochs=1")
    settings = [word for name in words for word in ("-S", f"adapters.triage.train.{name}")]
    dvc(home, "exp", "run", "-n", "full", *settings)
    rows = list(csv.DictReader(dvc(home, "exp", "show", "--csv").stdout.splitlines()))
    verdicts = {row["Experiment"]: row["triage.verdict"] for row in rows}
    assert verdicts["full"] == "FAIL"
    assert "PASS" in verdicts.values()
    restore(home)


def test_a_killed_training_goes_on_where_it_was_and_ends_the_same(home: Path) -> None:
    record = home / "build" / "training" / "triage" / "record.json"
    set_train(home, epochs=1)
    dvc(home, "repro", "train@triage")
    whole = json.loads(record.read_text(encoding="utf-8"))
    again_words = ["repro", "--force", "--no-run-cache", "--single-item", "train@triage"]
    process = subprocess.Popen(["dvc", *again_words], cwd=home, env=ENV, stdout=subprocess.DEVNULL)
    folder = home / ".cache" / "training"
    end = time.monotonic() + 240
    while time.monotonic() < end and not list(folder.glob("*/checkpoint-*/whole.sha256")):
        time.sleep(0.2)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    time.sleep(3)  # training ends when its parent does
    done = dvc(home, *again_words)
    again = json.loads(record.read_text(encoding="utf-8"))
    assert "goes on from checkpoint-" in done.stdout
    assert again["resumed_from_step"] > 0
    assert again["loss"] == whole["loss"]
    assert again["adapter"] == whole["adapter"]
    restore(home)
