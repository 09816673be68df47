"""`tunegate synth KEY`: from real rows a stronger model writes variations, which people then review.

reads   build/data/KEY/train.jsonl (never validation or test rows), datasets/KEY/ for the answers' JSON Schema
writes  datasets/KEY/synthetic/TEACHER.jsonl
keeps   .cache/synth/KEY/: answers/, ledger.jsonl, rejected.jsonl
"""

import asyncio
import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from tunegate.core.data_settings import Synth
from tunegate.core.errors import BusyError, DataError, SettingsError, TunegateError
from tunegate.core.settings import Adapter
from tunegate.endpoint.client import Client, Patience
from tunegate.records.example import Example
from tunegate.synth.answers import Answers
from tunegate.synth.budget import Budget
from tunegate.synth.checks import Checks
from tunegate.synth.client import KEY_VARIABLE, make_teacher
from tunegate.synth.estimate import estimate, show
from tunegate.synth.output import Rejected, file_of, other_rows, read_rows
from tunegate.synth.plan import Plan
from tunegate.synth.rules import load_rules
from tunegate.synth.seeds import read_seeds
from tunegate.synth.shelf import Counts, Shelf
from tunegate.synth.summary import Places, Progress, Session, summary
from tunegate.synth.work import Work

Say = Callable[[str], None]


class Job:
    """One adapter's synthetic rows: where they stand, and what they are made from."""

    def __init__(self, root: Path, key: str, adapter: Adapter) -> None:
        """Read everything that is asked from.

        Raises:
            SettingsError: there is no synth section, or its endpoint holds more than an address.
            DataError: the data is missing or bad.
        """
        self.settings = _settings(key, adapter)
        self.data, self.cache = root / "datasets" / key, root / ".cache" / "synth" / key
        if not self.data.is_dir():
            raise DataError(f"{self.data}: no such folder", next_step="run `tunegate data`")
        self.path = file_of(self.data, self.settings.model)
        train = root / "build" / "data" / key / "train.jsonl"
        self.seeds, self.real = read_seeds(train, self.settings.seeds, self.settings.seed)
        named = adapter.prepare.answer_schema
        self.rules = load_rules(self.data / named if named else None, adapter.prepare.labels)
        self.plan = Plan(self.settings, self.seeds, self.rules)
        self.places = Places(
            key, str(self.path.relative_to(root)), str((self.cache / "rejected.jsonl").relative_to(root))
        )

    def shelf(self, there: list[Example]) -> Shelf:
        """Where the answers go; `there` are the rows in the teacher's file."""
        real = [row for row in self.real if row.origin is None]
        checks = Checks(real, [*there, *other_rows(self.path)], self.rules)
        return Shelf(self.path, Rejected(self.cache), checks, there, self.settings)


def synth(root: Path, key: str, adapter: Adapter, say: Say, patience: Patience | None = None) -> None:
    """Ask until the teacher's file holds as many rows as wanted; say what came of it.

    Raises:
        SettingsError: the synth section, or the key in the environment, is wrong.
        DataError: the data is missing or bad, or fewer rows came than wanted.
        ModelError: the teacher cannot be reached or refuses all requests.
        BusyError: another process asks for the same adapter.
    """
    job, secret = Job(root, key, adapter), key_of(os.environ)
    with locked(job.cache), Budget(job.cache, job.settings) as budget:
        shelf = job.shelf(read_rows(job.path))
        try:
            session = asyncio.run(
                _ask(job, shelf, budget, make_teacher(job.settings, secret, budget, patience or Patience()))
            )
        finally:
            shelf.close()
        say(summary(shelf.counts, budget.spent, job.settings, session, job.places))
    if error := _short(shelf.counts, job.settings):
        raise error


def dry_run(root: Path, key: str, adapter: Adapter, say: Say) -> None:
    """Show one request and what the whole would cost; nothing is asked and nothing is written.

    Raises:
        SettingsError: the synth section is wrong.
        DataError: the data is missing or bad.
    """
    job = Job(root, key, adapter)
    with Budget(job.cache, job.settings) as budget:
        wanted = max(0, job.settings.rows - len(read_rows(job.path)))
        request, _ = job.plan.request(0)
        say(show(request, estimate(job.plan, budget, wanted), job.settings, budget))


async def _ask(job: Job, shelf: Shelf, budget: Budget, teacher: Client) -> Session:
    progress = Progress(job.places.key, job.settings, budget)
    async with teacher:
        await Work(job.plan, shelf, Answers(job.cache), budget).go(teacher, progress.show)
    progress.clear()
    return Session(teacher.retries, tuple(sorted(teacher.refused)), len(job.seeds.rows), job.seeds.left_out)


def _short(counts: Counts, settings: Synth) -> TunegateError | None:
    """The error of a run that brought too little, of the kind of what stopped it."""
    if counts.rows >= settings.rows:
        return None
    said = f"{counts.rows} of {settings.rows} rows"
    if counts.stopped:
        return type(counts.stopped)(f"{said}: {counts.stopped.message}", next_step=counts.stopped.next_step)
    return DataError(
        f"{said} came of {counts.requests} requests, the most that are asked for so many",
        next_step="read what was not taken and why; run it again if requests were given up on",
    )


def _settings(key: str, adapter: Adapter) -> Synth:
    if adapter.synth is None:
        raise SettingsError(
            f"params.yaml: adapters.{key} has no synth section", next_step="docs/synthetic-data.md shows one"
        )
    try:
        parts = urlsplit(adapter.synth.endpoint)
        more = bool(parts.username or parts.password or parts.query or parts.fragment)
        faulty = more or not parts.hostname or parts.port == 0
    except ValueError:
        faulty = True
    if faulty:
        raise SettingsError(
            f"params.yaml: adapters.{key}.synth.endpoint: expected scheme, host, port and path, and nothing else",
            next_step=f"write https://host/v1 there; a key belongs into {KEY_VARIABLE}",
        )
    return adapter.synth


def key_of(environment: "os._Environ[str] | dict[str, str]") -> str | None:
    """The key, from the environment; None if there is none: a local server may need none.

    Raises:
        SettingsError: it cannot be a key. It is not shown.
    """
    secret = environment.get(KEY_VARIABLE, "").strip()
    if not (secret.isascii() and secret.isprintable()) or " " in secret:
        raise SettingsError(
            f"{KEY_VARIABLE} holds a space or a sign that no key has", next_step="set it to the key alone"
        )
    return secret or None


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the adapter's cache alone; the lock goes with the process, also when it is killed.

    Raises:
        BusyError: another process holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BusyError(
                f"{folder}: another `tunegate synth` is at work for this adapter",
                next_step="wait for it or end it, then run this again",
            ) from None
        yield
