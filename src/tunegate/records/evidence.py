"""Where the evidence for one adapter stands below the scores folder, and all of it read together."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tunegate.core.files import digest_file
from tunegate.records.human import HumanSession, session_path
from tunegate.records.looks import Look, load_looks
from tunegate.records.probe import ProbeReport
from tunegate.records.scores import ScoreFile


class Evidence(NamedTuple):
    """What the gate judges: the prompted base on the task, the base on general tasks, the candidate, the probe, the
    looks at the test split; the released version to compare with and what people preferred, where the policy asks; and
    of a variant the scores and looks of the adapter that it was made of.
    """

    baseline: ScoreFile
    general: ScoreFile
    candidate: ScoreFile
    probe: ProbeReport
    looks: tuple[Look, ...] = ()
    released: ScoreFile | None = None
    human: HumanSession | None = None
    parent: ScoreFile | None = None
    parent_looks: tuple[Look, ...] = ()


LOADERS: Mapping[str, Callable[[Path], Any]] = {
    "baseline": ScoreFile.load,
    "general": ScoreFile.load,
    "candidate": ScoreFile.load,
    "probe": ProbeReport.load,
    "looks": load_looks,
    "released": ScoreFile.load,
    "human": HumanSession.load,
    "parent": ScoreFile.load,
    "parent_looks": load_looks,
}
OPTIONAL = frozenset({"released", "human"})  # where the policy asks for one, the judge says that it is missing


def evidence_paths(scores: Path, key: str, parent: str = "") -> dict[str, Path]:
    """The evidence files of adapter `key` below the folder `scores`, by name; optional ones only where they are.
    `parent`: the adapter that a variant was made of, whose baseline it shares.
    """
    paths = {
        "general": scores / "general.jsonl",
        "baseline": scores / (parent or key) / "baseline.jsonl",
        "candidate": scores / key / "candidate.jsonl",
        "probe": scores / key / "probe.json",
        "looks": scores / key / "looks.jsonl",
        "released": scores / key / "released.jsonl",
        "human": session_path(scores, key),
    }
    if parent:
        paths |= {"parent": scores / parent / "candidate.jsonl", "parent_looks": scores / parent / "looks.jsonl"}
    return {name: path for name, path in paths.items() if name not in OPTIONAL or path.exists()}


def load_evidence(scores: Path, key: str, parent: str = "") -> Evidence:
    """Read all evidence of adapter `key`.

    Raises:
        EvidenceError: a file is missing or corrupt.
    """
    return Evidence(**{name: LOADERS[name](path) for name, path in evidence_paths(scores, key, parent).items()})


def evidence_digests(scores: Path, key: str, parent: str = "") -> dict[str, str]:
    """SHA-256 of the evidence files that are there, by name: what a verdict records as its `inputs`."""
    return {name: digest_file(path) for name, path in evidence_paths(scores, key, parent).items() if path.is_file()}
