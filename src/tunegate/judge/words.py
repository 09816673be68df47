"""What a test on the task found, in one sentence: the same words whether by t, by exact tests or by bootstrap."""

from tunegate.records.verdict import Outcome

Interval = tuple[float, float]


def gain_words(outcome: Outcome, interval: Interval, bound: float, needed: int | None) -> str:
    """Of a gain over the prompted base."""
    low, high = (f"{end:+.3f}" for end in interval)
    if outcome is Outcome.PASS:
        return f"the gain is at least {low}, more than {bound:+.3f}"
    if outcome is Outcome.FAIL:
        return f"the gain is at most {high}, not more than {bound:+.3f}"
    return f"the gain is between {low} and {high}, the bound is {bound:+.3f}{_more(needed)}"


def floor_words(outcome: Outcome, interval: Interval, bound: float, needed: int | None) -> str:
    """Of a level that must be reached."""
    low, high = (f"{end:.3f}" for end in interval)
    if outcome is Outcome.PASS:
        return f"at least {low}, the floor is {bound:g}"
    if outcome is Outcome.FAIL:
        return f"at most {high}, the floor is {bound:g}"
    return f"between {low} and {high}, the floor is {bound:g}{_more(needed)}"


def change_words(outcome: Outcome, interval: Interval, bound: float, needed: int | None) -> str:
    """Of a relative change since the released version."""
    return _change("since the release", outcome, interval, bound, needed)


def variant_words(outcome: Outcome, interval: Interval, bound: float, needed: int | None) -> str:
    """Of a relative change from the adapter that a variant was made of."""
    return _change("from its adapter", outcome, interval, bound, needed)


def _change(since: str, outcome: Outcome, interval: Interval, bound: float, needed: int | None) -> str:
    low, high = (f"{100 * end:+.1f} %" for end in interval)
    limit = f"{100 * bound:+.1f} %"
    if outcome is Outcome.PASS:
        return f"the change {since} is at least {low}, the limit is {limit}"
    if outcome is Outcome.FAIL:
        return f"the change {since} is at most {high}, the limit is {limit}"
    return f"the change {since} is between {low} and {high}, the limit is {limit}{_more(needed)}"


def _more(needed: int | None) -> str:
    return f"; about {needed} documents would decide" if needed else ""
