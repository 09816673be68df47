"""The facts of an advice: which numbers they take from the scores and the data's metrics, and which they leave."""

from typing import Any

import factories
import pytest

from tunegate.core.settings import Adapter
from tunegate.judge.facts import facts_of
from tunegate.records.advice_inputs import DataCounts, Inputs
from tunegate.records.scores import ScoreFile, TaskScores

SETTINGS: dict[str, Any] = {
    "baseline": {"metric": "exact_match", "system": ["Answer."]},
    "evaluate": {"metrics": ["exact_match", "schema_valid"]},
    "gate": factories.POLICY.model_dump(mode="json"),
    "release": {"description": "d", "intended_use": "u", "headline": ["exact_match"]},
}
COUNTS = DataCounts(train=800, test=300, reject_rate=0.02, near_duplicates=4, review_pending=1)


def settings(**changes: Any) -> Adapter:
    return Adapter.model_validate({**SETTINGS, **changes})


def split(name: str, share: float, n: int = 300, clusters: int | None = 25) -> TaskScores:
    task = factories.task_scores("triage", {"exact_match": factories.hits(n, share), "schema_valid": [1.0] * n},
                                 suite="task", clusters=clusters)  # fmt: skip
    return task.model_copy(update={"split": name})


def baseline(*tasks: TaskScores) -> ScoreFile:
    return factories.score_file(tasks)


def test_the_base_is_read_from_validation_and_the_power_from_the_size_of_test() -> None:
    facts = facts_of(
        "triage", Inputs(COUNTS, baseline(split("validation", 0.4), split("test", 0.6, n=200))), settings()
    )
    assert (facts.train, facts.test, facts.reject_rate, facts.max_reject_rate) == (800, 300, 0.02, 0.05)
    assert facts.base is not None
    assert (facts.base.split, facts.base.score, facts.base.documents) == ("validation", 0.4, 300)
    assert facts.base.against_bar == "FAIL"
    assert facts.power is not None
    assert (facts.power.documents, facts.power.families, facts.power.base) == (200, 25, 0.4)
    assert facts.power.gain is not None
    assert facts.power.wanted == pytest.approx(0.5)
    assert facts.power.gain < 0.5
    assert (facts.power.needed or 0) < 200


def test_the_level_on_test_changes_nothing() -> None:
    both = [baseline(split("validation", 0.4), split("test", share)) for share in (0.1, 0.9)]
    first, second = (facts_of("triage", Inputs(COUNTS, each), settings()) for each in both)
    assert first == second


def test_without_validation_test_is_taken_and_named() -> None:
    facts = facts_of("triage", Inputs(None, baseline(split("test", 0.6))), settings())
    assert facts.base is not None
    assert (facts.base.split, facts.base.score) == ("test", 0.6)
    assert (facts.train, facts.reject_rate, facts.test) == (None, None, None)


@pytest.mark.parametrize(("share", "said"), [(0.99, "PASS"), (0.92, "INCONCLUSIVE"), (0.5, "FAIL")])
def test_the_bar_is_held_against_the_interval(share: float, said: str) -> None:
    tasks = baseline(split("validation", share, clusters=None), split("test", share))
    facts = facts_of("triage", Inputs(COUNTS, tasks), settings(advise={"bar": 0.9}))
    assert facts.base is not None
    assert facts.base.against_bar == said


@pytest.mark.parametrize("found", [None, "another task", "another metric", "no samples"])
def test_what_was_not_measured_stays_unknown(found: str | None) -> None:
    changes: dict[str, dict[str, Any]] = {
        "another task": {"task": "reply"},
        "another metric": {"metrics": ("rouge_l",)},
        "no samples": {"samples": ()},
    }
    tasks = [split(name, 0.4).model_copy(update=changes[found]) for name in ("validation", "test")] if found else []
    facts = facts_of("triage", Inputs(None, baseline(*tasks)), settings())
    assert facts.base is None
    assert facts.power is None


def test_a_metric_that_the_gate_does_not_ask_for_leaves_the_power_to_the_first_that_it_does() -> None:
    asked = settings(baseline={"metric": "schema_valid", "system": ["x"]})
    facts = facts_of("triage", Inputs(COUNTS, baseline(split("validation", 0.4), split("test", 0.4))), asked)
    assert facts.base is not None
    assert facts.base.metric == "schema_valid"
    assert facts.power is not None
    assert (facts.power.metric, facts.power.wanted) == ("exact_match", None)


def test_one_family_proves_nothing_and_needs_no_number() -> None:
    tasks = baseline(split("validation", 0.4), split("test", 0.4, clusters=1))
    facts = facts_of("triage", Inputs(COUNTS, tasks), settings())
    assert facts.power is not None
    assert (facts.power.gain, facts.power.needed, facts.power.families) == (None, None, 1)
