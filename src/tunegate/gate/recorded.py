"""Judge what is recorded: read the score files, decide; unreadable files give an ERROR verdict, not a crash."""

from datetime import date
from pathlib import Path

from tunegate.core.errors import EvidenceError
from tunegate.core.settings import Gate
from tunegate.judge.decide import decide, error_verdict
from tunegate.records.evidence import LOADERS, evidence_digests, evidence_paths, load_evidence
from tunegate.records.verdict import Verdict


def judge_recorded(key: str, scores: Path, policy: Gate, today: date) -> Verdict:
    """The verdict on adapter `key` from the files below `scores`; every unreadable file is named."""
    faults = [fault for name, path in evidence_paths(scores, key).items() if (fault := _fault(name, path))]
    if faults:
        return error_verdict(key, policy, faults, {})
    return decide(key, load_evidence(scores, key), policy, today, evidence_digests(scores, key))


def _fault(name: str, path: Path) -> str:
    try:
        LOADERS[name](path)
    except EvidenceError as error:
        return error.message
    except OSError as error:
        return f"{path}: {error.strerror}"
    return ""
