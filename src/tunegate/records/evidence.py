"""Where the evidence for one adapter stands below the scores folder, and all of it read together."""

from pathlib import Path
from typing import NamedTuple

from tunegate.core.files import digest_file
from tunegate.records.probe import ProbeReport
from tunegate.records.scores import ScoreFile


class Evidence(NamedTuple):
    """What the gate judges: the prompted base on the task, the base on general tasks, the candidate, the probe."""

    baseline: ScoreFile
    general: ScoreFile
    candidate: ScoreFile
    probe: ProbeReport


def evidence_paths(scores: Path, key: str) -> dict[str, Path]:
    """The four evidence files of adapter `key` below the folder `scores`, by name."""
    return {
        "general": scores / "general.jsonl",
        "baseline": scores / key / "baseline.jsonl",
        "candidate": scores / key / "candidate.jsonl",
        "probe": scores / key / "probe.json",
    }


def load_evidence(scores: Path, key: str) -> Evidence:
    """Read all evidence of adapter `key`.

    Raises:
        EvidenceError: a file is missing or corrupt.
    """
    paths = evidence_paths(scores, key)
    return Evidence(
        baseline=ScoreFile.load(paths["baseline"]),
        general=ScoreFile.load(paths["general"]),
        candidate=ScoreFile.load(paths["candidate"]),
        probe=ProbeReport.load(paths["probe"]),
    )


def evidence_digests(scores: Path, key: str) -> dict[str, str]:
    """SHA-256 of the evidence files that are there, by name: what a verdict records as its `inputs`."""
    return {name: digest_file(path) for name, path in evidence_paths(scores, key).items() if path.is_file()}
