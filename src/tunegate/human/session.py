"""Votes and plan put together: the session as the gate would see it now, under pseudonyms."""

from collections import Counter

from tunegate.records.human import Ballot, HumanSession, Plan, Vote, newest_votes


def as_session(plan: Plan, votes: tuple[Vote, ...]) -> HumanSession:
    """The session with the votes that count. Raters become r1, r2, ... in the order in which they began."""
    names = pseudonyms(votes)
    items = {side.item for side in plan.sides if side.kind != "same"}
    ballots = tuple(
        Ballot(item=item, rater=names[rater], marks=vote.marks)
        for (item, rater), vote in newest_votes(votes).items()
        if item in items and vote.marks is not None
    )
    counts = Counter(ballot.item for ballot in ballots)
    missing = sum(max(0, side.raters - counts[side.item]) for side in plan.sides if side.kind == "pair")
    return HumanSession(plan=plan, ballots=ballots, missing=missing)


def pseudonyms(votes: tuple[Vote, ...]) -> dict[str, str]:
    """r1, r2, ... for each rater, in the order of their first votes."""
    return {name: f"r{number}" for number, name in enumerate(dict.fromkeys(vote.rater for vote in votes), 1)}
