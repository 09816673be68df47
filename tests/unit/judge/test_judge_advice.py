"""The advice in made-up situations: the playbook's answer each time, with the number that decided."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunegate.core.data_settings import Advise
from tunegate.judge.advice import advise
from tunegate.records.advice import Advice, Facts, Level, Power, Recommendation

LEVEL = Level(metric="exact_match", split="validation", documents=300, score=0.42, interval=(0.37, 0.47),
              against_bar="FAIL")  # fmt: skip
POWER = Power(metric="exact_match", rows=300, documents=300, families=300, base=0.42, min_gain=0.1, alpha=0.05,
              gain=0.19, wanted=0.48, needed=60)  # fmt: skip
GOOD = Facts(key="triage", max_reject_rate=0.05, train=1012, test=300, reject_rate=0.021, near_duplicates=12,
             review_pending=0, base=LEVEL, power=POWER)  # fmt: skip
ANSWERS = Advise(wants=("format", "latency"))
NOTHING = Facts(key="triage", max_reject_rate=0.05)


def given_facts(**changes: Any) -> Facts:
    return GOOD.model_copy(update=changes)


def level(score: float, against_bar: str, interval: tuple[float, float]) -> Level:
    return LEVEL.model_copy(update={"score": score, "against_bar": against_bar, "interval": interval})


def power(**changes: Any) -> Power:
    return POWER.model_copy(update=changes)


SITUATIONS = {
    "a support desk wants its answers in one format, and has the rows": (
        ANSWERS, GOOD, Recommendation.FINE_TUNE, ["1,012 clean", "500", "0.420", "0.90", "gain of 0.19"]),
    "prices that change each week": (
        Advise(wants=("domain",), knowledge_changes="weekly"), GOOD, Recommendation.RAG, ["weekly"]),
    "news that change each day, nothing measured yet": (
        Advise(wants=("domain",), knowledge_changes="daily"), NOTHING, Recommendation.RAG, ["daily"]),
    "150 rows": (ANSWERS, given_facts(train=150), Recommendation.PROMPT, ["150", "200"]),
    "noisy data": (ANSWERS, given_facts(reject_rate=0.083), Recommendation.FIX_DATA_FIRST, ["8.3%", "5.0%"]),
    "the prompted base is good already": (
        ANSWERS, given_facts(base=level(0.937, "PASS", (0.91, 0.955))), Recommendation.PROMPT,
        ["0.937", "0.90", "clear of the bar"]),
    "the prompted base is perhaps good already": (
        ANSWERS, given_facts(base=level(0.91, "INCONCLUSIVE", (0.88, 0.935))), Recommendation.PROMPT,
        ["0.910", "0.90", "not clear of the bar"]),
    "no test set": (ANSWERS, given_facts(test=0, power=None), Recommendation.BUILD_EVALUATION_FIRST, ["0 documents"]),
    "a test set that proves nothing": (
        ANSWERS, given_facts(power=power(documents=8, families=8, gain=None)), Recommendation.BUILD_EVALUATION_FIRST,
        ["8 documents", "0.420", "0.10", "80 %"]),
    "a test set of one family": (
        ANSWERS, given_facts(power=power(families=1, gain=None)), Recommendation.BUILD_EVALUATION_FIRST, ["1 family"]),
    "nothing is wanted that prompting does not give": (
        Advise(), GOOD, Recommendation.PROMPT, ["advise.wants", "0 of", "at least 1"]),
    "the gate asks for more than there is to gain": (
        ANSWERS, given_facts(base=level(0.85, "FAIL", (0.8, 0.89)), power=power(base=0.85, min_gain=0.2, gain=None)),
        Recommendation.PROMPT, ["0.850", "0.150", "0.20"]),
    "the prompted base is not measured": (
        ANSWERS, given_facts(base=None, power=None), Recommendation.MEASURE_FIRST, ["test set, prompted base"]),
    "nothing is measured": (ANSWERS, NOTHING, Recommendation.MEASURE_FIRST, ["rejected rows, clean training rows"]),
}  # fmt: skip


@pytest.mark.parametrize("situation", SITUATIONS)
def test_the_playbooks_answer_with_the_number_that_decided(situation: str) -> None:
    answers, facts, expected, numbers = SITUATIONS[situation]
    advice = advise(answers, facts)
    assert advice.recommendation is expected
    assert [number for number in numbers if number not in advice.reason] == []
    assert advice.next_step


STOPS: list[tuple[str, dict[str, Any], dict[str, Any], Recommendation]] = [
    ("knowledge changes", {"knowledge_changes": "daily"}, {}, Recommendation.RAG),
    ("wanted", {"wants": ()}, {}, Recommendation.PROMPT),
    ("test set", {}, {"test": 0}, Recommendation.BUILD_EVALUATION_FIRST),
    ("rejected rows", {}, {"reject_rate": 0.5}, Recommendation.FIX_DATA_FIRST),
    ("clean training rows", {}, {"train": 20}, Recommendation.PROMPT),
    ("prompted base", {}, {"base": level(0.99, "PASS", (0.98, 1.0))}, Recommendation.PROMPT),
]


def test_the_questions_stand_in_their_order_of_precedence() -> None:
    assert [question.name for question in advise(ANSWERS, GOOD).questions] == [name for name, *_ in STOPS]


@pytest.mark.parametrize("first", range(len(STOPS)))
def test_of_all_that_speak_against_it_the_first_decides(first: int) -> None:
    answers, facts = ANSWERS, GOOD
    for _, answered, found, _ in STOPS[first:]:
        answers, facts = answers.model_copy(update=answered), facts.model_copy(update=found)
    advice = advise(answers, facts)
    name, _, _, says = STOPS[first]
    assert (advice.decided_by, advice.recommendation) == (name, says)
    assert [question.state for question in advice.questions] == ["holds"] * first + ["stops"] * (len(STOPS) - first)


def warned(advice: Advice) -> str:
    return "\n".join(advice.warnings)


@pytest.mark.parametrize(
    ("answers", "facts", "said"),
    [
        (ANSWERS, given_facts(train=200), "200 clean training rows: few, 500"),
        (ANSWERS, given_facts(train=499), "499 clean training rows: few, 500"),
        (ANSWERS, given_facts(reject_rate=0.04), "4.0% of the rows were rejected, close to the 5.0%"),
        (ANSWERS, given_facts(near_duplicates=300), "300 near-duplicates beside 1,012 clean rows"),
        (ANSWERS, given_facts(review_pending=40), "40 rows wait for a review"),
        (ANSWERS, given_facts(power=power(gain=0.5)), "proves a gain of 0.50, and 0.48 would reach the bar of 0.90"),
        (ANSWERS, given_facts(power=power(gain=0.5)), "about 60 documents would do"),
        (ANSWERS, given_facts(power=power(families=9)), "300 documents in 9 families: fewer than 10"),
        (ANSWERS, given_facts(test=280), "scored on 300 test rows, the test set now has 280"),
        (ANSWERS, given_facts(base=level(0.88, "INCONCLUSIVE", (0.84, 0.92))), "may be at the bar of 0.90"),
        (Advise(wants=("domain",), knowledge_changes="monthly"), GOOD, "changes monthly"),
    ],
)
def test_what_does_not_stop_may_still_warn(answers: Advise, facts: Facts, said: str) -> None:
    advice = advise(answers, facts)
    assert advice.recommendation is Recommendation.FINE_TUNE
    assert said in warned(advice)


def test_a_good_situation_warns_of_nothing() -> None:
    assert advise(ANSWERS, GOOD).warnings == ()
    assert advise(ANSWERS, given_facts(train=500)).warnings == ()


def test_what_is_not_measured_is_said_with_the_command_that_measures_it() -> None:
    advice = advise(ANSWERS, NOTHING)
    said = {question.name: question.reason for question in advice.questions if question.state == "not measured"}
    assert said == {
        "test set": "not measured: run `dvc repro baseline@triage`",
        "rejected rows": "not measured: run `dvc repro prepare@triage`",
        "clean training rows": "not measured: run `dvc repro prepare@triage`",
        "prompted base": "not measured: run `dvc repro baseline@triage`",
    }
    assert advice.next_step == "`dvc repro prepare@triage baseline@triage`"


@pytest.mark.parametrize(("wants", "beside"), [(("style", "domain"), "style can"), (("format", "style"), "format and"),
                                               (("domain",), "")])  # fmt: skip
def test_retrieval_leaves_room_for_style_and_format(wants: tuple[str, ...], beside: str) -> None:
    answers = Advise.model_validate({"wants": wants, "knowledge_changes": "daily"})
    step = advise(answers, GOOD).next_step
    assert (beside in step) if beside else "fine-tuned" not in step


SHARE = st.floats(0, 1)
LEVELS = st.builds(level, SHARE, st.sampled_from(["PASS", "FAIL", "INCONCLUSIVE"]), st.tuples(SHARE, SHARE))
POWERS = st.builds(
    lambda documents, base, min_gain, gain: power(
        rows=documents, documents=documents, families=max(1, documents // 2), base=base, min_gain=min_gain, gain=gain
    ),
    st.integers(1, 1000), SHARE, SHARE, st.none() | SHARE,
)  # fmt: skip
FACTS = st.builds(
    Facts,
    key=st.just("triage"),
    max_reject_rate=SHARE,
    train=st.none() | st.integers(0, 2000),
    test=st.none() | st.integers(0, 500),
    reject_rate=st.none() | SHARE,
    near_duplicates=st.none() | st.integers(0, 2000),
    review_pending=st.none() | st.integers(0, 2000),
    base=st.none() | LEVELS,
    power=st.none() | POWERS,
)
ANY_ANSWERS = st.builds(
    Advise,
    knowledge_changes=st.sampled_from(["never", "yearly", "monthly", "weekly", "daily"]),
    wants=st.lists(st.sampled_from(["style", "format", "domain", "latency", "privacy"]), unique=True).map(tuple),
    bar=st.floats(0.01, 1),
)


@given(ANY_ANSWERS, FACTS)
def test_fine_tuning_is_never_advised_without_rows_a_test_set_and_a_prompted_base(
    answers: Advise, facts: Facts
) -> None:
    if advise(answers, facts).recommendation is Recommendation.FINE_TUNE:
        assert facts.train is not None
        assert facts.train >= 200
        assert facts.test != 0
        assert facts.power is not None
        assert facts.power.gain is not None
        assert facts.power.families > 1
        assert facts.base is not None
        assert facts.base.score < answers.bar
        assert facts.reject_rate is not None
        assert facts.reject_rate <= facts.max_reject_rate
        assert answers.wants
        assert answers.knowledge_changes not in {"weekly", "daily"}


@given(ANY_ANSWERS, FACTS, st.integers(0, 2000))
def test_more_rows_never_take_a_yes_back(answers: Advise, facts: Facts, more: int) -> None:
    richer = facts.model_copy(update={"train": (facts.train or 0) + more})
    before, after = (advise(answers, each).recommendation for each in (facts, richer))
    if before is Recommendation.FINE_TUNE:
        assert after is Recommendation.FINE_TUNE
    if before is not Recommendation.FIX_DATA_FIRST:
        assert after is not Recommendation.FIX_DATA_FIRST


@given(ANY_ANSWERS, FACTS, SHARE)
def test_more_rejects_never_turn_into_a_yes(answers: Advise, facts: Facts, rate: float) -> None:
    worse = facts.model_copy(update={"reject_rate": max(rate, facts.reject_rate or 0.0)})
    if facts.reject_rate is not None and advise(answers, worse).recommendation is Recommendation.FINE_TUNE:
        assert advise(answers, facts).recommendation is Recommendation.FINE_TUNE


@given(ANY_ANSWERS, FACTS)
def test_measuring_what_is_missing_is_the_advice_only_where_something_is_missing(answers: Advise, facts: Facts) -> None:
    advice = advise(answers, facts)
    states = [question.state for question in advice.questions]
    assert (advice.recommendation is Recommendation.MEASURE_FIRST) == (
        "stops" not in states and "not measured" in states
    )
    assert advice.reason
