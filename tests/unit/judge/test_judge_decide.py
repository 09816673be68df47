"""What a user gets from `decide`: clear verdicts on clear evidence, and never a pass without evidence."""

from collections.abc import Callable
from datetime import date
from typing import Any

import factories
import pytest

from tunegate.core.settings import Gate
from tunegate.judge.decide import decide, error_verdict
from tunegate.judge.rows import SERVED_CHECKS
from tunegate.records.evidence import Evidence
from tunegate.records.scores import Sample, ScoreFile, TaskScores
from tunegate.records.verdict import GateResult, Outcome, Verdict

TODAY = date(2026, 11, 24)


def judged(evidence: Evidence, policy: Gate = factories.POLICY, today: date = TODAY) -> Verdict:
    return decide("triage", evidence, policy, today, {"general": "0" * 64})


def row(verdict: Verdict, gate: str) -> GateResult:
    return next(found for found in verdict.gates if found.id == gate)


def with_policy(**changes: Any) -> Gate:
    return Gate.model_validate({**factories.POLICY.model_dump(), **changes})


def with_task(file: ScoreFile, index: int, change: Callable[[TaskScores], TaskScores]) -> ScoreFile:
    tasks = list(file.tasks)
    tasks[index] = change(tasks[index])
    return file.model_copy(update={"tasks": tuple(tasks)})


def with_sample(task: TaskScores, index: int, **changes: Any) -> TaskScores:
    samples = list(task.samples)
    samples[index] = samples[index].model_copy(update=changes)
    return task.model_copy(update={"samples": tuple(samples)})


def test_a_clear_gain_without_forgetting_passes() -> None:
    verdict = judged(factories.evidence())
    assert verdict.outcome is Outcome.PASS
    gain = row(verdict, "gain/exact_match")
    assert (gain.n, gain.clusters, gain.base, gain.candidate, gain.better, gain.worse) == (300, 25, 0.3, 0.9, 180, 0)
    assert verdict.inputs == {"general": "0" * 64}


def test_the_verdict_survives_its_file_and_a_second_decision() -> None:
    first, second = judged(factories.evidence()), judged(factories.evidence())
    assert first == second
    assert Verdict.model_validate_json(first.to_line()) == first


@pytest.mark.parametrize(
    ("changes", "gate", "outcome"),
    [
        ({"gain": (0.3, 0.35)}, "gain/exact_match", Outcome.FAIL),
        ({"gain": (0.3, 0.42)}, "gain/exact_match", Outcome.INCONCLUSIVE),
        ({"valid": 0.80}, "floor/schema_valid", Outcome.FAIL),
        ({"valid": 0.97}, "floor/schema_valid", Outcome.INCONCLUSIVE),
        ({"general": (0.9, 0.7)}, "forgetting/macro", Outcome.FAIL),
        ({"forgotten": {"skill_b": 0.7}}, "forgetting/skill_b", Outcome.FAIL),
        ({"general": (0.9, 0.855)}, "forgetting/macro", Outcome.INCONCLUSIVE),
    ],
)
def test_a_sabotaged_candidate_never_passes(changes: dict[str, Any], gate: str, outcome: Outcome) -> None:
    verdict = judged(factories.evidence(**changes))
    assert row(verdict, gate).outcome is outcome
    assert verdict.outcome is outcome


def test_inconclusive_says_how_many_documents_would_decide() -> None:
    gain = row(judged(factories.evidence(gain=(0.3, 0.42))), "gain/exact_match")
    assert gain.min_n_80 is not None
    assert gain.min_n_80 > 300
    assert str(gain.min_n_80) in gain.reason


def test_strict_proves_every_task_where_the_macro_is_content() -> None:
    evidence = factories.evidence(general=(0.9, 0.89), forgotten={"skill_a": 0.855})
    strict = with_policy(forgetting={"max_drop": 0.05, "policy": "strict"})
    assert judged(evidence).outcome is Outcome.PASS
    verdict = judged(evidence, strict)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert row(verdict, "forgetting/skill_a").outcome is Outcome.INCONCLUSIVE
    assert not row(verdict, "forgetting/macro").decides


@pytest.mark.parametrize("check", factories.CHECKS)
def test_a_probe_that_did_not_hold_fails_and_a_missing_one_is_an_error(check: str) -> None:
    good = factories.evidence()
    assert judged(good._replace(probe=factories.probe_report(failed=[check]))).outcome is Outcome.FAIL
    names = [name for name in factories.CHECKS if name != check]
    assert judged(good._replace(probe=factories.probe_report(names=names))).outcome is Outcome.ERROR


@pytest.mark.parametrize("check", SERVED_CHECKS)
def test_a_policy_with_a_server_demands_what_it_answered(check: str) -> None:
    good, served = factories.evidence(), with_policy(served=True)
    assert judged(good, served).outcome is Outcome.ERROR  # a report without a server is no evidence for it
    whole = factories.probe_report(names=[*factories.CHECKS, *SERVED_CHECKS])
    assert judged(good._replace(probe=whole), served).outcome is Outcome.PASS
    harmed = factories.probe_report(names=[*factories.CHECKS, *SERVED_CHECKS], failed=[check])
    assert judged(good._replace(probe=harmed), served).outcome is Outcome.FAIL
    assert judged(good._replace(probe=harmed)).outcome is Outcome.FAIL  # what was seen counts, asked for or not
    names = [name for name in (*factories.CHECKS, *SERVED_CHECKS) if name != check]
    verdict = judged(good._replace(probe=factories.probe_report(names=names)), served)
    assert row(verdict, f"probe/{check}").outcome is Outcome.ERROR


def test_a_policy_without_a_server_is_recorded_as_before() -> None:
    assert "served" not in judged(factories.evidence()).policy
    assert judged(factories.evidence(), with_policy(served=True)).policy["served"] is True


def test_a_probe_on_no_case_is_no_evidence() -> None:
    report = factories.probe_report()
    empty = report.model_copy(update={"checks": tuple(c.model_copy(update={"cases": 0}) for c in report.checks)})
    assert judged(factories.evidence()._replace(probe=empty)).outcome is Outcome.ERROR


TAMPERED: dict[str, Callable[[TaskScores], TaskScores]] = {
    "another version": lambda task: task.model_copy(update={"version": "2"}),
    "another decoding": lambda task: task.model_copy(update={"must_match": {"decoding": "sampled"}}),
    "a condition less": lambda task: task.model_copy(update={"must_match": {}}),
    "a document less": lambda task: task.model_copy(update={"samples": task.samples[1:]}),
    "no documents": lambda task: task.model_copy(update={"samples": ()}),
    "a document twice": lambda task: task.model_copy(update={"samples": (*task.samples, task.samples[0])}),
    "another document": lambda task: with_sample(task, 0, doc="f" * 16),
    "another family": lambda task: with_sample(task, 0, cluster="other"),
    "a NaN": lambda task: with_sample(task, 0, scores={**task.samples[0].scores, "exact_match": float("nan")}),
    "a score less": lambda task: with_sample(task, 0, scores={}),
    "another metric": lambda task: task.model_copy(update={"metrics": ("other",)}),
    "the validation split": lambda task: task.model_copy(update={"split": "validation"}),
}


@pytest.mark.parametrize("name", TAMPERED)
@pytest.mark.parametrize(("index", "gate"), [(0, "gain/exact_match"), (2, "forgetting/skill_b")])
def test_evidence_that_cannot_be_compared_is_an_error(name: str, index: int, gate: str) -> None:
    good = factories.evidence()
    verdict = judged(good._replace(candidate=with_task(good.candidate, index, TAMPERED[name])))
    assert verdict.outcome is Outcome.ERROR
    found = row(verdict, gate)
    assert found.outcome is Outcome.ERROR
    assert found.reason


def test_a_general_task_must_have_been_asked_with_the_same_prompt() -> None:
    good = factories.evidence()
    moved = with_task(good.candidate, 1, lambda task: with_sample(task, 3, prompt="0" * 16))
    assert judged(good._replace(candidate=moved)).outcome is Outcome.ERROR
    own = with_task(good.candidate, 0, lambda task: with_sample(task, 3, prompt="0" * 16))
    assert judged(good._replace(candidate=own)).outcome is Outcome.PASS


def test_a_general_task_missing_on_either_side_is_an_error() -> None:
    good = factories.evidence()
    less = good.candidate.model_copy(update={"tasks": good.candidate.tasks[:-1]})
    assert judged(good._replace(candidate=less)).outcome is Outcome.ERROR
    fewer = good.general.model_copy(update={"tasks": good.general.tasks[:-1]})
    assert judged(good._replace(general=fewer)).outcome is Outcome.ERROR
    none = good.general.model_copy(update={"tasks": ()})
    assert judged(good._replace(general=none)).outcome is Outcome.ERROR


def test_other_bytes_of_base_or_adapter_are_an_error() -> None:
    good = factories.evidence()
    for name in ("baseline", "general", "candidate"):
        file: ScoreFile = getattr(good, name)
        for change in ({"base_digest": "0" * 64}, {"adapter": "0" * 64}):
            other = file.model_copy(update={"measured": file.measured.model_copy(update=change)})
            replaced: dict[str, Any] = {name: other}
            assert judged(good._replace(**replaced)).outcome is Outcome.ERROR, (name, change)
    for change in ({"base_digest": "0" * 64}, {"adapter": "0" * 64}):
        assert judged(good._replace(probe=good.probe.model_copy(update=change))).outcome is Outcome.ERROR
    bare = good.candidate.model_copy(update={"measured": good.candidate.measured.model_copy(update={"adapter": None})})
    assert judged(good._replace(candidate=bare)).outcome is Outcome.ERROR


def test_an_error_verdict_names_each_fault_and_every_declared_gate() -> None:
    verdict = error_verdict("triage", factories.POLICY, ["one", "two"], {})
    assert verdict.outcome is Outcome.ERROR
    assert [gate.reason for gate in verdict.gates[:2]] == ["one", "two"]
    assert {"gain/exact_match", "floor/schema_valid", "forgetting/macro"} < {gate.id for gate in verdict.gates}
    assert all(gate.outcome is Outcome.ERROR for gate in verdict.gates)


def test_repeats_of_a_document_are_one_document() -> None:
    good = factories.evidence()

    def twice(task: TaskScores) -> TaskScores:
        again = tuple(sample.model_copy(update={"repeat": 1}) for sample in task.samples)
        return task.model_copy(update={"samples": task.samples + again})

    both = good._replace(baseline=with_task(good.baseline, 0, twice), candidate=with_task(good.candidate, 0, twice))
    assert row(judged(both), "gain/exact_match") == row(judged(good), "gain/exact_match")


def test_the_order_of_samples_does_not_matter() -> None:
    good = factories.evidence()
    turned = with_task(
        good.candidate, 0, lambda task: task.model_copy(update={"samples": tuple(reversed(task.samples))})
    )
    assert judged(good._replace(candidate=turned)) == judged(good)


def test_a_base_that_scores_nothing_proves_nothing() -> None:
    assert judged(factories.evidence(general=(0.0, 0.0))).outcome is Outcome.ERROR


def test_few_families_of_a_general_task_are_said_and_still_veto() -> None:
    good = factories.evidence(forgotten={"skill_a": 0.6})

    def in_two(task: TaskScores) -> TaskScores:
        samples: list[Sample] = [
            sample.model_copy(update={"cluster": f"family-{index % 2}"}) for index, sample in enumerate(task.samples)
        ]
        return task.model_copy(update={"samples": tuple(samples)})

    both = good._replace(general=with_task(good.general, 0, in_two), candidate=with_task(good.candidate, 1, in_two))
    verdict = judged(both)
    assert row(verdict, "forgetting/skill_a").outcome is Outcome.FAIL
    assert any("skill_a" in warning and "families" in warning for warning in verdict.warnings)


def test_one_family_proves_nothing() -> None:
    good = factories.evidence()

    def in_one(task: TaskScores) -> TaskScores:
        samples = tuple(sample.model_copy(update={"cluster": "one"}) for sample in task.samples)
        return task.model_copy(update={"samples": samples})

    both = good._replace(baseline=with_task(good.baseline, 0, in_one), candidate=with_task(good.candidate, 0, in_one))
    assert judged(both).outcome is Outcome.INCONCLUSIVE
