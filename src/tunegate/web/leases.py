"""Who looks at which row (or pair): two people get two. A lease ends by itself, so a closed laptop blocks nobody."""

import time
from collections.abc import Callable

LEASE_SECONDS = 180.0  # the page renews it every 20 s while it is open


class Leases:
    """At most one row a person. Not safe to use from several threads: the board's lock is around it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock`: seconds, never backwards."""
        self._clock = clock
        self._rows: dict[str, tuple[int, float]] = {}  # by reviewer: the row, and when the lease ends

    def take(self, reviewer: str, row: int) -> None:
        """Let `reviewer` have `row`, and no other row any more."""
        self._rows[reviewer] = (row, self._clock() + LEASE_SECONDS)

    def release(self, reviewer: str) -> None:
        """Let go of what `reviewer` has."""
        self._rows.pop(reviewer, None)

    def holder(self, row: int, besides: str) -> str | None:
        """Who, other than `besides`, looks at `row` now."""
        now = self._clock()
        return next(
            (who for who, (held, end) in self._rows.items() if held == row and end > now and who != besides), None
        )

    def held(self, besides: str) -> set[int]:
        """All rows that others than `besides` look at now."""
        now = self._clock()
        return {row for who, (row, end) in self._rows.items() if end > now and who != besides}

    def holders(self, row: int, besides: str) -> int:
        """How many others than `besides` look at `row` now."""
        now = self._clock()
        return sum(held == row and end > now and who != besides for who, (held, end) in self._rows.items())
