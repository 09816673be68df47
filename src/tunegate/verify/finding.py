"""What one check found."""

from collections.abc import Sequence
from typing import NamedTuple

SHOWN = 5


class Finding(NamedTuple):
    """One check: did it hold, and what was seen."""

    check: str
    passed: bool
    detail: str

    @property
    def line(self) -> str:
        """For a terminal."""
        return f"{'ok    ' if self.passed else 'NOT OK'}  {self.check:<9}  {self.detail}"


def found(check: str, faults: Sequence[str], fine: str) -> Finding:
    """A check with all its faults, or what is fine."""
    more = f"; and {len(faults) - SHOWN} more" if len(faults) > SHOWN else ""
    return Finding(check, not faults, "; ".join(faults[:SHOWN]) + more if faults else fine)
