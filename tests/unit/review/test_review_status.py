"""`tunegate review status`: counts, who did how much, and where reviewers disagree."""

from datetime import UTC, datetime
from pathlib import Path

from review_project import KEY, make_project, queued, ticket, tickets, tunegate

from tunegate.records.review import PLACE, Decision
from tunegate.records.review_queue import QueuedRow
from tunegate.review.status import disputes, status


def word(row: QueuedRow, verdict: str, reviewer: str, text: str | None = None) -> Decision:
    edit = {"messages": [{"role": "assistant", "content": text}]} if text else None
    return Decision.model_validate(
        {
            "id": row.id,
            "content": row.content,
            "verdict": verdict,
            "reviewer": reviewer,
            "at": datetime.now(UTC),
            "row": edit,
        }
    )


def test_the_table_the_reviewers_and_the_disagreements(tmp_path: Path) -> None:
    a, b, c, d = [queued("syn", ticket(9), synthetic=True), *tickets(3)]
    gone = queued("old", ticket(50))
    make_project(tmp_path, [a, b, c, d, queued("real", ticket(8), sampled=False)])
    said = [
        word(a, "approved", "Ann"),
        word(a, "rejected", "Ben"),
        word(b, "approved", "Ann"),
        word(b, "approved", "Ben"),
        word(c, "edited", "Ann", "x"),
        word(d, "rejected", "Ann"),
        word(d, "withdrawn", "Ann"),
        word(gone, "approved", "Ann"),
    ]
    path = tmp_path / "datasets" / KEY / PLACE
    path.parent.mkdir()
    path.write_text("".join(each.to_line() for each in said))
    done = tunegate(tmp_path, "review", "status", KEY)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.rstrip().split("\n") == [
        "triage: 5 rows that need or may have a review",
        "              approved     edited   rejected  to review",
        "synthetic            0          0          1          0",
        "sample               1          1          0          1",
        "other                0          0          0          1",
        "by reviewer: Ann 1, Ben 2",
        "reviewers disagree on 1 row(s); the last word counts:",
        "  syn: Ann approved, Ben rejected",
        "1 decisions are on rows that the data holds no more, or not as they were",
    ]


def test_two_edits_that_differ_disagree_and_a_withdrawn_word_does_not() -> None:
    row = tickets(1)[0]
    ann, ben = word(row, "edited", "Ann", "x"), word(row, "edited", "Ben", "y")
    assert [dispute.words for dispute in disputes([ann, ben])] == [(ann, ben)]
    assert disputes([ann, ben, word(row, "edited", "Ben", "x")]) == []
    assert disputes([ann, ben, word(row, "withdrawn", "Ben")]) == []


def test_before_anybody_decided(tmp_path: Path) -> None:
    make_project(tmp_path, tickets(2))
    assert status(tmp_path, KEY).split("\n")[-1] == "no row on which reviewers disagree"


def test_without_a_queue_the_next_step_is_said(tmp_path: Path) -> None:
    make_project(tmp_path, [])
    (tmp_path / "build" / "report" / KEY / "review-queue.jsonl").unlink()
    done = tunegate(tmp_path, "review", "status", KEY)
    assert done.returncode == 11
    assert "dvc repro prepare" in done.stderr
    assert "Traceback" not in done.stderr
