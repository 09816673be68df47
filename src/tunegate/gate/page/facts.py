"""What the page is made of: the verdict, the evidence it was decided from, texts, and what to try."""

from pathlib import Path
from typing import NamedTuple

from tunegate.core.errors import EvidenceError
from tunegate.gate.page.texts import Text, read_texts
from tunegate.judge.remedies import Remedy
from tunegate.records.evidence import Evidence, load_evidence
from tunegate.records.verdict import Verdict


class Facts(NamedTuple):
    """All of it; `evidence` is None where it cannot be read or compared, `texts` are by document hash."""

    verdict: Verdict
    evidence: Evidence | None
    texts: dict[str, Text]
    tries: tuple[Remedy, ...] = ()


def read_facts(verdict: Verdict, scores: Path, outputs: Path | None, tries: tuple[Remedy, ...]) -> Facts:
    """From the files below `scores` and, where they are, the texts below `outputs`."""
    comparable = not any(gate.kind == "evidence" for gate in verdict.gates)
    evidence = _evidence(scores, verdict.key, verdict.parent) if comparable else None
    return Facts(verdict, evidence, read_texts(outputs), tries)


def _evidence(scores: Path, key: str, parent: str) -> Evidence | None:
    try:
        return load_evidence(scores, key, parent)
    except (EvidenceError, OSError):  # the verdict says so already
        return None
