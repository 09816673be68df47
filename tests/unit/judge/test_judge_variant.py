"""A variant is judged as the model it is, and against the adapter that it was made of."""

from datetime import date
from pathlib import Path

import factories
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunegate.core.convert_settings import Convert
from tunegate.core.params import parse_params
from tunegate.core.settings import Gate
from tunegate.judge.decide import decide
from tunegate.judge.tries import tries_of
from tunegate.judge.variant_remedies import variant_remedies
from tunegate.records import looks
from tunegate.records.evidence import Evidence
from tunegate.records.scores import ScoreFile
from tunegate.records.verdict import GateResult, Outcome, Verdict

KEY, TODAY, OWN = "triage-int8", date(2026, 11, 25), "d" * 64


def policy(**changed: object) -> Gate:
    parent = {"key": "triage", "max_drop": 0.05}
    return Gate.model_validate({**factories.POLICY.model_dump(), "parent": parent, **changed})


def in_format(file: ScoreFile, dtype: str, **more: object) -> ScoreFile:
    tasks = (task.model_copy(update={"must_match": {**task.must_match, "dtype": dtype, **more}}) for task in file.tasks)
    return file.model_copy(update={"tasks": tuple(tasks)})


def variant(score: float = 0.9, *, before: float = 0.9, **more: object) -> Evidence:
    """An adapter in 32 bits at `before`, its variant in 16 bits at `score`; `more` is of its conditions."""
    made, parent = factories.evidence(gain=(0.3, score)), factories.evidence(gain=(0.3, before))
    candidate = made.candidate.model_copy(
        update={"measured": made.candidate.measured.model_copy(update={"adapter": OWN})}
    )
    look = looks.Look(test=looks.test_set(made.candidate.tasks[0]), candidate=OWN)
    return made._replace(
        baseline=in_format(made.baseline, "float32"),
        general=in_format(made.general, "float32"),
        candidate=in_format(candidate, "bfloat16", **more),
        probe=made.probe.model_copy(update={"adapter": OWN}),
        looks=(look,),
        parent=in_format(parent.candidate, "float32"),
        parent_looks=parent.looks,
    )


def judged(evidence: Evidence, gate: Gate | None = None) -> Verdict:
    return decide(KEY, evidence, gate or policy(), TODAY, {})


def row(verdict: Verdict, gate: str = "variant/exact_match") -> GateResult:
    return next(one for one in verdict.gates if one.id == gate)


def test_one_that_lost_nothing_passes_and_says_so() -> None:
    verdict = judged(variant())
    assert (verdict.key, verdict.outcome, verdict.parent) == (KEY, Outcome.PASS, "triage")
    found = row(verdict)
    assert (found.kind, found.task, found.base, found.candidate) == ("regression", "triage", 0.9, 0.9)
    assert found.reason.startswith("the change from its adapter is at least ")


def test_one_that_lost_a_fifth_fails_although_it_beats_the_base_by_far() -> None:
    verdict = judged(variant(0.72))
    assert verdict.outcome is Outcome.FAIL
    assert row(verdict, "gain/exact_match").outcome is Outcome.PASS
    assert row(verdict).outcome is Outcome.FAIL


def test_at_the_limit_nothing_is_proven() -> None:
    assert judged(variant(0.87)).outcome is Outcome.INCONCLUSIVE


def test_another_number_format_is_what_a_variant_is() -> None:
    assert judged(variant()).outcome is Outcome.PASS
    alone = decide("triage", variant()._replace(parent=None, parent_looks=()), factories.POLICY, TODAY, {})
    assert alone.outcome is Outcome.ERROR
    assert "dtype" in row(alone, "gain/exact_match").reason


def test_any_other_condition_still_counts() -> None:
    verdict = judged(variant(decoding="sampled"))
    assert verdict.outcome is Outcome.ERROR
    assert "decoding" in row(verdict).reason


def test_without_the_adapters_scores_there_is_no_verdict() -> None:
    verdict = judged(variant()._replace(parent=None))
    assert verdict.outcome is Outcome.ERROR
    assert row(verdict).reason == "no scores of triage, of which it was made"


def test_scores_of_an_adapter_on_another_base_are_no_evidence() -> None:
    found = variant()
    assert found.parent is not None
    measured = found.parent.measured.model_copy(update={"base_digest": "e" * 64})
    verdict = judged(found._replace(parent=found.parent.model_copy(update={"measured": measured})))
    assert "another base" in row(verdict).reason


def test_the_adapters_scores_must_be_signed_where_keys_are_named() -> None:
    verdict = judged(variant(), policy(signers=["f" * 64]))
    assert "parent carries no signature" in " ".join(gate.reason for gate in verdict.gates)


def test_the_looks_of_its_adapter_count() -> None:
    found = variant()
    assert judged(found).looks == 2
    more = tuple(looks.Look(test=found.looks[0].test, candidate=digit * 64) for digit in "123")
    verdict = judged(found._replace(parent_looks=(*found.parent_looks, *more)))
    assert verdict.looks == 5
    assert row(verdict).alpha == pytest.approx(0.01)


@settings(max_examples=15)
@given(st.floats(0.5, 0.95), st.floats(0.5, 0.95))
def test_more_is_never_judged_worse(one: float, other: float) -> None:
    order = [Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.PASS]
    low, high = sorted((one, other))
    ranks = [order.index(row(judged(variant(score))).outcome) for score in (low, high)]
    assert ranks == sorted(ranks)


@pytest.mark.parametrize(
    ("convert", "commands"),
    [
        ({"method": "awq"}, ["rows=512", "group_size=64", "scheme=W8A8 -S variants.triage-int8.convert.method=gptq"]),
        ({"method": "gptq", "group_size": 32}, ["rows=512", "scheme=W8A8"]),
        ({"method": "gptq", "scheme": "W8A8"}, ["rows=512"]),
        ({"method": "merge"}, ["dtype=float32"]),
        ({"method": "merge", "dtype": "float32"}, []),
    ],
)
def test_what_to_try_rounds_less(convert: dict[str, object], commands: list[str]) -> None:
    found = variant_remedies(judged(variant(0.72)), Convert.model_validate(convert))
    assert [one.command(KEY) for one in found] == [
        f"dvc exp run -S variants.{KEY}.convert.{words} gate-variant@{KEY}" for words in commands
    ]
    assert variant_remedies(judged(variant()), Convert.model_validate(convert)) == ()


def test_tries_are_those_of_what_was_judged(tmp_path: Path) -> None:
    text = factories.write_params(tmp_path / "params.yaml").read_text(encoding="utf-8")
    text = text.rstrip().removesuffix("}") + f', "variants": {{"{KEY}": {{"of": "triage"}}}}}}'
    params = parse_params(text, "params.yaml")
    assert [one.setting for one in tries_of(judged(variant(0.72)), params)] == ["dtype"]
    forgetful = decide("triage", factories.evidence(general=(0.9, 0.7)), factories.POLICY, TODAY, {})
    assert "replay" in [one.setting for one in tries_of(forgetful, params)]
