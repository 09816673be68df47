"""What to try against forgetting: numbers of this run, one change at a time, nothing where nothing was lost."""

from datetime import date

import factories
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunegate.core.settings import Gate, Train
from tunegate.judge.decide import decide
from tunegate.judge.remedies import remedies, summary
from tunegate.records.evidence import Evidence
from tunegate.records.verdict import Verdict

FORGETFUL = factories.evidence(general=(0.9, 0.7))


def judged(evidence: Evidence, **changed: object) -> Verdict:
    policy = Gate.model_validate({**factories.POLICY.model_dump(), **changed})
    return decide("triage", evidence, policy, date(2026, 11, 24), {})


def proposed(train: Train, evidence: Evidence = FORGETFUL) -> dict[str, tuple[str, str]]:
    return {one.setting: (one.now, one.proposed) for one in remedies(judged(evidence), train)}


def test_a_lora_that_forgot_is_told_four_things_to_try() -> None:
    assert proposed(Train(replay=0, rank=16, alpha=32, learning_rate=0.003, epochs=5)) == {
        "replay": ("0", "0.5"),
        "rank": ("16", "8"),
        "learning_rate": ("0.003", "0.001"),
        "epochs": ("5", "3"),
    }


def test_full_fine_tuning_is_told_to_be_lora() -> None:
    found = proposed(Train(method="full", learning_rate=2e-4))
    assert found["method"] == ("full", "lora")
    assert "rank" not in found
    assert found["learning_rate"] == ("0.0002", "7e-05")


@pytest.mark.parametrize(("replay", "more"), [(0.0, "0.5"), (0.5, "1"), (1.0, "2")])
def test_replay_is_raised_step_by_step(replay: float, more: str) -> None:
    assert proposed(Train(replay=replay))["replay"][1] == more


def test_what_cannot_be_lowered_is_not_named() -> None:
    assert set(proposed(Train(rank=1, epochs=1, replay=5))) == {"learning_rate"}


def test_the_summary_says_what_was_kept_and_where_most_was_lost() -> None:
    said = summary(judged(factories.evidence(general=(0.9, 0.9), forgotten={"skill_b": 0.45})))
    assert said == "0.900 of the base's general skills is retained, 0.95 is asked for; most lost: skill_b -50.0 %"


def test_an_inconclusive_forgetting_is_told_too() -> None:
    assert "replay" in proposed(Train(), factories.evidence(general=(0.9, 0.86)))


@pytest.mark.parametrize("evidence", [factories.evidence(), factories.evidence(gain=(0.3, 0.3))])
def test_nothing_is_proposed_where_nothing_was_lost(evidence: Evidence) -> None:
    assert remedies(judged(evidence), Train()) == ()
    assert summary(judged(evidence)) == ""


def test_what_is_waived_is_not_treated() -> None:
    ids = ["forgetting/macro", *(f"forgetting/{skill}" for skill in factories.SKILLS)]
    lines = [{"gate": name, "reason": "agreed with the desk", "by": "Ada", "expires": "2026-12-31"} for name in ids]
    assert remedies(judged(FORGETFUL, waivers=lines), Train()) == ()


@given(
    st.builds(
        Train,
        method=st.sampled_from(["lora", "full"]),
        rank=st.integers(1, 512),
        alpha=st.integers(1, 512),
        learning_rate=st.floats(1e-7, 0.5),
        epochs=st.floats(0.1, 100),
        replay=st.floats(0, 10),
    )
)
def test_every_proposal_is_a_valid_setting_and_another_one(train: Train) -> None:
    for one in remedies(judged(FORGETFUL), train):
        changes = dict(change.split("=") for change in (f"{one.setting}={one.proposed}", *one.also))
        values = {name: value if name == "method" else float(value) for name, value in changes.items()}
        whole = {name: int(value) if name in {"rank", "alpha"} else value for name, value in values.items()}
        after = Train.model_validate({**train.model_dump(), **whole})
        assert getattr(after, one.setting) != getattr(train, one.setting)
        assert one.command("triage").startswith("dvc exp run -S adapters.triage.train.")
