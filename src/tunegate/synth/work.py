"""The loop: asks several requests at once, takes their answers in the order of their numbers.

Taking in order makes the rows the same whatever came back first, and whatever run was killed where. No more requests
are on their way than would do if every row were good, so none is paid for and then not needed.
"""

import asyncio
from collections.abc import Callable

from tunegate.core.errors import DataError, TunegateError
from tunegate.endpoint.client import Client, GaveUp
from tunegate.endpoint.request import Request
from tunegate.synth.answers import Answers
from tunegate.synth.budget import Budget
from tunegate.synth.output import Asked
from tunegate.synth.plan import Plan
from tunegate.synth.seeds import Draw
from tunegate.synth.shelf import Counts, Shelf

BARREN = 10  # requests in a row without a row: more money would bring no more


class Work:
    """One run. `go` does it; `shelf.counts` says what came of it."""

    def __init__(self, plan: Plan, shelf: Shelf, answers: Answers, budget: Budget) -> None:
        """Nothing is asked yet."""
        self._plan, self._answers, self._budget = plan, answers, budget
        self._shelf, self.counts = shelf, shelf.counts
        self._next = self._taken = self._barren = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._done: dict[int, Asked | GaveUp] = {}

    async def go(self, teacher: Client, show: Callable[[Counts], None]) -> None:
        """Ask and take until there are enough rows, or a reason to stop (`counts.stopped`).

        After a stop nothing more is taken: what was on its way is cached, and the next run takes it in its turn.
        """
        try:
            while True:
                self._take_ready(show)
                self._issue(teacher)
                if self._ready:  # from the cache
                    continue
                if not self._tasks:
                    return
                finished, self._tasks = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in finished:
                    task.result()
        finally:
            for task in self._tasks:
                task.cancel()

    def _issue(self, teacher: Client) -> None:
        wanted = self._plan.settings.rows - self.counts.rows
        bound = min(self._taken + -(-wanted // self._plan.settings.variations), self._plan.most)
        while self.counts.stopped is None and self._next < bound:
            request, draw = self._plan.request(self._next)
            if (reply := self._answers.get(request)) is not None:
                self.counts.cached += 1
                self._done[self._next] = Asked(request, reply, draw)
            elif len(self._tasks) >= self._plan.settings.concurrency:
                return
            elif self._budget.hold(teacher.worst(request)):
                self._tasks.add(asyncio.create_task(self._ask(teacher, request, draw)))
            else:
                if not self._tasks and not self._done:
                    self._stop(_cap(self._budget, teacher, request))
                return
            self.counts.requests += 1
            self._next += 1

    async def _ask(self, teacher: Client, request: Request, draw: Draw) -> None:
        try:
            reply = await teacher.ask(request)
            self._answers.put(request, reply)
            self._done[request.number] = Asked(request, reply, draw)
        except GaveUp as fault:
            self._done[request.number] = fault
        except TunegateError as error:
            self._stop(error)
        finally:
            self._budget.release(teacher.worst(request))

    @property
    def _ready(self) -> bool:
        """Whether the answer whose turn it is has come."""
        return self._taken in self._done and self.counts.stopped is None

    def _take_ready(self, show: Callable[[Counts], None]) -> None:
        while self._ready:
            self._take(self._done.pop(self._taken))
            show(self.counts)

    def _take(self, answer: Asked | GaveUp) -> None:
        self._taken += 1
        if isinstance(answer, GaveUp):
            self.counts.gave_up[str(answer)] += 1
            useful = False
        else:
            useful = self._shelf.take(answer)
        self._barren = 0 if useful else self._barren + 1
        if self._barren >= BARREN and self.counts.rows < self._plan.settings.rows:
            step = "see above why; then change synth.instruction, synth.max_tokens or the teacher"
            self._stop(DataError(f"{BARREN} requests in a row brought no row", next_step=step))

    def _stop(self, error: TunegateError) -> None:
        self.counts.stopped = self.counts.stopped or error


def _cap(budget: Budget, teacher: Client, request: Request) -> DataError:
    spent, most = budget.spent.cost, budget.cost(teacher.worst(request))
    return DataError(
        f"the next request could exceed max_cost {budget.limit}: {spent:f} is spent, and it costs {most:f} at most",
        next_step="raise synth.max_cost to go on; nothing that was answered is asked twice",
    )
