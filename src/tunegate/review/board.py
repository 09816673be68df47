"""Where a review stands: which rows are decided, by whom, who looks at what. Every decision goes through here."""

import threading
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

from pydantic import JsonValue

from tunegate.core.errors import UsageError
from tunegate.records.review import Decision
from tunegate.review.queue import Queue
from tunegate.web.journal import Journal
from tunegate.web.leases import Leases

Verdict = Literal["approved", "edited", "rejected", "withdrawn"]
Filter = Literal["pending", "approved", "edited", "rejected", "all"]
FILTERS: tuple[Filter, ...] = ("pending", "approved", "edited", "rejected", "all")


class Word(NamedTuple):
    """What a reviewer says of a row, having seen its first `version` decisions."""

    number: int
    version: int
    verdict: Verdict
    reason: str = ""
    row: dict[str, JsonValue] | None = None


class View(NamedTuple):
    """Which rows a reviewer goes through: those of a filter that hold `query`, whatever its case."""

    filter: Filter = "pending"
    query: str = ""


class Progress(NamedTuple):
    """How far all have come: rows by state (`pending` or a verdict), and standing decisions by reviewer."""

    states: dict[str, int]
    by_reviewer: dict[str, int]


class Board:
    """The state of one adapter's review. Safe to use from several threads."""

    def __init__(self, queue: Queue, journal: Journal[Decision], leases: Leases | None = None) -> None:
        """Take up the review where the journal left it."""
        self.queue = queue
        self._journal = journal
        self._leases = leases or Leases()
        self._lock = threading.RLock()
        self._past: dict[int, list[Decision]] = defaultdict(list)
        self._own: dict[str, list[tuple[int, int]]] = defaultdict(list)  # by reviewer: rows and versions, for undo
        self._states: Counter[str] = Counter(pending=len(queue))
        self._by: Counter[str] = Counter()
        for decision in journal.entries:
            number = queue.places.get((decision.id, decision.content))
            if number is not None:
                self._count(number, decision)

    def decide(self, reviewer: str, word: Word) -> bool:
        """Record what a reviewer says; when this returns True, it is on disk. The same word twice is recorded once.

        Returns:
            False if somebody decided in the meantime: nothing was recorded; look at the row again.

        Raises:
            UsageError: there is no decision to withdraw.
            BusyError, OSError: as `Journal.append`; nothing was recorded.
        """
        with self._lock:
            past = self._past[word.number]
            if word.version != len(past):
                return bool(past) and word.version == len(past) - 1 and _repeats(past[-1], reviewer, word)
            if word.verdict == "withdrawn" and self.state(word.number) == "pending":
                raise UsageError("there is no decision to take back", next_step="go on")
            entry = self.queue.entries[word.number]
            decision = Decision(
                id=entry.id,
                content=entry.content,
                verdict=word.verdict,
                reviewer=reviewer,
                at=datetime.now(UTC),
                reason=word.reason,
                row=word.row,
            )
            self._journal.append(decision)
            self._count(word.number, decision)
            return True

    def state(self, number: int) -> str:
        """`pending` or the verdict that counts."""
        past = self._past.get(number)
        return "pending" if not past or past[-1].verdict == "withdrawn" else past[-1].verdict

    def past(self, number: int) -> Sequence[Decision]:
        """All decisions on a row, oldest first."""
        with self._lock:
            return tuple(self._past.get(number, ()))

    def progress(self) -> Progress:
        """How far all have come."""
        with self._lock:
            states: dict[str, int] = {name: self._states[name] for name in FILTERS if name != "all"}
            return Progress(states, {name: count for name, count in sorted(self._by.items()) if count})

    def undo_target(self, reviewer: str) -> tuple[int, int] | None:
        """The newest decision of `reviewer` that still counts: its row and the row's version."""
        with self._lock:
            own = self._own[reviewer]
            while own:
                number, version = own[-1]
                past = self._past[number]
                if len(past) == version and past[-1].verdict != "withdrawn":
                    return number, version
                own.pop()
            return None

    def look(self, reviewer: str, number: int) -> str | None:
        """Note that `reviewer` looks at a row, so that nobody else gets it as the next; return who else does."""
        with self._lock:
            self._leases.take(reviewer, number)
            return self._leases.holder(number, reviewer)

    def step(self, reviewer: str, start: int, by: int, view: View) -> int | None:
        """The next row of a view from `start` on (`by` 1) or back (-1), around the end; `reviewer` then looks at it.

        Pending rows that somebody else looks at are passed over. None: there is no row.
        """
        rows = self._passing(start, by, view)
        for number in self._holding(rows, view.query.casefold()):
            with self._lock:
                if view.filter != "pending":
                    self._leases.take(reviewer, number)
                    return number
                if self.state(number) == "pending" and self._leases.holder(number, reviewer) is None:
                    self._leases.take(reviewer, number)
                    return number
        with self._lock:
            self._leases.release(reviewer)
        return None

    def search(self, query: str, limit: int) -> list[tuple[int, str]]:
        """The first rows that hold `query`, each with the text around it."""
        wanted, found = query.casefold(), []
        for number, row in self.queue.lines(iter(range(len(self.queue)))):
            text = _text(row)
            place = text.casefold().find(wanted)
            if place >= 0:
                found.append((number, _around(text, place)))
                if len(found) == limit:
                    break
        return found

    def held(self, besides: str) -> int:
        """How many pending rows others look at now."""
        with self._lock:
            return sum(self.state(number) == "pending" for number in self._leases.held(besides))

    def _passing(self, start: int, by: int, view: View) -> Iterator[int]:
        total = len(self.queue)
        for distance in range(1, total + 1):
            number = (start + by * distance) % total
            if view.filter == "all" or self.state(number) == view.filter:
                yield number

    def _holding(self, numbers: Iterator[int], query: str) -> Iterator[int]:
        if not query:
            yield from numbers
            return
        for number, row in self.queue.lines(numbers):
            if query in _text(row).casefold():
                yield number

    def _count(self, number: int, decision: Decision) -> None:
        past = self._past[number]
        self._states[self.state(number)] -= 1
        if past and past[-1].verdict != "withdrawn":
            self._by[past[-1].reviewer] -= 1
        past.append(decision)
        self._states[self.state(number)] += 1
        if decision.verdict != "withdrawn":
            self._by[decision.reviewer] += 1
            self._own[decision.reviewer].append((number, len(past)))


def _repeats(last: Decision, reviewer: str, word: Word) -> bool:
    """Whether it is the word that was recorded, sent again because its answer was lost."""
    return (last.reviewer, last.verdict, last.reason, last.row) == (reviewer, word.verdict, word.reason, word.row)


def _around(text: str, place: int) -> str:
    """A line of the text from a little before `place` on, from the start of a word."""
    start = max(0, place - 25)
    if start:
        start = text.find(" ", start, place) + 1 or start
    return ("… " if start else "") + " ".join(text[start : place + 100].split())


def _text(row: dict[str, Any]) -> str:
    """What of a row can be searched: its id, its file, and every text in it."""
    found = [str(row["id"]), str(row["file"])]
    todo = [row["row"]]
    while todo:
        value = todo.pop()
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, dict):
            todo += reversed(value.values())
        elif isinstance(value, list):
            todo += reversed(value)
    return "\n".join(found)
