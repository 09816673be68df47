"""The candidate against the last released version: paired, non-inferior, on that version's recorded scores."""

from datetime import date

from factories import ADAPTER_DIGEST, POLICY, evidence, hits, score_file, task_scores

from tunegate.core.settings import Gate
from tunegate.judge.decide import decide
from tunegate.records.evidence import Evidence
from tunegate.records.scores import ScoreFile
from tunegate.records.verdict import GateResult, Outcome

TODAY = date(2026, 11, 25)
DIGEST = "d" * 64


def released(share: float, n: int = 300) -> ScoreFile:
    scores = {"exact_match": hits(n, share), "schema_valid": hits(n, 1.0)}
    return score_file([task_scores("triage", scores, suite="task", clusters=25)], adapter="e" * 64)


def judged(found: Evidence, digest: str = DIGEST) -> GateResult:
    named = {"released": {"version": "1.0.0", "scores": DIGEST, "max_drop": 0.05}}
    policy = Gate.model_validate({**POLICY.model_dump(), **named})
    verdict = decide("triage", found, policy, TODAY, {"released": digest})
    return next(row for row in verdict.gates if row.id == "regression/exact_match")


def test_as_good_as_the_release_passes() -> None:
    row = judged(evidence(gain=(0.3, 0.9))._replace(released=released(0.9)))
    assert row.outcome is Outcome.PASS
    assert (row.base, row.candidate, row.effect) == (0.9, 0.9, 0.0)


def test_a_version_that_fell_behind_fails_though_it_beats_the_prompted_base() -> None:
    found = evidence(gain=(0.3, 0.75))._replace(released=released(0.95))
    assert judged(found).outcome is Outcome.FAIL
    assert "change since the release is at most -" in judged(found).reason


def test_near_the_limit_is_inconclusive() -> None:
    assert judged(evidence(gain=(0.3, 0.87))._replace(released=released(0.9))).outcome is Outcome.INCONCLUSIVE


def test_a_missing_or_swapped_file_is_an_error_with_the_next_step() -> None:
    missing = judged(evidence())
    assert missing.outcome is Outcome.ERROR
    assert "`tunegate gate released KEY` writes it" in missing.reason
    swapped = judged(evidence()._replace(released=released(0.9)), digest="0" * 64)
    assert swapped.outcome is Outcome.ERROR
    assert "not the file that gate.released.scores names" in swapped.reason


def test_other_documents_do_not_compare() -> None:
    row = judged(evidence()._replace(released=released(0.9, n=200)))
    assert row.outcome is Outcome.ERROR
    assert "missing in the released" in row.reason or "released's" in row.reason


def test_nothing_is_asked_where_no_version_is_named() -> None:
    verdict = decide("triage", evidence()._replace(released=released(0.95)), POLICY, TODAY, {})
    assert not [row for row in verdict.gates if row.kind == "regression"]
    assert verdict.candidate is not None
    assert verdict.candidate.adapter == ADAPTER_DIGEST
