"""Near-duplicates: every pair at or above the limit is found, none below it, and another answer is no duplicate."""

import random

import numpy as np
import pytest

from tunegate.prepare.fingerprints import BREAK, jaccard, run_set, runs
from tunegate.prepare.minhash import bands
from tunegate.prepare.near import near_pairs
from tunegate.prepare.traces import pack, traces_of

WORDS = [f"word{number}" for number in range(3000)]


def found(texts: list[tuple[str, str]], least: float) -> list[tuple[int, int]]:
    prompts, answers = zip(*texts, strict=True)
    traces = traces_of(prompts, answers, [()] * len(texts))
    banded = bands(*runs(*traces.whole(), 3, short=True))
    packed = pack(traces)
    pairs = near_pairs(banded, np.arange(len(texts)), lambda rows: [packed[row] for row in rows], least)
    return [pair[:2] for pair in pairs]


@pytest.mark.parametrize("least", [0.7, 0.8, 0.9])
def test_pairs_against_all_pairs_held_against_each_other(least: float) -> None:
    rng = random.Random(5)  # noqa: S311 - no secret
    texts = []
    for _ in range(150):
        words = rng.choices(WORDS, k=50)
        changed = [rng.choice(WORDS) if rng.random() < 0.02 else word for word in words]
        texts += [(" ".join(words), "yes"), (" ".join(changed), "yes")]
    sets = [run_set([*prompt.split(), BREAK, *answer.split()]) for prompt, answer in texts]
    wanted = [(one, other) for one in range(len(texts)) for other in range(one + 1, len(texts))
              if jaccard(sets[one], sets[other]) >= least]  # fmt: skip
    got = found(texts, least)
    assert set(got) <= set(wanted)
    assert len(got) >= 0.99 * len(wanted) > 40


def test_nearly_the_same_prompt_with_another_answer_is_no_duplicate() -> None:
    long = " ".join(WORDS[:60])
    assert found([(long, "refund"), (f"{long} please", "delivery")], 0.8) == []
    assert found([(long, "refund"), (f"{long} please", "refund")], 0.8) == [(0, 1)]


def test_a_thousand_copies_do_not_take_a_thousand_squared_comparisons() -> None:
    long = WORDS[:60]
    texts = [(" ".join([*long[:-1], f"end{number}"]), "yes") for number in range(1000)]
    pairs = found(texts, 0.8)
    assert len({row for pair in pairs for row in pair}) == 1000
    assert len(pairs) < 20_000
