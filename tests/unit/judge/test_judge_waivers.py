"""A waiver lets one gate fall short until its date, in the open; it never waives an ERROR."""

from datetime import date, timedelta

import factories
import pytest

from tunegate.core.settings import Gate
from tunegate.judge.decide import decide
from tunegate.records.evidence import Evidence
from tunegate.records.verdict import Outcome, Verdict

LAST_DAY = date(2026, 12, 31)
SHORT = factories.evidence(valid=0.8)


def judged(evidence: Evidence, gate: str, today: date) -> Verdict:
    waiver = {"gate": gate, "reason": "the parser repairs it", "by": "Ada", "expires": LAST_DAY}
    policy = Gate.model_validate({**factories.POLICY.model_dump(), "waivers": [waiver]})
    return decide("triage", evidence, policy, today, {})


def test_a_waived_gate_passes_until_its_last_day_and_shows_it() -> None:
    verdict = judged(SHORT, "floor/schema_valid", LAST_DAY)
    assert verdict.outcome is Outcome.PASS
    assert [(gate.id, gate.outcome) for gate in verdict.gates if gate.waived] == [("floor/schema_valid", Outcome.FAIL)]
    assert verdict.waivers[0].used
    assert verdict.waivers[0].expires == "2026-12-31"


def test_the_day_after_it_no_longer_holds() -> None:
    verdict = judged(SHORT, "floor/schema_valid", LAST_DAY + timedelta(days=1))
    assert verdict.outcome is Outcome.FAIL
    assert not verdict.waivers[0].used
    assert any("ended on 2026-12-31" in warning for warning in verdict.warnings)


def test_an_error_is_never_waived() -> None:
    report = factories.probe_report(names=factories.CHECKS[1:])
    verdict = judged(factories.evidence()._replace(probe=report), f"probe/{factories.CHECKS[0]}", LAST_DAY)
    assert verdict.outcome is Outcome.ERROR
    assert not verdict.waivers[0].used


@pytest.mark.parametrize(("gate", "words"), [("floor/typo", "no such gate"), ("floor/schema_valid", "not needed")])
def test_a_waiver_for_nothing_is_said(gate: str, words: str) -> None:
    verdict = judged(factories.evidence(), gate, LAST_DAY)
    assert verdict.outcome is Outcome.PASS
    assert any(words in warning for warning in verdict.warnings)


def test_other_gates_still_count() -> None:
    verdict = judged(factories.evidence(valid=0.8, general=(0.9, 0.6)), "floor/schema_valid", LAST_DAY)
    assert verdict.outcome is Outcome.FAIL
