"""Which pairs are rated, which answer stands where, in which order: all decided by one seed, purely.

Pairs are a systematic sample over the prompts' families, so each family has its share. Prompts to which both models
wrote the same text are sampled at the same rate and count as ties: nobody need look at them, and leaving them out would
make the win rate that of other prompts.
"""

import math
import random
from collections.abc import Sequence
from typing import NamedTuple, TypeVar

from tunegate.human.gold import draw_gold
from tunegate.human.sources import Answered, Material
from tunegate.records.human import Against, Plan, Shown, Side, Turn
from tunegate.web.json_style import shown

DOUBLE_SHARE, LEAST_DOUBLE = 0.3, 20  # rated twice: agreement of raters is measured on these
Entry = TypeVar("Entry")


class Drawn(NamedTuple):
    """A session: what raters see, in order, and what they must not know."""

    shown: tuple[Shown, ...]
    plan: Plan


class Choice(NamedTuple):
    """One pair before it has a place: whose answers, what kind, and by how many it is rated."""

    row: Answered
    kind: str
    raters: int
    first: tuple[str, str]  # whose, and the text
    second: tuple[str, str]


def draw(key: str, against: Against, material: Material, pairs: int, seed: int) -> Drawn:
    """Draw a session of `pairs` pairs; of all that differ, if these are fewer.

    Args:
        key: the adapter.
        against: what it is compared with.
        material: the answers.
        pairs: how many pairs raters see, gold not counted.
        seed: the same seed and material give the same session.
    """
    dice = random.Random(seed)  # noqa: S311 - a sample, no secret; who knows the seed can tell the sides
    differ = [row for row in material.rows if row.candidate.strip() != row.other.strip()]
    equal = [row for row in material.rows if row.candidate.strip() == row.other.strip()]
    chosen = sample(dice, _by_family(dice, differ), pairs)
    rate = len(chosen) / len(differ) if differ else 1.0
    same = sample(dice, _by_family(dice, equal), round(rate * len(equal)))
    twice = set(sample(dice, range(len(chosen)), max(math.ceil(DOUBLE_SHARE * len(chosen)), LEAST_DOUBLE)))
    choices = [_pair(row, 1 + (place in twice)) for place, row in enumerate(chosen)]
    taken = {row.doc for row in (*chosen, *same)}
    gold = [
        Choice(one.row, "gold", 0, ("reference", one.row.example.answer), ("wrong", one.wrong))
        for one in draw_gold(dice, material.rows, taken, len(chosen))
    ]
    sides, seen = [], []
    for group in (choices, gold):
        for choice, first_left in zip(group, balanced(dice, len(group)), strict=True):
            side, pair = _placed(dice, choice, first_left=first_left)
            sides.append(side)
            seen.append(pair)
    sides += [_same(dice, row) for row in same]
    dice.shuffle(seen)
    plan = Plan(
        key=key, against=against, candidate=material.candidate, other=material.other, seed=seed, sides=tuple(sides)
    )
    return Drawn(tuple(seen), plan)


def sample(dice: random.Random, entries: Sequence[Entry], count: int) -> list[Entry]:
    """A systematic sample: a random start, then even steps; all, if there are no more than `count`."""
    if count >= len(entries):
        return list(entries)
    step, start = len(entries) / max(1, count), dice.random()
    return [entries[min(int((start + place) * step), len(entries) - 1)] for place in range(count)]


def balanced(dice: random.Random, count: int) -> list[bool]:
    """As many True as False (one more or less if odd), at random within each two that follow each other."""
    found: list[bool] = []
    while len(found) < count:
        first = dice.random() < 0.5
        found += [first, not first]
    return found[:count]


def _by_family(dice: random.Random, rows: Sequence[Answered]) -> list[Answered]:
    """Families together, and rows in them, in random order."""
    families = sorted({row.cluster for row in rows})
    dice.shuffle(families)
    rank = {family: place for place, family in enumerate(families)}
    return sorted(dice.sample(list(rows), len(rows)), key=lambda row: rank[row.cluster])


def _pair(row: Answered, raters: int) -> Choice:
    return Choice(row, "pair", raters, ("candidate", row.candidate), ("other", row.other))


def _placed(dice: random.Random, choice: Choice, *, first_left: bool) -> tuple[Side, Shown]:
    left, right = (choice.first, choice.second) if first_left else (choice.second, choice.first)
    item = name(dice)
    fields = {"item": item, "doc": choice.row.doc, "cluster": choice.row.cluster, "kind": choice.kind}
    lengths = (len(left[1]), len(right[1]))
    side = Side.model_validate({**fields, "left": left[0], "raters": choice.raters, "lengths": lengths})
    prompt = tuple(Turn(role=turn.role, text=turn.content) for turn in choice.row.example.prompt)
    return side, Shown(item=item, prompt=prompt, a=shown(left[1]), b=shown(right[1]), raters=choice.raters)


def _same(dice: random.Random, row: Answered) -> Side:
    lengths = (len(row.candidate), len(row.other))
    return Side(
        item=name(dice), doc=row.doc, cluster=row.cluster, kind="same", left="candidate", raters=0, lengths=lengths
    )


def name(dice: random.Random) -> str:
    """An opaque name of an item."""
    return f"{dice.getrandbits(64):016x}"
