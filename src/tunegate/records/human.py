"""Blind comparison by people: what a rater is shown, what a rater says, and the closed session that the gate reads.

`Shown` and `Vote` stand in build/human/KEY (texts, not in Git). `Plan` says which side is whose: the page's server
never opens it. `HumanSession` is the evidence, `scores/KEY/human/session.json`: in Git, without any text or name.
"""

from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import Field

from tunegate.core.errors import EvidenceError
from tunegate.records.base import Record

CRITERIA = ("correctness", "style", "completeness", "safety")
QUESTIONS = ("overall", *CRITERIA)
Said = Literal["a", "tie", "b"]
Against = Literal["baseline", "released"]
NEXT_STEP = "`tunegate human close KEY` writes this file; do not edit it"


class Turn(Record):
    """A turn of the prompt, as people see it."""

    role: str
    text: str


class Shown(Record):
    """One pair as raters see it. `raters`: by how many it is rated, 0 by everybody. `item` is opaque."""

    item: str
    prompt: tuple[Turn, ...]
    a: str
    b: str
    raters: int = Field(ge=0)


class Marks(Record):
    """Which of the two answers is better: over all, and by each criterion of the rubric."""

    overall: Said
    correctness: Said
    style: Said
    completeness: Said
    safety: Said

    def of(self, question: str) -> Said:
        """The mark on one question."""
        found: Said = getattr(self, question)
        return found


class Vote(Record):
    """A rater's word on a pair; the newest of a rater on a pair counts. `marks` None takes it back."""

    item: str
    rater: str = Field(min_length=1)
    at: datetime
    marks: Marks | None


class Side(Record):
    """What a pair is and whose answer stands left (`a`). `doc` and `cluster` are as in the score files.

    `pair`: candidate against the other model. `same`: both wrote the same text; a tie that nobody is shown.
    `gold`: the reference against an answer that is clearly wrong. `lengths`: characters of `a` and `b`.
    """

    item: str
    doc: str
    cluster: str
    kind: Literal["pair", "same", "gold"]
    left: Literal["candidate", "other", "reference", "wrong"]
    raters: int = Field(ge=0)
    lengths: tuple[int, int]


class Compared(Record):
    """One of the two models: digests as in its score file, the SHA-256 of its outputs, and its tag if released."""

    base_digest: str
    adapter: str | None
    outputs: str
    tag: str = ""


class Plan(Record):
    """A session before anybody rated. `seed` decides the sample, the sides and the order."""

    schema_version: Literal[1] = 1
    key: str
    against: Against
    candidate: Compared
    other: Compared
    seed: int
    sides: tuple[Side, ...]


class Ballot(Record):
    """A vote that counts, under a pseudonym: `r1`, `r2`, ..."""

    item: str
    rater: str
    marks: Marks


class HumanSession(Record):
    """A closed session. `missing`: how many ratings that the plan asked for nobody gave."""

    plan: Plan
    ballots: tuple[Ballot, ...]
    missing: int = Field(ge=0)

    @classmethod
    def load(cls, path: Path) -> "HumanSession":
        """Read the evidence.

        Raises:
            EvidenceError: missing or corrupt.
        """
        return cls.read(path, EvidenceError, next_step=NEXT_STEP)


def session_path(scores: Path, key: str) -> Path:
    """Where the closed session of adapter `key` stands below the folder of recorded scores."""
    return scores / key / "human" / "session.json"


def newest_votes(votes: tuple[Vote, ...]) -> dict[tuple[str, str], Vote]:
    """The vote that counts for each (item, rater); none where the newest takes it back."""
    found = {(vote.item, vote.rater): vote for vote in votes}
    return {place: vote for place, vote in found.items() if vote.marks is not None}
