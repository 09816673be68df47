"""Looks at the test split are counted, warned of and paid for; declared sizes share the level."""

from datetime import date

import pytest
from factories import ADAPTER_DIGEST, POLICY, evidence

from tunegate.core.settings import Gate
from tunegate.judge.decide import decide
from tunegate.records.evidence import Evidence
from tunegate.records.looks import Look, look_at
from tunegate.records.scores import ScoreFile
from tunegate.records.verdict import GateResult, Outcome, Verdict

TODAY = date(2026, 11, 25)


def looked(times: int) -> Evidence:
    found = evidence()
    mine = found.looks[0]
    others = tuple(Look(test=mine.test, candidate=f"{at:064x}") for at in range(times - 1))
    elsewhere = Look(test="0" * 16, candidate="f" * 64)
    return found._replace(looks=(*others, elsewhere, mine))


def judged(found: Evidence, **changes: object) -> Verdict:
    return decide("triage", found, Gate.model_validate({**POLICY.model_dump(), **changes}), TODAY, {})


def row(verdict: Verdict, gate: str) -> GateResult:
    return next(result for result in verdict.gates if result.id == gate)


def test_the_first_look_is_free_of_words() -> None:
    verdict = judged(looked(1))
    assert verdict.looks == 1
    assert not [warning for warning in verdict.warnings if "candidates" in warning]


def test_a_few_looks_warn_and_keep_the_level() -> None:
    verdict = judged(looked(3))
    assert row(verdict, "gain/exact_match").alpha == pytest.approx(0.05)
    assert any("3 candidates were judged" in warning for warning in verdict.warnings)


def test_many_looks_divide_the_level_of_every_proof_but_not_of_the_veto() -> None:
    verdict = judged(looked(10))
    assert row(verdict, "gain/exact_match").alpha == pytest.approx(0.005)
    assert row(verdict, "floor/schema_valid").alpha == pytest.approx(0.005)
    assert row(verdict, "forgetting/macro").alpha == pytest.approx(0.005)
    assert row(verdict, "forgetting/skill_a").alpha == pytest.approx(0.05)
    assert any("the level is 0.005 instead of 0.05" in warning for warning in verdict.warnings)


def test_what_passes_at_the_first_look_may_not_pass_at_the_tenth() -> None:
    near = evidence(gain=(0.5, 0.67))
    assert row(judged(near), "gain/exact_match").outcome is Outcome.PASS
    mine = near.looks[0]
    many = near._replace(looks=(mine, *(Look(test=mine.test, candidate=f"{at:064x}") for at in range(99))))
    assert row(judged(many), "gain/exact_match").outcome is Outcome.INCONCLUSIVE


def test_a_test_set_from_which_a_row_is_taken_starts_no_new_count() -> None:
    found = looked(10)
    task = next(task for task in found.candidate.tasks if task.suite == "task" and task.split == "test")
    fewer = look_at(task.model_copy(update={"samples": task.samples[:-1]}), "f" * 64)
    assert fewer.test != found.looks[-1].test
    assert judged(found._replace(looks=(*found.looks, fewer))).looks == 11


def test_a_ledger_without_this_look_is_an_error() -> None:
    verdict = judged(evidence()._replace(looks=()))
    assert verdict.outcome is Outcome.ERROR
    assert "looks.jsonl does not hold the look" in verdict.gates[0].reason
    assert judged(evidence()._replace(looks=(Look(test="0" * 16, candidate=ADAPTER_DIGEST),))).outcome is Outcome.ERROR


def test_declared_sizes_share_the_level_and_name_the_next() -> None:
    sizes = {"forgetting": {"max_drop": 0.05, "policy": "macro+veto", "sizes": [500, 1000]}}
    found = sized(evidence(general=(0.6, 0.57)), 500)
    macro = row(judged(found, **sizes), "forgetting/macro")
    assert macro.alpha == pytest.approx(0.025)
    assert macro.outcome is Outcome.INCONCLUSIVE
    assert "the next declared size is 1000" in macro.reason


def test_a_size_that_was_not_declared_is_no_evidence() -> None:
    sizes = {"forgetting": {"max_drop": 0.05, "policy": "macro+veto", "sizes": [250, 1000]}}
    verdict = judged(sized(evidence(), 500), **sizes)
    assert verdict.outcome is Outcome.ERROR
    assert "declares 250, 1000" in row(verdict, "forgetting/macro").reason


def sized(found: Evidence, documents: int) -> Evidence:
    def with_size(name: str) -> ScoreFile:
        file: ScoreFile = getattr(found, name)
        tasks = tuple(
            task.model_copy(update={"must_match": {**task.must_match, "documents": documents}})
            if task.suite == "general"
            else task
            for task in file.tasks
        )
        return file.model_copy(update={"tasks": tasks})

    return found._replace(general=with_size("general"), candidate=with_size("candidate"))
