"""Do people prefer the candidate? The win rate w = (W + T / 2) / n of pairs, its interval, and an exact sign test.

PASS: the lower bound is above `min_win_rate`, and where that is 0.5 or more the sign test on won against lost pairs is
significant. FAIL: the upper bound is not above it. INCONCLUSIVE otherwise, and where the ballots cannot be used: too
few pairs, a session closed early, raters who do not agree. Scores are clustered by the prompts' families; with ten
raters or more by rater, too (two-way: Cameron, Gelbach and Miller 2011).
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tunegate.core.settings import Human
from tunegate.judge.agreement import Agreement, agreement
from tunegate.judge.ballots import SCORES, Gold, Opinion, doubles, gold_results, opinions, scored_pairs
from tunegate.judge.finding import POWER, Finding, cluster_error, documents_needed, quantile, tail
from tunegate.judge.floors import judge_floor
from tunegate.judge.pairing import Floats, Labels, Scored, labelled
from tunegate.judge.superiority import exact_mcnemar
from tunegate.records.human import CRITERIA, HumanSession
from tunegate.records.verdict import Outcome

MANY_RATERS = 10
FEW_DOUBLES = 10  # fewer pairs rated twice say nothing of agreement
MISSING = 0.05  # share of ratings that may be missing: more is stopping early, which passes too often


class Preference(NamedTuple):
    """All that a session says on the overall question, for the gate and for `tunegate human status`."""

    finding: Finding
    pairs: int
    clusters: int
    won: int
    lost: int
    agreement: Agreement
    gold: tuple[Gold, ...]

    @property
    def excluded(self) -> tuple[str, ...]:
        """Raters whose ballots do not count."""
        return tuple(gold.rater for gold in self.gold if gold.excluded)


def judge_preference(session: HumanSession, policy: Human, alpha: float) -> Preference:
    """Test H0: win rate <= `policy.min_win_rate` at one-sided level `alpha`.

    The session is one without faults (`ballots.session_faults`).
    """
    gold = gold_results(session)
    said = opinions(session, "overall", frozenset(one.rater for one in gold if one.excluded))
    scored = scored_pairs(session, said)
    agreed = agreement(doubles(said), SCORES, "ordinal", alpha)
    if not said:
        reason = "nobody whose ballots count has rated a pair"
        none = Finding(Outcome.INCONCLUSIVE, 0.5, None, "none", 1.0, None, reason)
        return Preference(none, len(scored.values), scored.n_clusters, 0, 0, agreed, gold)
    won, lost = int((scored.values > 0.5).sum()), int((scored.values < 0.5).sum())
    finding = judge_win_rate(scored, said, policy.min_win_rate, alpha)
    found = Preference(finding, len(scored.values), scored.n_clusters, won, lost, agreed, gold)
    unusable = _unusable(session, found, policy)
    if unusable:
        blocked = finding._replace(outcome=Outcome.INCONCLUSIVE, reason="; ".join([*unusable, finding.reason]))
        return found._replace(finding=blocked)
    return found


def judge_criteria(session: HumanSession, policy: Human, alpha: float) -> dict[str, tuple[Finding, Scored]]:
    """The win rate on each criterion of the rubric, by the same test; these inform and do not decide."""
    excluded = frozenset(gold.rater for gold in gold_results(session) if gold.excluded)
    found = {}
    for name in CRITERIA:
        said = opinions(session, name, excluded)
        if said:
            scored = scored_pairs(session, said)
            found[name] = (judge_win_rate(scored, said, policy.min_win_rate, alpha), scored)
    return found


def two_way_error(scores: Floats, weights: Floats, families: Labels, raters: Labels) -> float:
    """Standard error of the weighted mean of ballots, robust to families and to raters.

    V = V_family + V_rater - V_both, each with the factor C / (C - 1) (Cameron, Gelbach and Miller 2011). Infinite where
    the sum is not positive: then the ballots do not tell.
    """
    rest = weights * (scores - float(weights @ scores) / float(weights.sum()))
    both = labelled([f"{family} {rater}" for family, rater in zip(families, raters, strict=True)])
    variance = _summed(rest, families) + _summed(rest, raters) - _summed(rest, both)
    return math.sqrt(variance) / float(weights.sum()) if variance > 0 else math.inf


def _summed(rest: Floats, clusters: Labels) -> float:
    sums = np.bincount(clusters, weights=rest)
    return len(sums) / (len(sums) - 1) * float(sums @ sums)


def judge_win_rate(scored: Scored, said: Sequence[Opinion], bound: float, alpha: float) -> Finding:
    """Test H0: win rate <= `bound`, from a score a pair and the ballots behind them (for raters as clusters)."""
    found = judge_floor(scored, bound, alpha, tails=False)  # wins and losses near a half; the sign test is exact
    won, lost = int((scored.values > 0.5).sum()), int((scored.values < 0.5).sum())
    if found.interval is None:
        return found._replace(reason="all prompts are of one family: how much families differ is unknown")
    found = _with_raters(found, scored, said, bound, alpha)
    sign, test, p = bound >= 0.5, found.test, found.p
    if sign:
        p, test = max(p, exact_mcnemar(won, lost)), f"{test}; exact sign test"
    low, high = found.interval or (0.0, 1.0)
    outcome = Outcome.FAIL if high <= bound else Outcome.INCONCLUSIVE
    if low > bound and (not sign or p <= alpha):
        outcome = Outcome.PASS
    needed = _needed(scored, found, (won, lost), bound, alpha) if outcome is Outcome.INCONCLUSIVE else None
    words = (
        f"win rate {found.effect:.3f} ({low:.3f} to {high:.3f}), {won} won, {lost} lost of {len(scored.values)} pairs"
    )
    reason = f"{words}; must be above {bound:g}{_more(needed, len(scored.values), outcome)}"
    return Finding(outcome, found.effect, (low, high), test, p, needed, reason)


def _more(needed: int | None, pairs: int, outcome: Outcome) -> str:
    if outcome is not Outcome.INCONCLUSIVE:
        return ""
    if needed is None:
        return "; no number of pairs would decide a difference so small"
    return f"; about {max(1, needed - pairs)} more pairs would decide"


def _with_raters(found: Finding, scored: Scored, said: Sequence[Opinion], bound: float, alpha: float) -> Finding:
    """With ten raters or more, the wider of the intervals by family and by family and rater."""
    count = len({opinion.rater for opinion in said})
    if count < MANY_RATERS or scored.n_clusters < 2:
        return found
    raters = labelled([opinion.rater for opinion in said])
    error = _rater_error(scored, said, raters)
    freedom = min(count, scored.n_clusters) - 1
    if error <= cluster_error(scored.values, scored.clusters):
        return found
    reach = quantile(alpha, freedom) * error
    low, high = max(0.0, found.effect - reach), min(1.0, found.effect + reach)  # an infinite reach says nothing
    p = max(found.p, tail((found.effect - bound) / error, freedom))
    return found._replace(interval=(low, high), p=p, test=f"t, families and {count} raters")


def _rater_error(scored: Scored, said: Sequence[Opinion], raters: Labels) -> float:
    """Ballots of one pair share its weight; pairs of the same text have no ballot and no spread of their own."""
    places = labelled([str(opinion.place) for opinion in said])
    families = labelled([opinion.cluster for opinion in said])
    if int(families.max()) < 1:
        return math.inf
    weights = 1.0 / np.bincount(places)[places]
    scores = np.array([opinion.score for opinion in said])
    return two_way_error(scores, weights, families, raters) * (int(places.max()) + 1) / len(scored.values)


def _needed(scored: Scored, found: Finding, signs: tuple[int, int], bound: float, alpha: float) -> int | None:
    """Pairs for 80 % power at what was seen: by the interval, and by the sign test where it must agree."""
    n, error = len(scored.values), cluster_error(scored.values, scored.clusters)
    by_interval = documents_needed(n, error, abs(found.effect - bound), alpha=alpha) or found.needed
    decisive = sum(signs)
    if by_interval is None or bound < 0.5 or found.effect <= bound or signs[0] <= signs[1]:
        return by_interval
    share = signs[0] / decisive
    reach = 0.5 * quantile(alpha, math.inf) + quantile(1 - POWER, math.inf) * math.sqrt(share * (1 - share))
    return max(by_interval, math.ceil((reach / (share - 0.5)) ** 2 * n / decisive))


def _unusable(session: HumanSession, found: Preference, policy: Human) -> list[str]:
    """Why the ballots decide nothing, whatever the win rate."""
    faults, agreed = [], found.agreement
    if found.pairs < policy.min_pairs:
        faults.append(f"{found.pairs} pairs, the policy asks for {policy.min_pairs}")
    if session.missing > MISSING * (session.missing + len(session.ballots)):
        faults.append(f"closed with {session.missing} ratings missing: stopping early passes too often")
    if agreed.units < FEW_DOUBLES:
        faults.append(f"{agreed.units} pairs were rated by two people: how far raters agree is unknown")
    elif agreed.alpha is not None and agreed.alpha < policy.min_alpha:
        words = f"raters agree too little (alpha {agreed.alpha:.2f}, must be {policy.min_alpha:g} or more)"
        faults.append(f"{words}: the rubric is not usable")
    return faults
