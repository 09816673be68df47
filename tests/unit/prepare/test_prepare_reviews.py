"""What reviewers decided: only approved synthetic rows train, edits replace rows, decisions follow a row."""

import json
from pathlib import Path
from typing import Any

import pytest
from prepare_run import chat, lines, rejects_of, rows_of, run_prepare

from tunegate.core.data_settings import Prepare
from tunegate.core.errors import DataError
from tunegate.records.data_report import DataReport
from tunegate.records.review import Decision

ORIGIN = {"teacher": "big", "prompt_hash": "0" * 16, "sampling": {"temperature": 0.8}, "licence": "apache-2.0"}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    lines(tmp_path / "raw/train/a.jsonl", *(chat(f"question {n}", f"answer {n}", id=f"t{n}") for n in range(10)))
    for split in ("validation", "test"):
        lines(tmp_path / f"raw/{split}/a.jsonl", chat(f"of {split}", "yes", id=split))
    lines(tmp_path / "raw/synthetic/big.jsonl",
          *({**chat(f"made {n}", f"up {n}", id=f"s{n}"), "origin": ORIGIN} for n in range(3)))  # fmt: skip
    lines(tmp_path / "general/train/a.jsonl", chat("general", "well"))
    lines(tmp_path / "tasks/a.jsonl", {"question": "Is water wet at all times?", "answer": "yes"})
    return tmp_path


def run(home: Path, **settings: Any) -> DataReport:
    return run_prepare(home, Prepare.model_validate({"review": {"sample": 0.0}, **settings}))


def queue(home: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (home / "out/report/review-queue.jsonl").read_text().splitlines()]


def decide(home: Path, name: str, verdict: str, row: Any = None, reason: str = "") -> None:
    """Decide as the page does: on the row as the queue shows it."""
    shown = next(one for one in queue(home) if one["id"] == name)
    decision = Decision.model_validate({"id": name, "content": shown["content"], "verdict": verdict, "reviewer": "Ada",
                                        "at": "2026-11-24T20:00:00Z", "row": row, "reason": reason})  # fmt: skip
    path = home / "raw/review/decisions.jsonl"
    path.parent.mkdir(exist_ok=True)
    with path.open("a", encoding="utf-8") as stream:
        stream.write(decision.to_line())


def test_only_approved_synthetic_rows_train_and_carry_who_approved_them(home: Path) -> None:
    found = run(home)
    assert [r["code"] for r in rejects_of(home)] == ["review_pending"] * 3
    assert (found.review.pending_synthetic, found.reject_rate) == (3, 0)
    assert [one["id"] for one in queue(home)][:3] == ["s0", "s1", "s2"]
    decide(home, "s0", "approved")
    decide(home, "s1", "rejected", reason="wrong")
    decide(home, "s2", "edited", {"messages": chat("made 2, better", "up 2")["messages"]})
    found = run(home)
    assert [(r["code"], r["reason"]) for r in rejects_of(home)] == [("review_rejected", "Ada: wrong")]
    made = {row["id"]: row for row in rows_of(home, "train") if "origin" in row}
    assert made["s0"]["origin"] == {**ORIGIN, "seeds": [], "approved_by": "Ada"}
    assert made["s2"]["messages"][0]["content"] == "made 2, better"
    assert (found.review.approved, found.review.edited, found.review.rejected) == (1, 1, 1)
    assert found.splits["train"].synthetic == 2


def test_a_decision_ends_where_the_text_changes_and_holds_where_the_row_moves(home: Path) -> None:
    run(home)
    decide(home, "s0", "approved")
    rows = [json.loads(line) for line in (home / "raw/synthetic/big.jsonl").read_text().splitlines()]
    lines(home / "raw/synthetic/later.jsonl", *rows[::-1])
    (home / "raw/synthetic/big.jsonl").unlink()
    run(home)
    assert [row["id"] for row in rows_of(home, "train") if "origin" in row] == ["s0"]
    rows[0]["messages"][1]["content"] = "something else"
    lines(home / "raw/synthetic/later.jsonl", *rows)
    run(home)
    assert len([r for r in rejects_of(home) if r["code"] == "review_pending"]) == 3


def test_a_withdrawn_approval_counts_as_none(home: Path) -> None:
    run(home)
    decide(home, "s0", "approved")
    decide(home, "s0", "withdrawn")
    run(home)
    assert len([r for r in rejects_of(home) if r["code"] == "review_pending"]) == 3


def test_real_rows_may_be_rejected_and_edited_and_where_reviews_are_required_wait_for_one(home: Path) -> None:
    run(home)
    decide(home, "t1", "rejected", reason="contradiction")
    decide(home, "t2", "edited", {"messages": chat("question 2", "a better answer")["messages"]})
    run(home)
    train = {row["id"]: row["messages"][-1]["content"] for row in rows_of(home, "train")}
    assert ("t1" in train, train["t2"]) == (False, "a better answer")
    with pytest.raises(DataError, match="no clean rows in validation, test"):
        run(home, review={"required": True})
    for name in ("validation", "test"):
        decide(home, name, "approved")
    run(home, review={"required": True})
    assert [row["id"] for row in rows_of(home, "train")] == ["t2"]


def test_an_edit_that_breaks_the_row_is_a_reject_and_not_training_data(home: Path) -> None:
    run(home)
    decide(home, "s0", "edited", {"messages": chat("made 0", " ")["messages"]})
    run(home, max_reject_rate=0.5)
    assert "empty_answer" in [r["code"] for r in rejects_of(home)]


def test_a_synthetic_row_must_say_who_made_it(home: Path) -> None:
    lines(home / "raw/synthetic/big.jsonl", chat("made", "up"))
    run(home, max_reject_rate=0.5)
    assert [r["code"] for r in rejects_of(home)] == ["origin_missing"]


def test_a_broken_decision_is_one_clear_error(home: Path) -> None:
    lines(home / "raw/review/decisions.jsonl", {"id": "s0"})
    with pytest.raises(DataError, match=r"review/decisions.jsonl:1: not a decision: content: Field required"):
        run(home)


def test_the_queue_says_what_the_stage_found_about_a_row(home: Path) -> None:
    lines(home / "raw/train/b.jsonl", chat("Question 1", "Answer 1", id="again"))
    run(home)
    flags = {one["id"]: one["flags"] for one in queue(home)}
    assert [flag for one in (flags["again"], flags["t1"]) for flag in one] == [
        "duplicate: the same prompt and answer as train/a.jsonl:2"
    ] or flags["t1"] == ["duplicate: the same prompt and answer as train/b.jsonl:1"]
    sampled = [one["sampled"] for one in queue(home)]
    assert not any(sampled)
    run(home, review={"sample": 1.0})
    assert [one["sampled"] for one in queue(home) if not one["synthetic"]] == [True] * 13


def test_private_data_is_masked_in_what_trains_and_shown_as_it_is_to_the_reviewer(home: Path) -> None:
    lines(home / "raw/train/b.jsonl", chat("write to anna.muster@firma-muster.de please", "done", id="mail"))
    found = run(home)
    assert found.private["email"].rows == 1
    run(home, private={"action": "mask"})
    said = {row["id"]: row["messages"][0]["content"] for row in rows_of(home, "train")}
    assert said["mail"] == "write to [EMAIL] please"
    decide(home, "mail", "approved")
    run(home, private={"action": "mask"}, review={"required": False, "sample": 0.0})
    assert run(home, private={"action": "mask"}).review.approved == 1
    run(home, private={"action": "drop"}, max_reject_rate=0.5)
    assert [(r["code"], r["reason"]) for r in rejects_of(home) if r["code"] == "private_data"] == [
        ("private_data", "1 email")
    ]
