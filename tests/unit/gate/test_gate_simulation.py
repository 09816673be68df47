"""The operating characteristics hold, the simulation judges as `decide` does, generated pages are up to date."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import factories
import numpy as np
import pytest

from tunegate.core.settings import Forgetting
from tunegate.gate.schema import schema_text
from tunegate.gate.simulate import TABLES, TRUTHS, named, page, shares
from tunegate.gate.trials import (
    TASKS,
    Trial,
    corpus_trial,
    draw_pairs,
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
from tunegate.judge.decide import decide
from tunegate.records.verdict import Outcome

ROOT = Path(__file__).parents[3]
UNCHANGED, LIMIT = forgetting_trial(TRUTHS[0], Forgetting()), forgetting_trial(TRUTHS[2], Forgetting())


def test_a_model_in_which_nothing_changed_passes() -> None:
    assert shares(UNCHANGED, 500, 400, seed=11)[Outcome.PASS] >= 0.99


@pytest.mark.parametrize(
    "trial",
    [
        LIMIT,
        gain_trial(0.10, 0.10, 0.15),
        floor_trial(0.95, 0.95),
        small_trial(0.0),
        regression_trial(0.98, 0.02),
        looks_trial(0.005),
    ],
)
def test_a_model_at_the_limit_seldom_passes(trial: object) -> None:
    """At most 0.06, and three standard errors of 600 trials beyond."""
    assert callable(trial)
    assert shares(trial, 500, 600, seed=12)[Outcome.PASS] <= 0.06 + 3 * 0.0097


@pytest.mark.parametrize("kind", [uneven_trial, zero_base_trial])
def test_graded_scores_near_one_at_the_limit_seldom_pass(kind: Callable[..., Trial]) -> None:
    """By t alone 0.16 of a hundred documents that score 1, but for a tail of 5 %, passed."""
    trial = kind(lambda n, random: tailed(0.05, random, n), 0.975)
    assert shares(trial, 100, 300, seed=15)[Outcome.PASS] <= 0.05


def test_a_tail_that_is_far_from_the_floor_passes() -> None:
    trial = uneven_trial(lambda n, random: tailed(0.05, random, n), 0.90)
    assert shares(trial, 200, 200, seed=16)[Outcome.PASS] >= 0.95


def test_a_corpus_metric_at_the_limit_seldom_passes() -> None:
    assert shares(corpus_trial(0.10, 0.10), 200, 300, seed=13)[Outcome.PASS] <= 0.06 + 3 * 0.0137


def test_ten_looks_at_the_whole_level_let_one_through_often() -> None:
    assert shares(looks_trial(0.05), 200, 300, seed=14)[Outcome.PASS] > 0.1


def test_the_simulation_judges_as_decide_does() -> None:
    for seed in range(12):
        truth, n = TRUTHS[seed % len(TRUTHS)], 200
        outcome = forgetting_trial(truth, Forgetting())(n, np.random.default_rng(seed))
        random = np.random.default_rng(seed)
        general, candidate = [], []
        for index, ((base, flips), kept) in enumerate(zip(TASKS, truth.retained, strict=True)):
            pairs = draw_pairs(n, base, kept, flips=flips, random=random)
            general.append(factories.task_scores(f"skill_{index}", {"exact_match": pairs.base.tolist()}))
            candidate.append(factories.task_scores(f"skill_{index}", {"exact_match": pairs.candidate.tolist()}))
        good = factories.evidence()
        found = good._replace(
            general=factories.score_file(general),
            candidate=factories.score_file(
                [good.candidate.tasks[0], *candidate, good.candidate.tasks[-1]], adapter=factories.ADAPTER_DIGEST
            ),
        )
        assert decide("triage", found, factories.POLICY, date(2026, 11, 24), {}).outcome is outcome, seed


def test_the_published_schema_is_that_of_the_record() -> None:
    assert (ROOT / "docs/reference/verdict.schema.json").read_text() == schema_text(), "run `make docs`"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["gain", "small", "regression", "floor", "uneven"])
def test_the_published_page_is_what_the_simulation_says(name: str) -> None:
    """The tables that take seconds; those of forgetting, the bootstrap and people take minutes: `make docs`."""
    assert named(name) in (ROOT / "docs/operating-characteristics.md").read_text(), "run `make docs`"


def test_every_table_of_the_page_can_be_made() -> None:
    assert page(8).count("| truth |") == len(TABLES)
