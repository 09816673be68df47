"""The rows of a human comparison: one that decides, and one a criterion that informs."""

from collections.abc import Iterator

from tunegate.core.settings import Gate, Human
from tunegate.judge.ballots import session_faults
from tunegate.judge.comparability import find
from tunegate.judge.pairing import Scored
from tunegate.judge.preference import Preference, judge_criteria, judge_preference
from tunegate.judge.rows import failed, human_row, judged, rounded
from tunegate.records.evidence import Evidence
from tunegate.records.human import HumanSession
from tunegate.records.verdict import GateResult

MISSING = "scores/KEY/human/session.json is missing: `tunegate human new KEY`, then `serve`, then `close`"


def human_rows(key: str, evidence: Evidence, policy: Gate, alpha: float) -> list[GateResult]:
    """The rows that the policy asks for, at the one-sided level `alpha`; none without `gate.human`."""
    if policy.human is None:
        return []
    row, session = human_row(key, "overall"), evidence.human
    if session is None:
        return [failed(row, [MISSING.replace("KEY", key)])]
    if faults := [*_identity_faults(key, evidence, session, policy.human), *session_faults(session)]:
        return [failed(row, faults[:5])]
    return [_overall(row, session, policy.human, alpha), *_criteria(key, session, policy.human, alpha)]


def _overall(row: GateResult, session: HumanSession, policy: Human, alpha: float) -> GateResult:
    found = judge_preference(session, policy, alpha)
    finding = found.finding._replace(reason="; ".join([found.finding.reason, *_remarks(found)]))
    numbers = {
        "n": found.pairs,
        "clusters": found.clusters,
        "candidate": rounded(finding.effect),
        "better": found.won,
        "worse": found.lost,
    }
    return judged(row, finding, policy.min_win_rate, alpha).model_copy(update=numbers)


def _remarks(found: Preference) -> Iterator[str]:
    failures, seen = sum(gold.failed for gold in found.gold), sum(gold.seen for gold in found.gold)
    yield f"gold: {failures} of {seen} missed"
    if found.excluded:
        yield f"ratings of {', '.join(found.excluded)} do not count (more than a third of gold missed)"
    if found.agreement.alpha is not None:
        yield f"agreement: alpha {found.agreement.alpha:.2f} over {found.agreement.units} pairs"


def _criteria(key: str, session: HumanSession, policy: Human, alpha: float) -> Iterator[GateResult]:
    for name, (finding, scored) in judge_criteria(session, policy, alpha).items():
        row = judged(human_row(key, name), finding, policy.min_win_rate, alpha)
        yield row.model_copy(update={"decides": False, **_counts(scored)})


def _counts(scored: Scored) -> dict[str, float | int]:
    return {
        "n": len(scored.values),
        "clusters": scored.n_clusters,
        "candidate": rounded(float(scored.values.mean())),
        "better": int((scored.values > 0.5).sum()),
        "worse": int((scored.values < 0.5).sum()),
    }


def _identity_faults(key: str, evidence: Evidence, session: HumanSession, policy: Human) -> Iterator[str]:
    """What says that the session is not about this candidate, its other model, and these documents."""
    plan, candidate = session.plan, evidence.candidate.measured
    if plan.key != key:
        yield f"the session is about {plan.key}"
    if plan.candidate.adapter != candidate.adapter:
        yield (
            f"people rated the adapter {plan.candidate.adapter or 'none':.12}, the scores are of "
            f"{candidate.adapter or 'none':.12}: `tunegate human new {key}` starts again"
        )
    if plan.candidate.base_digest != candidate.base_digest:
        yield f"people rated answers of the base {plan.candidate.base_digest:.12}, not {candidate.base_digest:.12}"
    if plan.against != policy.against:
        yield f"people compared with the {plan.against}, the policy asks for the {policy.against}"
    yield from _other_faults(evidence, session)
    task, fault = find(evidence.candidate, key, "task")
    if task is None:
        yield f"candidate: {fault}"
        return
    known = {sample.doc: sample.cluster for sample in task.samples}
    strange = [side.doc for side in plan.sides if known.get(side.doc) != side.cluster]
    if strange:
        yield f"{len(strange)} rated documents are not those of the test split, the first is {strange[0]}"


def _other_faults(evidence: Evidence, session: HumanSession) -> Iterator[str]:
    other = evidence.released if session.plan.against == "released" else evidence.baseline
    if other is None:
        yield "people compared with a released version, and its scores are not here (scores/KEY/released.jsonl)"
    elif (other.measured.adapter, other.measured.base_digest) != (
        session.plan.other.adapter,
        session.plan.other.base_digest,
    ):
        yield f"people compared with another {session.plan.against} than the one that was scored"
