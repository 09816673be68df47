"""A baseline that is another model (evaluate.backend.baseline): judged where both sides declare it, else an ERROR."""

from datetime import date

import factories

from tunegate.judge.decide import decide
from tunegate.records.evidence import Evidence
from tunegate.records.scores import ScoreFile
from tunegate.records.verdict import Outcome, Verdict

DECLARED = {"backend": {"backend": "openai"}, "served": {"url": "https://host/v1", "model": "big"}}


def declaring(file: ScoreFile) -> ScoreFile:
    """The file as `evaluate` writes it where params.yaml names another model: back ends are no conditions then."""
    tasks = tuple(
        task.model_copy(update={"declared": DECLARED, "must_match": {"max_new_tokens": 64}})
        if task.suite == "task"
        else task
        for task in file.tasks
    )
    return file.model_copy(update={"tasks": tasks})


def other(file: ScoreFile) -> ScoreFile:
    measured = file.measured.model_copy(update={"base": "big at https://host/v1", "base_digest": "9" * 64})
    return file.model_copy(update={"measured": measured})


def judged(evidence: Evidence) -> Verdict:
    return decide("triage", evidence, factories.POLICY, date(2026, 11, 25), {})


def test_declared_by_both_it_is_judged_and_named() -> None:
    found = factories.evidence()
    found = found._replace(baseline=other(declaring(found.baseline)), candidate=declaring(found.candidate))
    verdict = judged(found)
    assert verdict.outcome is Outcome.PASS
    assert verdict.base is not None
    assert verdict.base.base == "big at https://host/v1"


def test_declared_by_one_side_only() -> None:
    found = factories.evidence()
    assert judged(found._replace(baseline=other(declaring(found.baseline)))).outcome is Outcome.ERROR


def test_another_model_that_is_not_declared() -> None:
    found = factories.evidence()
    assert judged(found._replace(baseline=other(found.baseline))).outcome is Outcome.ERROR
