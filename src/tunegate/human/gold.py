"""Gold pairs: the reference against an answer that is clearly wrong. Who misses these does not read."""

import random
from collections.abc import Sequence
from typing import NamedTuple

from tunegate.human.sources import Answered

LEAST, SHARE = 4, 0.08
TRIES = 30


class GoldPair(NamedTuple):
    """A prompt whose reference is the better answer, and the wrong one."""

    row: Answered
    wrong: str


def draw_gold(dice: random.Random, rows: Sequence[Answered], taken: set[str], pairs: int) -> list[GoldPair]:
    """Gold for a session of `pairs` pairs: 8 in 100, at least 4; of prompts that are not in it, where there are any.

    Half of the wrong answers belong to another prompt, half are the reference with its words out of order. Fewer, or
    none, where references are too short or too much alike for that.
    """
    free = [row for row in rows if row.doc not in taken]
    rest = [row for row in rows if row.doc in taken]
    order = [*dice.sample(free, len(free)), *dice.sample(rest, len(rest))]
    found: list[GoldPair] = []
    for row in order:
        if len(found) >= max(LEAST, round(SHARE * pairs)):
            break
        ways = (_foreign, _shuffled) if len(found) % 2 == 0 else (_shuffled, _foreign)
        wrong = next((text for way in ways if (text := way(dice, row, rows))), "")
        if wrong:
            found.append(GoldPair(row, wrong))
    return found


def _foreign(dice: random.Random, row: Answered, rows: Sequence[Answered]) -> str:
    """The reference of a prompt of another family that shares the fewest words with this one's; empty if none does."""
    own = set(row.example.answer.split())
    others = [other for other in dice.sample(list(rows), min(TRIES, len(rows))) if other.cluster != row.cluster]
    texts = [other.example.answer for other in others if other.example.answer.strip() != row.example.answer.strip()]
    if not texts:
        return ""
    best = min(texts, key=lambda text: len(own & set(text.split())) / max(1, len(own | set(text.split()))))
    shared = len(own & set(best.split())) / max(1, len(own | set(best.split())))
    return best if shared <= 0.5 else ""


def _shuffled(dice: random.Random, row: Answered, rows: Sequence[Answered]) -> str:
    """The reference with its words out of order; empty for a text of fewer than six words."""
    del rows
    words = row.example.answer.split()
    if len(words) < 6:
        return ""
    mixed = dice.sample(words, len(words))
    return " ".join(mixed) if mixed != words else ""
