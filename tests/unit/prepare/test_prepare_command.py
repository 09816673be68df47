"""The real command on a small dataset of all formats and faults (golden), and on bad input: one clear error each."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

PARAMS = """
base: {model: base}
general: {tasks: [a]}
adapters:
  triage:
    prepare: {max_reject_rate: 0.9, answer_schema: schema.json}
    baseline: {metric: exact_match, system: [Answer.]}
    evaluate: {metrics: [exact_match]}
    gate: {gains: [{metric: exact_match}]}
    release: {description: d, intended_use: u, headline: [exact_match]}
"""
OK = '{"intent": "refund"}'


def chat(question: str, answer: str = OK, **more: object) -> str:
    turns = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    return json.dumps({"messages": turns, **more})


FILES = {
    "params.yaml": PARAMS,
    "datasets/triage/schema.json": '{"type": "object", "required": ["intent"]}',
    "datasets/triage/train/a.jsonl": "\n".join([
        chat("Where is my money?", id="row-1", metadata={"family": "money"}),
        chat("where is my MONEY"),
        chat("Broken") [:-9],
        chat("Asked in test"),
        chat("Asked in validation"),
        chat("No answer", " "),
        chat("No schema", '{"other": 1}'),
        json.dumps({"messages": [{"role": "assistant", "content": "first"}]}),
        json.dumps({"question": "what", "answer": "ever"}),
        '{"a": "\\ud800"}',
        '{"question": 1e999}',
        chat("What is the capital of Peru?"),
    ]),
    "datasets/triage/train/b.json": json.dumps([{"instruction": "Sort this.", "input": "My bill", "output": OK}]),
    "datasets/triage/train/c.jsonl": json.dumps(
        {"conversations": [{"from": "system", "value": "Sort."}, {"from": "human", "value": "Hi"},
                           {"from": "gpt", "value": OK}]}),
    "datasets/triage/train/d.tsv": 'text\tlabel\nFrom a table\t"{""intent"": ""x""}"\nragged\n',
    "datasets/triage/validation/a.jsonl": chat("asked in validation!"),
    "datasets/triage/test/a.jsonl": chat("asked in test?"),
    "datasets/general/train/a.jsonl": chat("Say hello.", "Hello!") + "\n" + chat("what is the capital of peru", "Lima"),
    "evals/tasks/a.jsonl": json.dumps({"question": "What is the capital of Peru?", "answer": "Lima"}),
}  # fmt: skip


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def prepare(where: Path, key: str = "triage") -> "subprocess.CompletedProcess[str]":
    words = [sys.executable, "-m", "tunegate.prepare", key, f"datasets/{key}", "datasets/general", "evals/tasks"]
    outs = [f"build/data/{key}", f"build/report/{key}", f"metrics/data/{key}.json"]
    done = subprocess.run([*words, *outs], cwd=where, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    return done


def test_all_formats_and_faults(project: Path, golden: Callable[[str, str], None]) -> None:
    done = prepare(project)
    assert (done.returncode, done.stderr) == (0, "")
    golden("prepare/terminal.txt", done.stdout)
    for name in ("report.json", "rejects.jsonl", "review-queue.jsonl"):
        golden(f"prepare/{name}", (project / "build/report/triage" / name).read_text(encoding="utf-8"))
    for name in ("train.jsonl", "replay.jsonl"):
        golden(f"prepare/{name}", (project / "build/data/triage" / name).read_text(encoding="utf-8"))
    golden("prepare/metrics.json", (project / "metrics/data/triage.json").read_text(encoding="utf-8"))
    assert (project / "build/data/triage/schema.json").read_text() == FILES["datasets/triage/schema.json"]


def test_every_row_is_kept_or_rejected(project: Path) -> None:
    prepare(project)
    out = project / "build/data/triage"
    kept = sum(len((out / f"{name}.jsonl").read_text().splitlines()) for name in ("train", "validation", "test"))
    replay = len((out / "replay.jsonl").read_text().splitlines())
    report = project / "build/report/triage"
    rejected = len((report / "rejects.jsonl").read_text().splitlines())
    rows = sum(file["rows"] for file in json.loads((report / "report.json").read_text())["files"])
    assert rows == kept + replay + rejected


@pytest.mark.parametrize(
    ("file", "text", "code", "said"),
    [
        ("params.yaml", PARAMS.replace("0.9", "0.1"), 11, "prepare.max_reject_rate allows 10.0%"),
        ("params.yaml", PARAMS.replace("max_reject_rate", "max_rejects"), 10, "max_rejects: unknown key"),
        ("params.yaml", PARAMS.replace("schema.json", "other.json"), 11, "datasets/triage/other.json: no such file"),
        ("datasets/triage/schema.json", '{"type": "thing"}', 11, "schema.json: not a JSON Schema"),
        ("datasets/triage/schema.json", '{"$ref": "http://x.test/s"}', 11, "a $ref or a pattern in it cannot be used"),
        ("datasets/triage/test/a.jsonl", "", 11, "no clean rows in test"),
        ("datasets/triage/train/e.xlsx", "", 11, "train/e.xlsx: not a kind of file that is read"),
        ("datasets/triage/train/b.json", "{", 11, "train/b.json: not valid JSON"),
        ("evals/tasks/a.jsonl", "{", 11, "evals/tasks/a.jsonl:1: not valid JSON"),
    ],
)
def test_bad_input_is_one_clear_error(project: Path, file: str, text: str, code: int, said: str) -> None:
    (project / file).write_text(text, encoding="utf-8")
    done = prepare(project)
    assert done.returncode == code
    assert said in done.stderr
    assert "\nnext: " in done.stderr


def test_rejects_stay_readable_after_too_many(project: Path) -> None:
    prepare(project)
    (project / "params.yaml").write_text(PARAMS.replace("0.9", "0.1"))
    done = prepare(project)
    assert "build/report/triage/rejects.jsonl" in done.stderr
    assert {"rejects.jsonl", "report.json"} < {path.name for path in (project / "build/report/triage").iterdir()}
    assert {path.name for path in (project / "build").iterdir()} == {"report", "data"}


def test_all_that_is_missing_is_said_at_once(project: Path) -> None:
    (project / "datasets/triage/test/a.jsonl").unlink()
    (project / "datasets/general/train/a.jsonl").write_bytes(b"[]")
    (project / "datasets/general/train/a.jsonl").rename(project / "datasets/general/train/a.txt")
    done = prepare(project)
    assert done.returncode == 11
    assert "datasets/triage/test: has no data files" in done.stderr
    assert "datasets/general/train/a.txt: not a kind of file that is read" in done.stderr
    assert not (project / "build").exists()


def test_a_key_without_data_or_without_settings(project: Path) -> None:
    done = prepare(project, "reply")
    assert (done.returncode, "no adapter 'reply'; there are: triage" in done.stderr) == (10, True)
    (project / "datasets/triage").rename(project / "datasets/other")
    done = prepare(project)
    assert (done.returncode, "datasets/triage: no such folder" in done.stderr) == (11, True)
