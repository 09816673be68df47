"""One simulated blind comparison each, judged by the function that `decide` calls; see `simulate`."""

import numpy as np

from tunegate.gate.trials import ALPHA, Generator, Trial
from tunegate.judge.pairing import Floats, Scored
from tunegate.judge.preference import judge_win_rate
from tunegate.records.verdict import Outcome

DOUBLES = 0.3
PER_FAMILY = 4
SPREAD = 0.3


def preference_trial(win_rate: float, ties: float, *, families: bool = False) -> Trial:
    """Pairs of which `ties` are tied and the rest won so often that the win rate is `win_rate`.

    Three in ten are rated by two people who agree in eight of ten. With `families` four pairs share a family, whose
    chance of a win is up to `SPREAD` higher or lower.
    """
    chance = (win_rate - ties / 2) / (1 - ties)

    def trial(n: int, random: Generator) -> Outcome:
        clusters = np.arange(n) // PER_FAMILY if families else np.arange(n)
        room = min(SPREAD, chance, 1 - chance) if families else 0.0
        chances = chance + random.uniform(-room, room, n)[clusters]
        first = _votes(chances, ties, random)
        again = np.where(random.random(n) < 0.8, first, _votes(chances, ties, random))
        scores = np.where(random.random(n) < DOUBLES, (first + again) / 2, first)
        return judge_win_rate(Scored(scores, clusters), (), 0.5, ALPHA).outcome

    return trial


def _votes(chances: Floats, ties: float, random: Generator) -> Floats:
    decided = (random.random(len(chances)) < chances).astype(np.float64)
    return np.where(random.random(len(chances)) < ties, 0.5, decided)
