"""Several raters at once: each pair gets the ratings it wants, gold comes to all, a restart changes nothing."""

import itertools
import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from human_project import marks
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tunegate.core.errors import UsageError
from tunegate.human.board import Board
from tunegate.records.human import Shown, Vote
from tunegate.web.journal import Journal
from tunegate.web.leases import LEASE_SECONDS, Leases


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def shown(*raters: int) -> list[Shown]:
    return [Shown(item=f"i{n}", prompt=(), a="x", b="y", raters=count) for n, count in enumerate(raters)]


class Desk:
    """A board that can be opened again."""

    def __init__(self, folder: Path, pairs: Sequence[Shown], raters: Sequence[str] = ("Ann", "Ben")) -> None:
        self.path, self.pairs, self.raters, self.clock = folder / "votes.jsonl", pairs, raters, Clock()
        self.open()

    def open(self) -> None:
        self.journal = Journal(self.path, Vote, next_step="")
        self.board = Board(self.pairs, self.journal, self.raters, Leases(self.clock))

    def again(self) -> None:
        self.journal.close()
        self.open()

    def rates(self, rater: str) -> str | None:
        """Let a rater rate what comes next; the item."""
        number = self.board.next(rater)
        if number is None:
            return None
        item = self.board.pairs[number].item
        assert self.board.vote(rater, item, marks("a"))
        return item


def test_two_raters_get_two_pairs_until_a_lease_ends(tmp_path: Path) -> None:
    desk = Desk(tmp_path, shown(1, 1, 2))
    assert (desk.board.next("Ann"), desk.board.next("Ben")) == (0, 1)
    desk.board.vote("Ben", "i1", marks("tie"))
    assert desk.board.next("Ben") == 2
    desk.board.vote("Ben", "i2", marks("b"))
    assert desk.board.next("Ben") is None
    assert desk.board.waiting("Ben")
    desk.clock.now += LEASE_SECONDS + 1  # Ann closed her laptop
    assert desk.board.next("Ben") == 0
    desk.board.pause("Ben")
    assert desk.board.next("Ann") == 0


def test_a_pair_for_two_is_rated_by_two_different_people(tmp_path: Path) -> None:
    desk = Desk(tmp_path, shown(2))
    assert desk.rates("Ann") == "i0"
    assert desk.rates("Ann") is None
    assert not desk.board.waiting("Ann")
    assert desk.rates("Ben") == "i0"
    assert desk.board.progress("Ann").left == 0


def test_undo_opens_the_last_pair_again_also_after_a_restart(tmp_path: Path) -> None:
    desk = Desk(tmp_path, shown(1, 1))
    desk.rates("Ann")
    desk.rates("Ann")
    desk.again()
    assert desk.board.progress("Ann").undo == "i1"
    assert desk.board.vote("Ann", "i1", None)
    assert desk.board.progress("Ann") == (1, 1, 1, "i0")
    assert desk.board.next("Ann") == 1


def test_the_same_word_twice_is_recorded_once(tmp_path: Path) -> None:
    desk = Desk(tmp_path, shown(1))
    assert desk.board.vote("Ann", "i0", marks("a"))
    assert not desk.board.vote("Ann", "i0", marks("a"))
    assert desk.board.vote("Ann", "i0", marks("b"))
    assert desk.board.vote("Ann", "i0", None)
    assert not desk.board.vote("Ann", "i0", None)
    assert len(desk.journal.entries) == 3
    with pytest.raises(UsageError):
        desk.board.vote("Ann", "elsewhere", marks("a"))


def test_every_rater_gets_gold_spread_over_the_work(tmp_path: Path) -> None:
    kinds = [1] * 80 + [0] * 8
    random.Random(1).shuffle(kinds)  # noqa: S311 - test data
    desk = Desk(tmp_path, shown(*kinds), ["Ann"])
    order = []
    while (item := desk.rates("Ann")) is not None:
        order.append(kinds[int(item[1:])])
    gold = [place for place, raters in enumerate(order) if raters == 0]
    assert len(order) == 88
    assert len(gold) == 8
    assert all(6 <= after - before <= 14 for before, after in itertools.pairwise(gold))
    assert gold[0] <= 8


def test_progress_moves_by_one_with_each_rating_whether_gold_or_not(tmp_path: Path) -> None:
    desk = Desk(tmp_path, shown(*[1] * 30, *[0] * 4), ["Ann"])
    desk.rates("Ann")
    before = desk.board.progress("Ann")
    while desk.rates("Ann") is not None:
        after = desk.board.progress("Ann")
        assert (after.mine, after.done, after.left) == (before.mine + 1, before.done + 1, before.left - 1)
        before = after
    assert before.left == 0


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    wanted=st.lists(st.integers(0, 2), min_size=1, max_size=12).filter(any),
    steps=st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["rate", "undo", "again", "wait"])), max_size=80),
)
def test_whatever_people_do_every_pair_gets_its_ratings(
    tmp_path_factory: pytest.TempPathFactory, wanted: list[int], steps: list[tuple[int, str]]
) -> None:
    raters = [f"r{n}" for n in range(4)]
    desk = Desk(tmp_path_factory.mktemp("board"), shown(*wanted), raters)
    for who, what in steps:
        if what == "rate":
            desk.rates(raters[who])
        elif what == "undo" and (item := desk.board.progress(raters[who]).undo):
            desk.board.vote(raters[who], item, None)
        elif what == "again":
            before = [desk.board.progress(rater) for rater in raters]
            desk.again()
            assert [desk.board.progress(rater) for rater in raters] == before
        else:
            desk.clock.now += LEASE_SECONDS + 1
    desk.clock.now += LEASE_SECONDS + 1
    for rater in raters:
        while desk.rates(rater):
            pass
    standing = {(vote.item, vote.rater): vote for vote in desk.journal.entries}
    given_ = [
        sum(place[0] == f"i{n}" and vote.marks is not None for place, vote in standing.items())
        for n in range(len(wanted))
    ]
    assert all(count >= want for count, want in zip(given_, wanted, strict=True))
    assert desk.board.progress(raters[0]).left == 0
    desk.journal.close()
