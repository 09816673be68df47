"""Judge what is recorded: read the score files, decide; unreadable files give an ERROR verdict, not a crash."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from tunegate.core.errors import EvidenceError
from tunegate.core.settings import Gate
from tunegate.judge.decide import decide, error_verdict
from tunegate.records.evidence import LOADERS, Evidence, evidence_digests, evidence_paths
from tunegate.records.verdict import Verdict


def judge_recorded(key: str, scores: Path, policy: Gate, today: date, tasks: Sequence[str]) -> Verdict:
    """The verdict on adapter `key` from the files below `scores`; every unreadable file is named. `tasks`:
    `general.tasks` of params.yaml.
    """
    found, faults = {}, []
    for name, path in evidence_paths(scores, key, policy.task).items():
        try:
            found[name] = LOADERS[name](path)
        except EvidenceError as error:
            faults.append(error.message)
        except OSError as error:
            faults.append(f"{path}: {error.strerror}")
    if faults:
        return error_verdict(key, policy, faults, {})
    digests = evidence_digests(scores, key, policy.task)
    return decide(key, Evidence(**found), policy, today, digests, declared=tasks)
