"""`tunegate gate simulate`: how often the gate errs, found by simulation with the very functions that `decide` calls.

Five general tasks of zeros and ones whose base scores 0.35 to 0.80 and of which 8 to 12 documents in a hundred flip
between base and candidate; seeded, so the page is the same each time.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tunegate.core.files import write_text
from tunegate.core.settings import Forgetting
from tunegate.judge.floors import judge_floor
from tunegate.judge.forgetting import rule
from tunegate.judge.pairing import Pairs, Scored
from tunegate.judge.retention import Retention
from tunegate.judge.superiority import judge_gain
from tunegate.records.verdict import Outcome

SIZES = (200, 500, 1000)
TASKS = ((0.35, 0.08), (0.45, 0.09), (0.55, 0.10), (0.65, 0.11), (0.80, 0.12))  # base score, discordance
TRIALS = 4000
FAMILIES = 25
ALPHA = 0.05
LEVELS = {"macro+veto": Forgetting(), "strict": Forgetting(policy="strict")}
Generator = np.random.Generator
Trial = Callable[[int, Generator], Outcome]


class Truth(NamedTuple):
    """What is true of the candidate: the share of each task's score that is retained."""

    words: str
    retained: tuple[float, ...]


TRUTHS = (
    Truth("nothing changed", (1.0,) * 5),
    Truth("every task loses 2 %", (0.98,) * 5),
    Truth("every task loses 5 % (the limit)", (0.95,) * 5),
    Truth("every task loses 8 %", (0.92,) * 5),
    Truth("one task loses 20 %", (1.0, 1.0, 0.8, 1.0, 1.0)),
)


def draw_pairs(n: int, base: float, retained: float, *, flips: float, random: Generator) -> Pairs:
    """`n` documents of one task: `flips` of them change, so that the candidate retains `retained` of `base`."""
    lost = base * (1.0 - retained)
    flips = max(flips, lost)
    worse, better = (flips + lost) / 2, (flips - lost) / 2
    kinds = random.choice(4, size=n, p=(base - worse, better, worse, 1.0 - base - better))
    before, after = np.isin(kinds, (0, 2)).astype(float), np.isin(kinds, (0, 1)).astype(float)
    return Pairs(before, after, np.arange(n))


def forgetting_trial(truth: Truth, policy: Forgetting) -> Trial:
    """One candidate judged on its general tasks."""

    def trial(n: int, random: Generator) -> Outcome:
        tasks = [
            Retention(draw_pairs(n, base, kept, flips=flips, random=random))
            for (base, flips), kept in zip(TASKS, truth.retained, strict=True)
        ]
        ruling = rule(tasks, policy, ALPHA)
        rows = ruling.tasks if policy.policy == "strict" else (ruling.macro, *ruling.tasks)
        order = (Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.PASS)
        return min(rows, key=order.index)

    return trial


def gain_trial(gain: float, min_gain: float, spread: float) -> Trial:
    """One candidate judged on its task: `FAMILIES` families whose chances of a hit differ by `spread`."""

    def trial(n: int, random: Generator) -> Outcome:
        families = np.arange(n) % FAMILIES
        shift = random.uniform(-spread, spread, FAMILIES)[families]
        before = (random.random(n) < 0.3).astype(float)
        after = (random.random(n) < 0.3 + gain + shift).astype(float)
        return judge_gain(Pairs(before, after, families), min_gain, ALPHA).outcome

    return trial


def floor_trial(level: float, floor: float) -> Trial:
    """One candidate judged against a floor, documents independent."""

    def trial(n: int, random: Generator) -> Outcome:
        hits = (random.random(n) < level).astype(float)
        return judge_floor(Scored(hits, np.arange(n)), floor, ALPHA).outcome

    return trial


def shares(trial: Trial, n: int, trials: int, *, seed: int) -> dict[Outcome, float]:
    """How often each outcome comes out of `trials` runs."""
    random = np.random.default_rng([seed, n])
    found = [trial(n, random) for _ in range(trials)]
    return {outcome: found.count(outcome) / trials for outcome in Outcome}


def table(rows: Sequence[tuple[str, Trial]], trials: int) -> str:
    """A Markdown table: for each truth and each n the shares of PASS and FAIL."""
    head = "| truth | " + " | ".join(f"n={n}: PASS | FAIL" for n in SIZES) + " |\n"
    lines = [head, "|---|" + "---:|" * (2 * len(SIZES)) + "\n"]
    for seed, (words, trial) in enumerate(rows):
        found = [shares(trial, n, trials, seed=seed) for n in SIZES]
        cells = [f"{share[outcome]:.3f}" for share in found for outcome in (Outcome.PASS, Outcome.FAIL)]
        lines.append(f"| {words} | {' | '.join(cells)} |\n")
    return "".join(lines)


PAGE = """# How often the gate errs

Written by `tunegate gate simulate`; do not edit. {trials} simulated candidates a cell, so a share of 0.05 is known to
about +-0.007. What is neither PASS nor FAIL is INCONCLUSIVE. One-sided level {alpha}.

## Forgetting, at most 5 % (`macro+veto`, the default)

Five general tasks with n documents each; the base scores {scores}; {flips} of the documents change.

{macro}
At the limit a false PASS should come out about {alpha} of the time, and a model in which nothing changed should pass.
`macro+veto` proves the sum over tasks and vetoes a single task that is significantly below its own margin. It does not
prove each task: a moderate drop on one task can pass.

## Forgetting, every task proven (`strict`)

{strict}
## Gain over the prompted base, at least 0.10

The base scores 0.30; the documents are in {families} families whose chance of a hit differs by up to 0.15 either way.

{gain}
## Floor of 0.95

{floor}"""


def page(trials: int = TRIALS) -> str:
    """The whole page."""
    gains = (("gain 0.10 (the limit)", 0.10), ("gain 0.15", 0.15), ("gain 0.25", 0.25), ("no gain", 0.0))
    floors = (("level 0.95 (the limit)", 0.95), ("level 0.99", 0.99), ("level 0.90", 0.90))
    forgetting = {
        name: table([(truth.words, forgetting_trial(truth, policy)) for truth in TRUTHS], trials)
        for name, policy in LEVELS.items()
    }
    return PAGE.format(
        trials=trials,
        alpha=ALPHA,
        scores=", ".join(f"{base:.2f}" for base, _ in TASKS),
        flips=", ".join(f"{flips:.2f}" for _, flips in TASKS),
        macro=forgetting["macro+veto"],
        strict=forgetting["strict"],
        families=FAMILIES,
        gain=table([(words, gain_trial(gain, 0.10, 0.15)) for words, gain in gains], trials),
        floor=table([(words, floor_trial(level, 0.95)) for words, level in floors], trials),
    )


def write_page(out: Path) -> None:
    """Simulate and write the page to `out`."""
    write_text(out, page())
