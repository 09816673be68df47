"""Several reviewers at once: two get two rows, nobody overwrites another unseen, a restart changes nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from review_project import KEY, decisions, make_project, queued, ticket, tickets

from tunegate.core.errors import DataError, UsageError
from tunegate.records.review import PLACE, Decision
from tunegate.review.board import Board, View, Word
from tunegate.review.queue import Queue, Rows, open_queue
from tunegate.web.journal import Journal
from tunegate.web.leases import LEASE_SECONDS, Leases

PENDING = View()


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Desk:
    """A project with a board on it that can be opened again."""

    def __init__(self, root: Path, count: int = 5) -> None:
        self.root = make_project(root, tickets(count))
        self.clock = Clock()
        self.open()

    def open(self) -> None:
        self.queue = open_queue(self.root, KEY, "default")
        self.journal = Journal(self.root / "datasets" / KEY / PLACE, Decision, next_step="")
        self.board = Board(self.queue, self.journal, Leases(self.clock))

    def close(self) -> None:
        self.queue.close()
        self.journal.close()

    def verdicts(self) -> list[tuple[str, str, str]]:
        return [(each.id, each.verdict, each.reviewer) for each in decisions(self.root)]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    found = Desk(tmp_path)
    yield found
    found.close()


def test_two_reviewers_get_two_rows_until_one_leaves(desk: Desk) -> None:
    board = desk.board
    assert board.step("Ann", -1, 1, PENDING) == 0
    assert board.step("Ben", -1, 1, PENDING) == 1
    assert board.step("Ann", 0, 1, PENDING) == 2
    assert board.step("Ben", 1, -1, PENDING) == 0
    assert board.held("Ann") == 1
    desk.clock.now += LEASE_SECONDS + 1
    assert board.held("Ann") == 0
    assert board.step("Cem", -1, 1, PENDING) == 0


def test_when_others_look_at_all_that_is_left_there_is_no_row(desk: Desk) -> None:
    for number in range(4):
        assert desk.board.decide("Ann", Word(number, 0, "approved"))
    assert desk.board.step("Ann", 3, 1, PENDING) == 4
    assert desk.board.step("Ben", -1, 1, PENDING) is None
    assert desk.board.held("Ben") == 1
    assert desk.board.look("Ben", 4) == "Ann"


def test_who_decides_on_what_he_has_not_seen_is_told_and_nothing_is_written(desk: Desk) -> None:
    assert desk.board.decide("Ann", Word(0, 0, "approved"))
    assert not desk.board.decide("Ben", Word(0, 0, "rejected", "wrong"))
    assert desk.verdicts() == [("t-0", "approved", "Ann")]
    assert desk.board.decide("Ben", Word(0, 1, "rejected", "wrong"))
    assert desk.board.state(0) == "rejected"
    assert desk.board.progress().by_reviewer == {"Ben": 1}


def test_a_decision_sent_again_because_the_answer_was_lost_is_written_once(desk: Desk) -> None:
    word = Word(0, 0, "rejected", "unclear")
    assert desk.board.decide("Ann", word)
    desk.close()
    desk.open()
    assert desk.board.decide("Ann", word)
    assert not desk.board.decide("Ann", word._replace(reason="wrong"))
    assert desk.verdicts() == [("t-0", "rejected", "Ann")]


def test_undo_goes_back_through_ones_own_decisions_that_still_count(desk: Desk) -> None:
    board = desk.board
    for number, who in [(0, "Ann"), (1, "Ann"), (2, "Ben"), (1, "Ben")]:
        board.decide(who, Word(number, len(board.past(number)), "approved"))
    assert board.undo_target("Ann") == (0, 1)
    assert board.decide("Ann", Word(0, 1, "withdrawn"))
    assert board.undo_target("Ann") is None
    assert board.state(0) == "pending"
    assert [each.verdict for each in board.past(0)] == ["approved", "withdrawn"]
    assert board.progress().states == {"pending": 3, "approved": 2, "edited": 0, "rejected": 0}
    with pytest.raises(UsageError, match="no decision to take back"):
        board.decide("Ann", Word(0, 2, "withdrawn"))


def test_lists_search_and_steps_back(desk: Desk) -> None:
    board = desk.board
    board.decide("Ann", Word(3, 0, "rejected", "wrong"))
    assert board.step("Ann", -1, 1, View("rejected")) == 3
    assert board.step("Ann", 3, 1, View("rejected")) == 3
    assert board.step("Ann", -1, 1, View("edited")) is None
    assert board.step("Ann", 0, -1, View("all")) == 4
    assert board.step("Ann", -1, 1, View("all", "INVOICE 1002")) == 2
    assert board.step("Ann", -1, 1, View("all", "no such text")) is None
    assert [number for number, _ in board.search("ticket", 3)] == [0, 1, 2]
    assert board.search("t-4", 9)[0][0] == 4
    assert "1001" in board.search("1001", 9)[0][1]


Act = tuple[int, int, str]  # row, reviewer, verdict


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2), st.sampled_from(["approved", "rejected", "withdrawn"])))
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_restart_finds_everything_as_it_was(tmp_path: Path, acts: list[Act]) -> None:
    (tmp_path / "datasets" / KEY / PLACE).unlink(missing_ok=True)
    desk = Desk(tmp_path)
    for number, who, verdict in acts:
        if verdict != "withdrawn" or desk.board.state(number) != "pending":
            word = Word(number, len(desk.board.past(number)), verdict)  # type: ignore[arg-type]  # sampled from its values
            assert desk.board.decide(f"r{who}", word)
    before = desk.board.progress(), [desk.board.undo_target(f"r{who}") for who in range(3)]
    desk.close()
    desk.open()
    assert (desk.board.progress(), [desk.board.undo_target(f"r{who}") for who in range(3)]) == before
    assert sum(before[0].states.values()) == 5
    assert sum(before[0].by_reviewer.values()) == 5 - before[0].states["pending"]
    desk.close()


def ids(queue: Queue) -> list[str]:
    found = [entry.id for entry in queue.entries]
    queue.close()
    return found


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        ("default", ["syn", "smp"]),
        ("required", ["syn", "smp", "real"]),
        ("synthetic", ["syn"]),
        ("sample", ["smp"]),
        ("all", ["real", "smp", "syn"]),
    ],
)
def test_which_rows_in_which_order(tmp_path: Path, rows: Rows, wanted: list[str]) -> None:
    lines = [
        queued("real", ticket(1), sampled=False),
        queued("smp", ticket(2)),
        queued("syn", ticket(3), synthetic=True),
        queued("smp", ticket(2)),  # twice in the file, once on the page
    ]
    make_project(tmp_path, lines)
    assert ids(open_queue(tmp_path, KEY, rows)) == wanted


def test_a_synthetic_row_is_shown_with_its_origin(tmp_path: Path) -> None:
    make_project(tmp_path, [queued("syn", ticket(0), synthetic=True, file="synthetic/a.jsonl", line=2)])
    path = tmp_path / "datasets" / KEY / "synthetic" / "a.jsonl"
    path.parent.mkdir()
    path.write_text('{}\n{"origin":{"teacher":"T","prompt_hash":"h","sampling":{"temperature":0.8},"licence":"MIT"}}\n')
    queue = open_queue(tmp_path, KEY, "default")
    origin = queue.read(0).origin
    assert origin is not None
    assert (origin.teacher, origin.sampling) == ("T", {"temperature": 0.8})
    path.unlink()
    assert queue.read(0).origin is None
    queue.close()


def test_no_queue_an_empty_one_and_a_broken_one_are_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"review-queue\.jsonl: no such file") as missing:
        open_queue(tmp_path, KEY, "default")
    assert "dvc repro prepare" in missing.value.next_step
    make_project(tmp_path, [queued("real", ticket(1), sampled=False)])
    with pytest.raises(DataError, match="no synthetic or sampled rows to review"):
        open_queue(tmp_path, KEY, "default")
    path = tmp_path / "build" / "report" / KEY / "review-queue.jsonl"
    path.write_text(tickets(1)[0].to_line() + '{"id": 3}\n')
    with pytest.raises(DataError, match=r"review-queue\.jsonl:2: not a row to review"):
        open_queue(tmp_path, KEY, "all")
