"""What serving will meet, found by the probe stage: named checks, each with what was seen."""

from pathlib import Path
from typing import Self

from tunegate.core.errors import EvidenceError
from tunegate.records.base import Record


class Check(Record):
    """One named check: did it hold, over how many cases, what was seen, and what to do if it did not."""

    name: str
    passed: bool
    cases: int
    detail: str
    fix: str = ""


class ProbeReport(Record):
    """All checks of one adapter. `adapter` and `base_digest` as in Measured: they tie the report to the bytes."""

    schema_version: int = 1
    base_digest: str
    adapter: str
    template_digest: str
    checks: tuple[Check, ...]

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a probe report.

        Raises:
            EvidenceError: missing or corrupt.
        """
        return cls.read(path, EvidenceError, next_step="run `dvc repro probe`; it writes this file")
