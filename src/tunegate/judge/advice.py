"""advise(answers, facts) -> Advice: should this be fine-tuned at all? Pure; in words: docs/when-to-fine-tune.md.

The first question that speaks against fine-tuning decides: first what no measurement changes (knowledge, wants), then
what measuring needs (a test set), then what training needs (clean rows), then whether it would pay (the base's level).
A question that is not measured never counts as answered: where none stops, the advice is to measure.
"""

from collections.abc import Iterator, Sequence

from tunegate.core.data_settings import Advise
from tunegate.judge.questions import FEWEST, ask, documents_of
from tunegate.records.advice import Advice, Facts, Question, Recommendation

SAFE = 500  # clean training rows; from here on their number is no worry
CLOSE = 0.5  # of max_reject_rate; from here on a warning
ALIKE = 0.1  # near-duplicates beside the clean rows; from here on a warning
FEW_FAMILIES = 10


def advise(answers: Advise, facts: Facts) -> Advice:
    """Advise on one adapter from what the team answered and what was measured."""
    questions = ask(answers, facts)
    decided = next((question for question in questions if question.state == "stops"), None)
    missing = [question for question in questions if question.state == "not measured"]
    if decided is not None:
        recommendation, by, reason = decided.says, decided.name, decided.reason
    elif missing:
        recommendation, by, reason = Recommendation.MEASURE_FIRST, missing[0].name, _missing(missing)
    else:
        recommendation, by, reason = Recommendation.FINE_TUNE, "", _nothing_against(answers, facts)
    return Advice(
        key=facts.key,
        recommendation=recommendation,
        decided_by=by,
        reason=reason,
        questions=questions,
        warnings=tuple(_warnings(answers, facts)),
        next_step=_next(recommendation, by, answers, facts),
    )


def _missing(questions: Sequence[Question]) -> str:
    return f"nothing speaks against it yet, but not measured: {', '.join(question.name for question in questions)}"


def _nothing_against(answers: Advise, facts: Facts) -> str:
    rows, level, power = facts.train, facts.base, facts.power
    safe = "" if rows is None else f"{rows:,} clean training rows ({SAFE} or more are safe)"
    room = (
        "" if level is None else f"the prompted base reaches {level.score:.3f} {level.metric} (bar {answers.bar:.2f})"
    )
    gain = "" if power is None or power.gain is None else f"the test set proves a gain of {power.gain:.2f} (80 % power)"
    return f"{safe}, {room}, {gain}"


def _next(recommendation: Recommendation, by: str, answers: Advise, facts: Facts) -> str:
    match recommendation:
        case Recommendation.FINE_TUNE:
            return "`dvc repro` trains it, and the gate judges it"
        case Recommendation.MEASURE_FIRST:
            stages = [name for name, known in (("prepare", facts.train), ("baseline", facts.base)) if known is None]
            return f"`dvc repro {' '.join(f'{stage}@{facts.key}' for stage in stages or ['baseline'])}`"
        case Recommendation.RAG:
            beside = [want for want in answers.wants if want in ("style", "format")]
            more = f"; {' and '.join(beside)} can still be fine-tuned beside it, on rows that hold no such knowledge"
            return "keep the knowledge in an index that is searched for each request" + (more if beside else "")
        case Recommendation.FIX_DATA_FIRST:
            return f"read build/report/{facts.key}/rejects.jsonl: each row with its code and reason"
        case Recommendation.BUILD_EVALUATION_FIRST:
            return f"put more documents that nobody trains on into datasets/{facts.key}/test, in more families"
        case Recommendation.PROMPT:
            return _next_prompt(by, facts)


def _next_prompt(by: str, facts: Facts) -> str:
    if by == "wanted":
        return f"serve the prompted base; if more is wanted, name it in adapters.{facts.key}.advise.wants"
    if by == "clean training rows":
        lacking = max(0, FEWEST - (facts.train or 0))
        return f"prompt meanwhile; {lacking} more reviewed rows make {FEWEST}, {SAFE} are safe (`tunegate synth`)"
    return f"serve the base with the prompt that validation chose: `declared` in scores/{facts.key}/baseline.jsonl"


def _warnings(answers: Advise, facts: Facts) -> Iterator[str]:
    if answers.knowledge_changes == "monthly":
        yield "the knowledge changes monthly: plan a training a month, or keep the facts out of it (retrieval)"
    yield from _data_warnings(facts)
    yield from _test_warnings(answers, facts)
    level = facts.base
    if level is not None and level.score < answers.bar and level.against_bar == "INCONCLUSIVE":
        yield f"the prompted base may be at the bar of {answers.bar:.2f} already: the interval holds it"


def _data_warnings(facts: Facts) -> Iterator[str]:
    rows, rate, alike = facts.train, facts.reject_rate, facts.near_duplicates
    if rows is not None and FEWEST <= rows < SAFE:
        yield f"{rows} clean training rows: few, {SAFE} or more are safe"
    if rate is not None and CLOSE * facts.max_reject_rate <= rate <= facts.max_reject_rate and rate > 0:
        yield f"{rate:.1%} of the rows were rejected, close to the {facts.max_reject_rate:.1%} that are allowed"
    if rows is not None and alike and alike >= ALIKE * (rows + alike):
        yield f"{alike:,} near-duplicates beside {rows:,} clean rows: the data says the same thing often"
    if facts.review_pending:
        yield f"{facts.review_pending:,} rows wait for a review (`tunegate review`) and are not trained on"


def _test_warnings(answers: Advise, facts: Facts) -> Iterator[str]:
    power = facts.power
    if power is None:
        return
    if power.gain is not None and power.wanted is not None and power.gain > power.wanted:
        needed = f"; about {power.needed:,} documents would do" if power.needed else ""
        yield (
            f"the test set is too small: it proves a gain of {power.gain:.2f}, and {power.wanted:.2f} would reach the "
            f"bar of {answers.bar:.2f} (80 % power, alpha {power.alpha:g}){needed}"
        )
    if 1 < power.families < FEW_FAMILIES:
        yield f"{documents_of(power)}: fewer than {FEW_FAMILIES} families make rough intervals"
    if facts.test is not None and facts.test != power.rows:
        yield (
            f"the prompted base was scored on {power.rows:,} test rows, the test set now has {facts.test:,}: "
            f"run `dvc repro baseline@{facts.key}`"
        )
