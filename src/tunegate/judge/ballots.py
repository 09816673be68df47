"""A human session as numbers: whose side a ballot took, who failed on gold, what each pair is worth.

The pair, not the ballot, is the unit: where two people rated it, their scores are averaged first.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from tunegate.judge.pairing import Scored, labelled
from tunegate.records.human import Ballot, HumanSession, Side

SCORES = (0.0, 0.5, 1.0)  # lose, tie, win: of the candidate
GOLD_SEEN = 3  # who saw fewer gold pairs is not judged by them


class Gold(NamedTuple):
    """How one rater did on pairs whose better answer is known. A tie is a failure, too."""

    rater: str
    seen: int
    failed: int

    @property
    def excluded(self) -> bool:
        """More than a third failed: this rater's ballots do not count."""
        return self.seen >= GOLD_SEEN and self.failed * 3 > self.seen


class Opinion(NamedTuple):
    """A ballot that counts, on a pair: the pair's place in the plan, and the candidate's score on one question."""

    place: int
    cluster: str
    rater: str
    score: float


def gold_results(session: HumanSession) -> tuple[Gold, ...]:
    """Every rater's results on gold pairs; raters in order of their names."""
    sides = {side.item: side for side in session.plan.sides}
    seen, failed = Counter[str](), Counter[str]()
    for ballot in session.ballots:
        if sides[ballot.item].kind == "gold":
            seen[ballot.rater] += 1
            failed[ballot.rater] += favours(sides[ballot.item], ballot, "overall") != 1.0
    raters = sorted({ballot.rater for ballot in session.ballots}, key=lambda name: (len(name), name))
    return tuple(Gold(rater, seen[rater], failed[rater]) for rater in raters)


def favours(side: Side, ballot: Ballot, question: str) -> float:
    """1.0 if the ballot favours the candidate (of a gold pair the reference), 0.5 a tie, 0.0 the other answer."""
    said = ballot.marks.of(question)
    if said == "tie":
        return 0.5
    return float((said == "a") == (side.left in {"candidate", "reference"}))


def opinions(session: HumanSession, question: str, excluded: frozenset[str] = frozenset()) -> list[Opinion]:
    """What raters said of the pairs, without gold and without the ballots of `excluded` raters."""
    places = {side.item: (place, side) for place, side in enumerate(session.plan.sides)}
    found = []
    for ballot in session.ballots:
        place, side = places[ballot.item]
        if side.kind == "pair" and ballot.rater not in excluded:
            found.append(Opinion(place, side.cluster, ballot.rater, favours(side, ballot, question)))
    return found


def scored_pairs(session: HumanSession, said: Sequence[Opinion]) -> Scored:
    """A score a pair that was rated, 0.5 for pairs whose texts are the same, with the prompts' families as clusters."""
    by_place: dict[int, list[float]] = defaultdict(list)
    for opinion in said:
        by_place[opinion.place].append(opinion.score)
    values, clusters = [], []
    for place, side in enumerate(session.plan.sides):
        if side.kind == "same" or place in by_place:
            values.append(0.5 if side.kind == "same" else float(np.mean(by_place[place])))
            clusters.append(side.cluster)
    return Scored(np.array(values, dtype=np.float64), labelled(clusters))


def doubles(said: Sequence[Opinion]) -> list[list[int]]:
    """For each pair that more than one person rated the codes (0 lose, 1 tie, 2 win) they gave."""
    units: dict[int, list[int]] = defaultdict(list)
    for opinion in said:
        units[opinion.place].append(SCORES.index(opinion.score))
    return [codes for codes in units.values() if len(codes) > 1]


def session_faults(session: HumanSession) -> list[str]:
    """What says that a session was not written by `close`, or was changed since."""
    return list(_faults(session))[:5]


def _faults(session: HumanSession) -> Iterator[str]:
    sides = {side.item: side for side in session.plan.sides}
    if len(sides) != len(session.plan.sides):
        yield "an item stands twice in the plan"
    given = Counter(ballot.item for ballot in session.ballots)
    missing = sum(max(0, side.raters - given[side.item]) for side in session.plan.sides if side.kind == "pair")
    if missing != session.missing:
        yield f"it says that {session.missing} ratings are missing; by its plan and ballots {missing} are"
    docs = Counter(side.doc for side in session.plan.sides if side.kind != "gold")
    yield from (f"document {doc} is compared {count} times" for doc, count in docs.items() if count > 1)
    for side in session.plan.sides:
        if (side.left in {"reference", "wrong"}) != (side.kind == "gold"):
            yield f"item {side.item}: a {side.kind} whose left side is {side.left}"
    seen = Counter((ballot.item, ballot.rater) for ballot in session.ballots)
    yield from (f"{rater} rated item {item} {count} times" for (item, rater), count in seen.items() if count > 1)
    for ballot in session.ballots:
        if ballot.item not in sides or sides[ballot.item].kind == "same":
            yield f"a ballot on item {ballot.item}, which nobody was shown"
