"""Who rates which pair, what is rated, what comes next. Every vote goes through here. It does not know the sides."""

import math
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from tunegate.core.errors import UsageError
from tunegate.records.human import Marks, Shown, Vote
from tunegate.web.journal import Journal
from tunegate.web.leases import Leases

EVERY = 10  # about one pair in ten is one that everybody rates
LEAST = 3  # fewer of these say nothing of a rater


class Progress(NamedTuple):
    """`mine` and `done` are ratings; `left`: how many are still wanted of anybody; `undo`: the pair last rated."""

    mine: int
    done: int
    left: int
    undo: str | None


class Board:
    """The state of one session. Safe to use from several threads."""

    def __init__(
        self, pairs: Sequence[Shown], journal: Journal[Vote], raters: Sequence[str], leases: Leases | None = None
    ) -> None:
        """Take up the session where the journal left it. `raters`: all who have a link now."""
        self.pairs = tuple(pairs)
        self.places = {pair.item: number for number, pair in enumerate(self.pairs)}
        self._journal = journal
        self._leases = leases or Leases()
        self._lock = threading.RLock()
        self._marks: dict[str, dict[int, Marks]] = defaultdict(dict)  # by rater, in the order of rating
        self._count: Counter[int] = Counter()
        self._own = [number for number, pair in enumerate(self.pairs) if pair.raters]
        self._common = [number for number, pair in enumerate(self.pairs) if not pair.raters]
        share = sum(pair.raters for pair in self.pairs) / max(1, len(raters))
        self._due = min(len(self._common), max(LEAST, math.ceil(share / EVERY)))
        self._gap = max(1.0, share / max(1, self._due))
        for vote in journal.entries:
            if vote.item in self.places:
                self._note(vote)

    def vote(self, rater: str, item: str, marks: Marks | None) -> bool:
        """Record a rating, or take it back (`marks` None); when this returns, it is on disk.

        The same word twice (its answer was lost) is recorded once: then False is returned.

        Raises:
            UsageError: there is no such pair.
            BusyError, OSError: as `Journal.append`; nothing was recorded.
        """
        with self._lock:
            if item not in self.places:
                raise UsageError("there is no such pair", next_step="load the page again")
            if self._marks[rater].get(self.places[item]) == marks:
                return False
            vote = Vote(item=item, rater=rater, at=datetime.now(UTC), marks=marks)
            self._journal.append(vote)
            self._note(vote)
            return True

    def marks(self, rater: str, number: int) -> Marks | None:
        """How `rater` rated a pair."""
        with self._lock:
            return self._marks[rater].get(number)

    def look(self, rater: str, number: int) -> None:
        """Note that `rater` looks at a pair, so that nobody else gets it in the meantime."""
        with self._lock:
            self._leases.take(rater, number)

    def pause(self, rater: str) -> None:
        """Let others have what `rater` looks at."""
        with self._lock:
            self._leases.release(rater)

    def next(self, rater: str) -> int | None:
        """The pair that `rater` rates next, who then looks at it. None: there is none for this rater now."""
        with self._lock:
            number = self._choose(rater)
            if number is None:
                self._leases.release(rater)
            else:
                self._leases.take(rater, number)
            return number

    def progress(self, rater: str) -> Progress:
        """How far all have come."""
        with self._lock:
            mine = self._marks[rater]
            left = sum(self._missing(number) for number in self._own) + sum(
                max(0, self._due - self._common_of(name)) for name, marks in self._marks.items() if marks
            )
            done = sum(len(marks) for marks in self._marks.values())
            return Progress(len(mine), done, left, self.pairs[next(reversed(mine))].item if mine else None)

    def waiting(self, rater: str) -> bool:
        """Whether another rater's open pair may still come to `rater`."""
        with self._lock:
            return any(self._missing(number) and number not in self._marks[rater] for number in self._own)

    def _choose(self, rater: str) -> int | None:
        mine = self._marks[rater]
        given = self._common_of(rater)
        common = next((n for n in self._common if n not in mine), None) if given < self._due else None
        if common is not None and len(mine) - given >= (given + 0.5) * self._gap:
            return common
        found = next(self._open(rater), None)
        return common if found is None and mine else found

    def _open(self, rater: str) -> Iterator[int]:
        """Pairs that still want a rating by somebody, `rater` can give it, and nobody is about to."""
        for number in self._own:
            wanted = self._missing(number)
            if wanted and number not in self._marks[rater] and wanted > self._leases.holders(number, rater):
                yield number

    def _missing(self, number: int) -> int:
        return max(0, self.pairs[number].raters - self._count[number])

    def _common_of(self, rater: str) -> int:
        return sum(not self.pairs[number].raters for number in self._marks[rater])

    def _note(self, vote: Vote) -> None:
        number, marks = self.places[vote.item], self._marks[vote.rater]
        self._count[number] -= number in marks
        marks.pop(number, None)  # rated anew: it is now the last one
        if vote.marks is not None:
            marks[number] = vote.marks
            self._count[number] += 1
