"""`tunegate human status KEY`: what the votes show so far, for whoever runs the session. Raters should not see it."""

from collections.abc import Iterator
from pathlib import Path

from tunegate.core.settings import Human
from tunegate.human.files import files_of, read_plan, read_votes
from tunegate.human.session import as_session, pseudonyms
from tunegate.judge.agreement import Agreement, agreement
from tunegate.judge.ballots import SCORES, doubles, opinions
from tunegate.judge.bias import Lean, length_lean, side_lean
from tunegate.judge.preference import Preference, judge_criteria, judge_preference
from tunegate.records.human import CRITERIA, HumanSession, newest_votes

USABLE, GOOD = 0.67, 0.8  # Krippendorff's own marks: tentative conclusions, and reliable


def status(root: Path, key: str, policy: Human, alpha: float) -> str:
    """The state of adapter `key`'s session, for a terminal. Can be asked while the page is served.

    Args:
        root: the repository.
        key: the adapter.
        policy: what the gate asks for, or its defaults.
        alpha: one-sided level, as in the gate; intervals are two-sided at 1 - 2 alpha.

    Raises:
        DataError: no session, or a broken vote.
    """
    files = files_of(root, key)
    plan, votes = read_plan(files), read_votes(files)
    session = as_session(plan, votes)
    asked = sum(side.raters for side in plan.sides)
    counted = sum(side.kind == "pair" for side in plan.sides)
    lines = [f"{key} against the {plan.against}: {counted} pairs, {asked - session.missing} of {asked} ratings given"]
    if not session.ballots:
        return "\n".join([*lines, f"nobody has rated yet: `tunegate human serve {key} --reviewer NAME`"])
    names = {pseudonym: name for name, pseudonym in pseudonyms(votes).items()}
    counts = [f"{name} {sum(place[1] == name for place in newest_votes(votes))}" for name in names.values()]
    found = judge_preference(session, policy, alpha)
    return "\n".join([*lines, f"by rater: {', '.join(counts)}", *_figures(session, found, names, policy, alpha)])


def _figures(
    session: HumanSession, found: Preference, names: dict[str, str], policy: Human, alpha: float
) -> Iterator[str]:
    excluded = frozenset(found.excluded)
    low, high = found.finding.interval or (0.0, 1.0)
    tied = found.pairs - found.won - found.lost
    yield ""
    yield f"win rate    {found.finding.effect:.3f} ({low:.3f} to {high:.3f}, {100 * (1 - 2 * alpha):g} % interval)"
    yield f"pairs       {found.won} won, {tied} tied, {found.lost} lost of {found.pairs}"
    yield f"test        {found.finding.test}: p = {found.finding.p:.3g} (one-sided)"
    for name, (finding, _) in judge_criteria(session, policy, alpha).items():
        ends = finding.interval or (0.0, 1.0)
        yield f"  {name:<13} {finding.effect:.3f} ({ends[0]:.3f} to {ends[1]:.3f})"
    yield f"agreement   {_agreed(found.agreement)}"
    for name in CRITERIA:
        agreed = agreement(doubles(opinions(session, name, excluded)), SCORES, "ordinal", alpha)
        yield f"  {name:<13} {_alpha(agreed)}"
    yield f"side        {_lean(side_lean(session, excluded), 'the left answer')}"
    lengths = length_lean(session, excluded)
    yield f"length      {_lean(lengths.longer, 'the longer answer')}"
    yield f"            {lengths.candidate:.0f} characters by the candidate, {lengths.other:.0f} by the other"
    for gold in found.gold:
        out = ": these ratings do not count" if gold.excluded else ""
        yield f"gold        {names[gold.rater]}: {gold.failed} of {gold.seen} missed{out}"
    yield f"verdict     {found.finding.outcome}: {found.finding.reason}"


def _agreed(agreed: Agreement) -> str:
    if agreed.agreed is None:
        return "unknown: no pair was rated by two people yet"
    word = "not usable below 0.4"
    if agreed.alpha is not None and agreed.alpha >= 0.4:
        word = "good" if agreed.alpha >= GOOD else "fair" if agreed.alpha >= USABLE else "weak"
    if agreed.alpha is None:
        word = "all ratings are equal"
    return f"{_alpha(agreed)} over {agreed.units} pairs rated twice; {100 * agreed.agreed:.0f} % equal ({word})"


def _alpha(agreed: Agreement) -> str:
    if agreed.alpha is None:
        return "alpha undefined"
    ends = f" ({agreed.interval[0]:.2f} to {agreed.interval[1]:.2f})" if agreed.interval else ""
    return f"alpha {agreed.alpha:.2f}{ends}"


def _lean(lean: Lean, what: str) -> str:
    warning = ": more than chance" if lean.p < 0.05 else ""
    return f"{what} was preferred in {lean.hits} of {lean.n} decisive ratings (p = {lean.p:.2g}){warning}"
