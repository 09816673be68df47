"""`tunegate gate simulate`: how often the gate errs, found by simulation with the very functions that `decide` calls.

Five general tasks of zeros and ones whose base scores 0.35 to 0.80 and of which 8 to 12 documents in a hundred flip
between base and candidate; seeded, so the page is the same each time.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tunegate.core.files import write_text
from tunegate.core.settings import Forgetting
from tunegate.gate.human_trials import preference_trial
from tunegate.gate.trials import (
    ALPHA,
    CANDIDATES,
    DRAWS,
    FAMILIES,
    TASKS,
    Trial,
    Truth,
    corpus_trial,
    floor_trial,
    forgetting_trial,
    gain_trial,
    looks_trial,
    regression_trial,
    small_trial,
    tailed,
    uneven_trial,
    zero_base_trial,
)
from tunegate.records.verdict import Outcome

SIZES = (200, 500, 1000)
SMALL = (50, 100, 200)
PAIRS = (100, 150, 200)
TRIALS = 4000
FEWER = 8
COSTLY = ("corpus", "uneven", "looks")  # what draws weights for each candidate
LEVELS = {"macro+veto": Forgetting(), "strict": Forgetting(policy="strict")}

TRUTHS = (
    Truth("nothing changed", (1.0,) * 5),
    Truth("every task loses 2 %", (0.98,) * 5),
    Truth("every task loses 5 % (the limit)", (0.95,) * 5),
    Truth("every task loses 8 %", (0.92,) * 5),
    Truth("one task loses 20 %", (1.0, 1.0, 0.8, 1.0, 1.0)),
)


def shares(trial: Trial, n: int, trials: int, *, seed: int) -> dict[Outcome, float]:
    """How often each outcome comes out of `trials` runs."""
    random = np.random.default_rng([seed, n])
    found = [trial(n, random) for _ in range(trials)]
    return {outcome: found.count(outcome) / trials for outcome in Outcome}


def table(rows: Sequence[tuple[str, Trial]], trials: int, sizes: Sequence[int] = SIZES) -> str:
    """A Markdown table: for each truth and each n the shares of PASS and FAIL."""
    head = "| truth | " + " | ".join(f"n={n}: PASS | FAIL" for n in sizes) + " |\n"
    lines = [head, "|---|" + "---:|" * (2 * len(sizes)) + "\n"]
    for seed, (words, trial) in enumerate(rows):
        found = [shares(trial, n, trials, seed=seed) for n in sizes]
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
## Gain on few independent documents, more than 0 (t and exact McNemar)

Zeros and ones; a fifth of the documents flip.

{small}
## Gain of a corpus metric, at least 0.10 (paired bootstrap)

Macro-F1 over four classes; the base scores 0.50. {fewer} candidates a cell and {draws} draws each; the gate takes
10,000 draws.

{corpus}
## Floor of 0.95

{floor}
## Graded scores near 1 (t and Gaffke's bound)

{fewer} candidates a cell. 1 with a tail: 5 or 1 of 100 documents score anything from 0 to 1, the others 1. By t alone
the first at its limit passes 0.14, 0.16 and 0.11 of the time, a beta(8, 1) at its limit 0.07, 0.07 and 0.05.

{uneven}
## Against the released version, at most 2 % lost

The released version scores 0.90; six documents in a hundred flip.

{regression}
## People's preference, win rate above 0.5 (t and exact sign test)

n pairs, of which three in ten are rated by two people who agree in eight of ten; in the last two rows four pairs share
a family whose chance of a win differs by up to 0.3 either way.

{human}
## {candidates} candidates on one test split

All sit at the limit of a gain (0.10). PASS: at least one of them passes. {fewer} such ten a cell.

{looks}"""


GAINS = (("gain 0.10 (the limit)", 0.10), ("gain 0.15", 0.15), ("gain 0.25", 0.25), ("no gain", 0.0))
FLOORS = (("level 0.95 (the limit)", 0.95), ("level 0.99", 0.99), ("level 0.90", 0.90))
UNEVEN: tuple[tuple[str, Trial], ...] = (
    ("floor 0.975, 1 with a tail of 5 % (the limit)", uneven_trial(lambda n, r: tailed(0.05, r, n), 0.975)),
    ("floor 0.889, beta(8, 1) (the limit)", uneven_trial(lambda n, r: r.beta(8, 1, n), 8 / 9)),
    ("gain 0.975 over 0, 1 with a tail of 5 % (the limit)", zero_base_trial(lambda n, r: tailed(0.05, r, n), 0.975)),
    ("floor 0.90, 1 with a tail of 5 %", uneven_trial(lambda n, r: tailed(0.05, r, n), 0.90)),
    ("floor 0.95, 1 with a tail of 1 %", uneven_trial(lambda n, r: tailed(0.01, r, n), 0.95)),
    ("floor 0.80, beta(8, 1)", uneven_trial(lambda n, r: r.beta(8, 1, n), 0.80)),
)
SMALL_GAINS = (("gain 0 (the limit)", 0.0), ("gain 0.10", 0.10), ("gain 0.20", 0.20))
KEPT = (("2 % lost (the limit)", 0.98), ("nothing changed", 1.0), ("5 % lost", 0.95))
LOOKS = (("each at the whole level", ALPHA), ("the level divided by their number", ALPHA / CANDIDATES))
PREFERRED = (
    ("0.50 (the limit), no ties", 0.5, 0.0, False),
    ("0.50, 30 % tied", 0.5, 0.3, False),
    ("0.60, no ties", 0.6, 0.0, False),
    ("0.60, 30 % tied", 0.6, 0.3, False),
    ("0.65, 30 % tied", 0.65, 0.3, False),
    ("0.40, 30 % tied", 0.4, 0.3, False),
    ("0.50, 30 % tied, families", 0.5, 0.3, True),
    ("0.65, 30 % tied, families", 0.65, 0.3, True),
)


def forgetting(policy: Forgetting) -> list[tuple[str, Trial]]:
    """The rows of a table about forgetting."""
    return [(truth.words, forgetting_trial(truth, policy)) for truth in TRUTHS]


# The tables of the page by their names in PAGE: rows, and sizes where they are others than SIZES.
TABLES: dict[str, tuple[Sequence[tuple[str, Trial]], Sequence[int]]] = {
    "macro": (forgetting(LEVELS["macro+veto"]), SIZES),
    "strict": (forgetting(LEVELS["strict"]), SIZES),
    "gain": ([(words, gain_trial(gain, 0.10, 0.15)) for words, gain in GAINS], SIZES),
    "small": ([(words, small_trial(gain)) for words, gain in SMALL_GAINS], SMALL),
    "corpus": ([(words, corpus_trial(gain, 0.10)) for words, gain in GAINS[::2]], SIZES[:2]),
    "regression": ([(words, regression_trial(kept, 0.02)) for words, kept in KEPT], SIZES),
    "human": (
        [(words, preference_trial(rate, ties, families=shared)) for words, rate, ties, shared in PREFERRED],
        PAIRS,
    ),
    "looks": ([(words, looks_trial(alpha)) for words, alpha in LOOKS], SIZES),
    "uneven": (UNEVEN, SMALL),
    "floor": ([(words, floor_trial(level, 0.95)) for words, level in FLOORS], SIZES),
}


def named(name: str, trials: int = TRIALS) -> str:
    """One table of the page; those that draw weights cost more, so they have fewer candidates."""
    rows, sizes = TABLES[name]
    return table(rows, trials // FEWER if name in COSTLY else trials, sizes)


def page(trials: int = TRIALS) -> str:
    """The whole page."""
    return PAGE.format(
        trials=trials,
        alpha=ALPHA,
        scores=", ".join(f"{base:.2f}" for base, _ in TASKS),
        flips=", ".join(f"{flips:.2f}" for _, flips in TASKS),
        families=FAMILIES,
        draws=DRAWS,
        fewer=trials // FEWER,
        candidates=CANDIDATES,
        **{name: named(name, trials) for name in TABLES},
    )


def write_page(out: Path) -> None:
    """Simulate and write the page to `out`."""
    write_text(out, page())
