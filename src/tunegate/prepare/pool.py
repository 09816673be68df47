"""Work on chunks in several processes, results in order, with few chunks under way: memory stays bounded."""

import multiprocessing
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from typing import Protocol, TypeVar

MOST_WORKERS = 8
A = TypeVar("A")
B = TypeVar("B")


class Mapper(Protocol):
    """Apply a function to items, results in the items' order."""

    def __call__(self, function: Callable[[A], B], items: Iterable[A], /) -> Iterator[B]:
        """Yield a result for each item."""


def serial(function: Callable[[A], B], items: Iterable[A], /) -> Iterator[B]:
    """Do it here: for small data, where starting processes costs more than it saves."""
    return map(function, items)


@contextmanager
def workers(count: int) -> Iterator[Mapper]:
    """Processes that end when this one does, however it ends. One worker: no process is started.

    What the functions need is sent with them, so the same pool serves all steps.
    """
    if count < 2:
        yield serial
        return
    # Not fork: threads of numpy or pyarrow may hold locks at that moment.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(count, mp_context=context, initializer=_end_with, initargs=(os.getpid(),))

    def ordered(function: Callable[[A], B], items: Iterable[A], /) -> Iterator[B]:
        waiting: deque[Future[B]] = deque()
        for item in items:
            waiting.append(pool.submit(function, item))
            if len(waiting) > 2 * count:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

    try:
        yield ordered
    finally:
        pool.shutdown(cancel_futures=True)


def _end_with(parent: int) -> None:
    """A worker whose parent was killed would wait for ever: it looks for it once a second."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def worker_count(size: int) -> int:
    """How many processes `size` bytes of raw data are worth."""
    small = 16 << 20
    return 1 if size < small else min(os.cpu_count() or 1, MOST_WORKERS)
