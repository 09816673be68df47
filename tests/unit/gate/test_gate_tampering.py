"""Evidence that somebody has changed is an ERROR or a FAIL and never a PASS; the order of rows changes nothing."""

import json
import random
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from factories import POLICY, SKILLS, evidence, write_evidence, write_params

from tunegate.core.params import load_params
from tunegate.core.settings import Gate
from tunegate.gate.recorded import judge_recorded
from tunegate.records.verdict import Outcome, Verdict
from tunegate.release.verify import verify

TODAY = date(2026, 11, 25)
Row = dict[str, Any]
Rows = list[Row]


@pytest.fixture
def scores(tmp_path: Path) -> Path:
    """A candidate that fails: it gains nothing."""
    write_evidence(tmp_path, "triage", evidence(gain=(0.5, 0.55)))
    return tmp_path


def judged(scores: Path, policy: Gate = POLICY) -> Verdict:
    return judge_recorded("triage", scores, policy, TODAY, SKILLS)


def read(path: Path) -> Rows:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def write(path: Path, rows: Rows) -> None:
    """Write the rows with the number of samples of each task put right: a careful forger does so."""
    task: Row = {}
    for row in rows:
        if row.get("kind") == "task":
            task = row
            task["n"] = 0
        elif "doc" in row:
            task["n"] += 1
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def change(scores: Path, names: list[str], how: Callable[[Rows], Rows]) -> None:
    for name in names:
        path = scores / "triage" / f"{name}.jsonl"
        write(path, how(read(path)))


def of_task(rows: Rows) -> set[int]:
    """Positions of the samples of the adapter's own task."""
    found, inside = set(), False
    for at, row in enumerate(rows):
        if row.get("kind") == "task":
            inside = row["task"] == "triage"
        elif "doc" in row and inside:
            found.add(at)
    return found


def reasons(verdict: Verdict) -> str:
    return " | ".join(row.reason for row in verdict.gates)


def test_the_honest_evidence_does_not_pass(scores: Path) -> None:
    assert judged(scores).outcome is Outcome.FAIL


def test_failing_documents_dropped_on_one_side_are_missed(scores: Path) -> None:
    def drop(rows: Rows) -> Rows:
        own = of_task(rows)
        return [r for at, r in enumerate(rows) if at not in own or r["scores"]["exact_match"]]

    change(scores, ["candidate"], drop)
    assert judged(scores).outcome is Outcome.ERROR


def test_failing_documents_dropped_on_both_sides_are_missed_too(scores: Path) -> None:
    rows = read(scores / "triage" / "candidate.jsonl")
    failing = {rows[at]["doc"] for at in of_task(rows) if not rows[at]["scores"]["exact_match"]}
    change(scores, ["candidate", "baseline"], lambda rows: [r for r in rows if r.get("doc") not in failing])
    verdict = judged(scores)
    assert verdict.outcome is Outcome.ERROR
    assert "does not hold the look of this candidate" in reasons(verdict)


def test_passing_documents_put_in_twice(scores: Path) -> None:
    def double(rows: Rows) -> Rows:
        own = of_task(rows)
        return [r for at, row in enumerate(rows) for r in ([row, row] if at in own else [row])]

    change(scores, ["candidate", "baseline"], double)
    verdict = judged(scores)
    assert verdict.outcome is Outcome.ERROR
    assert "stands twice" in reasons(verdict)


def test_the_scores_of_the_two_models_swapped(scores: Path) -> None:
    baseline, candidate = (scores / "triage" / f"{name}.jsonl" for name in ("baseline", "candidate"))
    first, second = baseline.read_bytes(), candidate.read_bytes()
    baseline.write_bytes(second)
    candidate.write_bytes(first)
    assert judged(scores).outcome is Outcome.ERROR


@pytest.mark.parametrize(
    ("where", "key", "value", "says"),
    [
        ("task", "version", "2", "version: base 1, candidate 2"),
        ("measured", "adapter", "f" * 64, "the probe looked at"),
        ("measured", "base_digest", "f" * 64, "was measured on the base"),
    ],
)
def test_scores_of_other_conditions(scores: Path, where: str, key: str, value: str, says: str) -> None:
    def swap(rows: Rows) -> Rows:
        return [{**row, key: value} if row.get("kind") == where else row for row in rows]

    change(scores, ["candidate"], swap)
    verdict = judged(scores)
    assert verdict.outcome is Outcome.ERROR
    assert says in reasons(verdict)


@pytest.mark.parametrize("text", ["", "NaN", "\n", "{}\n", "not json\n"])
@pytest.mark.parametrize("name", ["baseline", "candidate"])
def test_empty_and_broken_files(scores: Path, name: str, text: str) -> None:
    (scores / "triage" / f"{name}.jsonl").write_text(text, encoding="utf-8")
    assert judged(scores).outcome is Outcome.ERROR


@pytest.mark.parametrize("value", ["NaN", "Infinity", "null", '"1.0"', "1e999"])
def test_scores_that_are_no_numbers(scores: Path, value: str) -> None:
    path = scores / "triage" / "candidate.jsonl"
    text = path.read_text(encoding="utf-8").replace('"exact_match":0.0', f'"exact_match":{value}', 1)
    path.write_text(text, encoding="utf-8")
    assert judged(scores).outcome is Outcome.ERROR


def test_a_verdict_that_was_edited_is_decided_again(tmp_path: Path) -> None:
    scores, gate, adapter = tmp_path / "scores", tmp_path / "gate", tmp_path / "adapter"
    write_evidence(scores, "triage", evidence(gain=(0.5, 0.55)))
    params = write_params(tmp_path / "params.yaml")
    adapter.mkdir()
    honest = judged(scores)
    forged = honest.model_copy(
        update={
            "outcome": Outcome.PASS,
            "gates": tuple(row.model_copy(update={"outcome": Outcome.PASS}) for row in honest.gates),
        }
    )
    forged.write(gate / "verdict.json")
    refusals = verify("triage", scores, gate, adapter, load_params(params), TODAY).refusals
    assert any("decided again" in words or "FAIL" in words for words in refusals)


def test_a_general_task_taken_out_of_every_file_is_missed(tmp_path: Path) -> None:
    write_evidence(tmp_path, "triage", evidence(skills=SKILLS[:-1]))
    verdict = judged(tmp_path)
    assert verdict.outcome is Outcome.ERROR
    assert f"general.tasks names {SKILLS[-1]}, not measured" in reasons(verdict)


def test_half_a_character_is_no_evidence_and_no_traceback(scores: Path) -> None:
    path = scores / "triage" / "candidate.jsonl"
    text = path.read_text(encoding="utf-8").replace('"base":"examples/base"', r'"base":"\ud800"', 1)
    path.write_text(text, encoding="utf-8")
    assert judged(scores).outcome is Outcome.ERROR


def test_the_order_of_rows_changes_nothing(scores: Path) -> None:
    before = judged(scores)

    def shuffled(rows: Rows) -> Rows:
        blocks: list[Rows] = []
        for row in rows:
            if "doc" in row:
                blocks[-1].append(row)
            else:
                blocks.append([row])
        for block in blocks:
            rest = block[1:]
            random.Random(5).shuffle(rest)  # noqa: S311 - test data
            block[1:] = rest
        return [row for block in blocks for row in block]

    change(scores, ["candidate"], shuffled)
    after = judged(scores)
    assert after.model_copy(update={"inputs": before.inputs}) == before
    assert after.inputs != before.inputs
