"""A candidate that has seen test rows gains more on test than on validation."""

from datetime import date

import numpy as np
import pytest
from factories import POLICY, evidence, hits, score_file, task_scores
from scipy import stats

from tunegate.judge.decide import decide
from tunegate.judge.leak import judge_leak
from tunegate.judge.pairing import Pairs
from tunegate.records.evidence import Evidence
from tunegate.records.verdict import GateResult, Outcome

TODAY = date(2026, 11, 25)


def judged(found: Evidence) -> GateResult:
    verdict = decide("triage", found, POLICY, TODAY, {})
    return next(row for row in verdict.gates if row.id == "leak/exact_match")


def on_validation(share: float) -> Evidence:
    """The candidate of `evidence()`, 0.9 on test, with another share right on validation."""
    found = evidence()
    scores = {"exact_match": hits(300, share), "schema_valid": hits(300, 1.0)}
    other = task_scores("triage", scores, suite="task", clusters=25, split="validation")
    tasks = [other, *(task for task in found.candidate.tasks if task.split == "test")]
    return found._replace(candidate=score_file(tasks, adapter=found.candidate.measured.adapter))


def test_the_same_on_both_splits_passes() -> None:
    row = judged(evidence())
    assert row.outcome is Outcome.PASS
    assert (row.n, row.effect) == (600, 0.0)


def test_much_better_on_test_fails_and_says_why() -> None:
    row = judged(on_validation(0.6))
    assert row.outcome is Outcome.FAIL
    assert "has seen test rows" in row.reason
    assert decide("triage", on_validation(0.6), POLICY, TODAY, {}).outcome is Outcome.FAIL


def test_better_on_validation_or_a_little_better_on_test_is_no_leak() -> None:
    assert judged(on_validation(1.0)).outcome is Outcome.PASS
    assert judged(on_validation(0.87)).outcome is Outcome.PASS


def test_without_validation_a_leak_could_not_be_seen() -> None:
    found = evidence()
    tasks = [task for task in found.candidate.tasks if task.split == "test"]
    row = judged(found._replace(candidate=score_file(tasks, adapter=found.candidate.measured.adapter)))
    assert row.outcome is Outcome.ERROR
    assert "on the validation split" in row.reason


def test_without_families_it_is_welchs_test() -> None:
    random = np.random.default_rng(2)
    sides = [
        Pairs((random.random(n) < 0.3).astype(float), (random.random(n) < share).astype(float), np.arange(n))
        for n, share in ((180, 0.9), (240, 0.8))
    ]
    found = judge_leak(sides[0], sides[1], 0.05, 0.05)
    test, validation = (side.candidate - side.base for side in sides)
    expected = stats.ttest_ind(test - 0.05, validation, equal_var=False, alternative="greater")
    # numpy's n - 1 against the factor C / (C - 1): the same number
    assert found.p == pytest.approx(expected.pvalue, rel=1e-6)


@pytest.mark.parametrize("n", [1, 2, 40])
def test_equal_differences_and_tiny_splits_have_a_result(n: int) -> None:
    same = Pairs(np.zeros(n), np.ones(n), np.arange(n))
    expected = Outcome.PASS if n > 1 else Outcome.INCONCLUSIVE
    assert judge_leak(same, same, 0.05, 0.05).outcome is expected
