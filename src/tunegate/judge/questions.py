"""The six questions of the advice, each answered alone; thresholds of the playbook for enterprise fine-tuning."""

from typing import Literal

from tunegate.core.data_settings import Advise
from tunegate.records.advice import Facts, Level, Power, Question, Recommendation

FEWEST = 200  # clean training rows; with fewer, prompt
FAST = ("weekly", "daily")


def ask(answers: Advise, facts: Facts) -> tuple[Question, ...]:
    """All questions in their order of precedence."""
    return (_knowledge(answers), _wants(answers), _test(facts), _rejects(facts), _rows(facts), _base(answers, facts))


def documents_of(power: Power) -> str:
    """The size of the test set in words: "320 documents in 40 families"."""
    documents = f"{power.documents:,} document{'s' * (power.documents != 1)}"
    if power.families == power.documents:
        return documents
    return f"{documents} in {power.families:,} " + ("family" if power.families == 1 else "families")


def _question(
    name: str, found: str, *, says: Recommendation, threshold: str, stops: str, missing: str = ""
) -> Question:
    state: Literal["holds", "stops", "not measured"] = "stops" if stops else "not measured" if missing else "holds"
    return Question(name=name, state=state, found=found, threshold=threshold, says=says, reason=stops or missing)


def _knowledge(answers: Advise) -> Question:
    changes = answers.knowledge_changes
    old = f"the knowledge changes {changes} (advise.knowledge_changes): trained into a model it is soon out of date"
    return _question(
        "knowledge changes",
        changes,
        says=Recommendation.RAG,
        threshold="weekly or daily",
        stops=old if changes in FAST else "",
    )


def _wants(answers: Advise) -> Question:
    nothing = "advise.wants names 0 of style, format, domain, latency, privacy; fine-tuning is for at least 1 of them"
    return _question(
        "wanted",
        ", ".join(answers.wants) or "nothing",
        says=Recommendation.PROMPT,
        threshold="nothing",
        stops="" if answers.wants else nothing,
    )


def _test(facts: Facts) -> Question:
    power, missing, stops = facts.power, "", ""
    found = "" if facts.test is None else f"{facts.test:,} documents"
    if facts.test == 0:
        stops = "the test set has 0 documents: nothing could tell whether a training helped"
    elif power is None:
        missing = f"not measured: run `dvc repro baseline@{facts.key}`"
    elif power.gain is not None:
        found = f"{documents_of(power)}; proves a gain of {power.gain:.2f}"
    else:
        found = documents_of(power)
        stops = "" if _no_room(power) else _proves_nothing(power)
    says = Recommendation.BUILD_EVALUATION_FIRST
    return _question("test set", found, says=says, threshold="none, or proves nothing", stops=stops, missing=missing)


def _no_room(power: Power) -> bool:
    """Whether no test set, however large, could prove the gain: that is a matter of the base's level."""
    return 1 - power.base <= power.min_gain and power.families > 1


def _proves_nothing(power: Power) -> str:
    if power.families < 2:
        return f"{documents_of(power)}: how families differ cannot be seen in fewer than 2, so no gain is ever proven"
    return (
        f"{documents_of(power)} prove no gain in {power.metric}: the base has {power.base:.3f}, the gate asks for more "
        f"than {power.min_gain:.2f} above it, and even 1.000 would go unproven (80 % power, alpha {power.alpha:g})"
    )


def _rejects(facts: Facts) -> Question:
    rate, limit = facts.reject_rate, facts.max_reject_rate
    found = "" if rate is None else f"{rate:.1%}"
    noisy = f"{found} of the rows were rejected, prepare.max_reject_rate allows {limit:.1%}"
    return _question(
        "rejected rows",
        found,
        says=Recommendation.FIX_DATA_FIRST,
        threshold=f"more than {limit:.1%}",
        stops=noisy if rate is not None and rate > limit else "",
        missing=_missing(facts) if rate is None else "",
    )


def _rows(facts: Facts) -> Question:
    rows = facts.train
    found = "" if rows is None else f"{rows:,}"
    return _question(
        "clean training rows",
        found,
        says=Recommendation.PROMPT,
        threshold=f"fewer than {FEWEST}",
        stops=f"{found} clean training rows, fewer than {FEWEST}" if rows is not None and rows < FEWEST else "",
        missing=_missing(facts) if rows is None else "",
    )


def _missing(facts: Facts) -> str:
    return f"not measured: run `dvc repro prepare@{facts.key}`"


def _base(answers: Advise, facts: Facts) -> Question:
    level = facts.base
    return _question(
        "prompted base",
        "" if level is None else f"{level.metric} {level.score:.3f}{_between(level)}, {level.split}",
        says=Recommendation.PROMPT,
        threshold=f"{answers.bar:.2f} or more",
        stops=_at_the_bar(answers, facts),
        missing=f"not measured: run `dvc repro baseline@{facts.key}`" if level is None else "",
    )


def _at_the_bar(answers: Advise, facts: Facts) -> str:
    level, power = facts.base, facts.power
    if level is not None and level.score >= answers.bar:
        clear = "clear of the bar" if level.against_bar == "PASS" else "the interval is not clear of the bar"
        return (
            f"the prompted base reaches {level.score:.3f} {level.metric}{_between(level)}, advise.bar is "
            f"{answers.bar:.2f}: the gain may not be worth it; {clear}"
        )
    if power is not None and _no_room(power):
        return (
            f"the prompted base reaches {power.base:.3f} {power.metric}, which leaves {1 - power.base:.3f} to gain; "
            f"the gate asks for more than {power.min_gain:.2f}: no candidate can pass"
        )
    return ""


def _between(level: Level) -> str:
    return "" if level.interval is None else f" ({level.interval[0]:.3f} to {level.interval[1]:.3f})"
