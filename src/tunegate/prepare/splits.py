"""Which split a row belongs to: that of its folder, or, where a split has no folder, what its family's digest says.

The digest is of the row alone, so rows that are added later move no old row, and the order of files does not matter.
"""

from typing import NamedTuple

from tunegate.prepare.facts import TEST, TRAIN, VALIDATION
from tunegate.prepare.normalise import digest


class Shares(NamedTuple):
    """The share of the families of train that goes to each split without a folder of its own; 0 where it has one."""

    validation: float = 0.0
    test: float = 0.0

    def split(self, given: int, family: str, *, synthetic: bool) -> int:
        """The split of a row. Synthetic rows only ever train: they would measure the teacher."""
        if given != TRAIN or synthetic:
            return given
        if self.test and _share("test", family) < self.test:
            return TEST
        if self.validation and _share("validation", family) < self.validation:
            return VALIDATION
        return TRAIN


def _share(name: str, family: str) -> float:
    return int(digest(name, family), 16) / 2**64
