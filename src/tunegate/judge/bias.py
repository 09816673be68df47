"""What else may have moved raters than the answers' worth: the side it stood on, its length."""

from typing import NamedTuple

import numpy as np
from scipy import special

from tunegate.records.human import HumanSession


class Lean(NamedTuple):
    """Of `n` decisive ballots `hits` leant one way; `p` is the exact two-sided p of a fair coin."""

    hits: int
    n: int
    p: float

    @property
    def share(self) -> float | None:
        """The share that leant that way."""
        return self.hits / self.n if self.n else None


class Lengths(NamedTuple):
    """Characters: means of the candidate's and the other's answers, and how often the longer one was preferred."""

    candidate: float
    other: float
    longer: Lean


def fair_coin(hits: int, n: int) -> float:
    """Exact two-sided p of `hits` in `n` tosses of a fair coin: twice the smaller tail, at most 1."""
    fewer = min(hits, n - hits)
    return min(1.0, 2.0 * float(special.bdtr(fewer, n, 0.5))) if n else 1.0


def side_lean(session: HumanSession, excluded: frozenset[str] = frozenset()) -> Lean:
    """How often the left answer was preferred. Sides are balanced, so half is what a rater without bias shows."""
    said = [marks for _, marks in _decisive(session, excluded)]
    return _lean(sum(mark == "a" for mark in said), len(said))


def length_lean(session: HumanSession, excluded: frozenset[str] = frozenset()) -> Lengths:
    """How long the answers are, and how often the longer one was preferred (answers of one length do not count)."""
    sides = [side for side in session.plan.sides if side.kind == "pair"]
    candidate = [side.lengths[side.left != "candidate"] for side in sides]
    other = [side.lengths[side.left == "candidate"] for side in sides]
    by_item = {side.item: side.lengths for side in sides}
    longer = [
        (said == "a") == (by_item[item][0] > by_item[item][1])
        for item, said in _decisive(session, excluded)
        if by_item[item][0] != by_item[item][1]
    ]
    means = [float(np.mean(lengths)) if lengths else 0.0 for lengths in (candidate, other)]
    return Lengths(means[0], means[1], _lean(sum(longer), len(longer)))


def _decisive(session: HumanSession, excluded: frozenset[str]) -> list[tuple[str, str]]:
    pairs = {side.item for side in session.plan.sides if side.kind == "pair"}
    return [
        (ballot.item, ballot.marks.overall)
        for ballot in session.ballots
        if ballot.item in pairs and ballot.rater not in excluded and ballot.marks.overall != "tie"
    ]


def _lean(hits: int, n: int) -> Lean:
    return Lean(hits, n, fair_coin(hits, n))
