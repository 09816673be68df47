"""Decide again: the recorded scores, by the recorded policy, on the day of the tag."""

from datetime import date
from pathlib import Path

from pydantic import ValidationError

from tunegate.core.errors import EvidenceError
from tunegate.core.files import digest_tree
from tunegate.core.settings import Gate
from tunegate.judge.decide import decide
from tunegate.records.base import explain
from tunegate.records.evidence import Evidence, evidence_digests, load_evidence
from tunegate.records.manifest import Manifest
from tunegate.records.verdict import Outcome, Verdict
from tunegate.verify.finding import Finding, found

NEXT_STEP = "get the bundle again"


def check_verdict(bundle: Path, manifest: Manifest, day: date, today: date) -> Finding:
    """The verdict says PASS, is what the scores say, and both are about this adapter's bytes.

    `day` is the tag's: waivers count as they stood then; one that has ended since is said.
    """
    try:
        recorded = Verdict.read(bundle / "verdict.json", EvidenceError, next_step=NEXT_STEP)
        policy = _policy(manifest)
        scores = bundle / "scores"
        evidence = load_evidence(scores, manifest.key, policy.task)
        inputs = evidence_digests(scores, manifest.key, policy.task)
    except EvidenceError as fault:
        return found("verdict", [fault.message], "")
    again = decide(manifest.key, evidence, policy, day, inputs, declared=manifest.general)
    faults = []
    if recorded.inputs != again.inputs:
        faults.append("verdict.json was decided from other scores than those in the bundle")
    elif recorded != again:
        faults.append(f"verdict.json says {recorded.outcome}; the scores say {again.outcome}, or differ in a detail")
    if again.outcome is not Outcome.PASS:
        faults.append(f"the scores say {again.outcome}")
    faults += _bytes(bundle, manifest, evidence)
    ended = [waiver.gate for waiver in again.waivers if waiver.used and date.fromisoformat(waiver.expires) < today]
    more = f"; the waiver of {', '.join(ended)} has ended since" if ended else ""
    return found("verdict", faults, f"decided again from the scores as of {day}: {again.outcome}{more}")


def _policy(manifest: Manifest) -> Gate:
    try:
        return Gate.model_validate(manifest.policy)
    except ValidationError as fault:
        said = f"manifest.json: policy: {explain(fault)}"
        raise EvidenceError(said, next_step=NEXT_STEP) from None


def _bytes(bundle: Path, manifest: Manifest, evidence: Evidence) -> list[str]:
    here = digest_tree(bundle / "adapter")
    measured = {
        "manifest.json": manifest.adapter,
        "the scores": evidence.candidate.measured.adapter,
        "the probe": evidence.probe.adapter,
    }
    return [f"{name}: about another adapter than that in the bundle" for name, said in measured.items() if said != here]
