"""Does the evidence really say PASS? Nothing that a file claims is believed: decided again from the scores."""

from datetime import date
from pathlib import Path
from typing import NamedTuple

from tunegate.core.errors import EvidenceError
from tunegate.core.files import digest_tree
from tunegate.core.params import adapter_of
from tunegate.core.settings import Params
from tunegate.judge.decide import decide
from tunegate.records.evidence import Evidence, evidence_digests, load_evidence
from tunegate.records.verdict import Outcome, Verdict

AGAIN = "run `dvc repro` (without -s)"


class Verified(NamedTuple):
    """The verdict decided again, the evidence, and every reason not to release."""

    verdict: Verdict
    evidence: Evidence
    refusals: tuple[str, ...]


def verify(key: str, scores: Path, gate: Path, adapter: Path, params: Params, today: date) -> Verified:
    """Decide again from the scores and hold verdict.json and the adapter's bytes against it.

    Raises:
        EvidenceError: scores or verdict are missing or corrupt.
    """
    recorded = Verdict.read(gate / "verdict.json", EvidenceError, next_step=AGAIN)
    policy = adapter_of(params, key).gate
    evidence, inputs = load_evidence(scores, key, policy.task), evidence_digests(scores, key, policy.task)
    verdict = decide(key, evidence, policy, today, inputs, declared=params.general.tasks)
    refusals = []
    if verdict.outcome is not Outcome.PASS:
        refusals.append(f"the verdict on {key} is {verdict.outcome}")
    if recorded.inputs != verdict.inputs:
        refusals.append(f"{gate / 'verdict.json'} was decided from other scores than those on disk; {AGAIN}")
    elif recorded != verdict:
        refusals.append(
            f"{gate / 'verdict.json'} is not what the scores say today (edited, or a waiver ended); {AGAIN}"
        )
    bytes_now = digest_tree(adapter)
    for name, measured in (("scores", evidence.candidate.measured.adapter), ("probe", evidence.probe.adapter)):
        if measured != bytes_now:
            refusals.append(f"{adapter} is not the adapter that the {name} measured (other bytes); {AGAIN}")
    return Verified(verdict, evidence, tuple(refusals))
