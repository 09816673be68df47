"""`tunegate serve status` and `tunegate serve reconcile`: once, or every so many seconds until Ctrl-C."""

import sys
import time
from pathlib import Path

from tunegate.core.errors import MachineError, ReleaseRefused
from tunegate.core.git import git
from tunegate.core.params import load_params
from tunegate.serve.difference import table
from tunegate.serve.own import Own, own_servers
from tunegate.serve.plan import folder, served
from tunegate.serve.reconcile import WAITS, Failure, Reconciler
from tunegate.vllm.server import Refused, Unanswered, server_of


def status(root: Path, url: str) -> int:
    """Print what the tags want against what the server has; return 0 if they are in step, else 1.

    Raises:
        ReleaseRefused: nothing is released, or not for this base.
    """
    one = reconciler(root, url)
    try:
        wants, difference = one.look()
    except (Unanswered, Refused) as fault:
        sys.stderr.write(f"not in step: {fault}\nnext: `tunegate serve up`\n")
        return 1
    own = own_servers(wants, load_params(root / "params.yaml"), one.server)
    _print(table(wants, difference, {each.version.name: _state(each) for each in own}))
    asleep = [each for each in own if not each.runs]
    if difference.in_step and not asleep:
        _print("in step")
        return 0
    steps = [*(each.next_step for each in asleep), *([] if difference.in_step else ["`tunegate serve reconcile`"])]
    _print(f"not in step: {'; '.join(steps)}")
    return 1


def _state(one: Own) -> str:
    return f"runs at {one.url}" if one.runs else f"does not answer at {one.url}"


def reconcile(root: Path, url: str, every: float | None, *, fetch_tags: bool) -> int:
    """Bring the server in step; with `every` look again after that many seconds, until Ctrl-C. Return 1 on a failure.

    Raises:
        ReleaseRefused: nothing is released, or not for this base (a watch says so and goes on).
        MachineError: with `fetch_tags`: Git cannot fetch (a watch says so and goes on).
    """
    if every is None:
        if fetch_tags:
            fetch(root)
        failures = reconciler(root, url).run()
        _tell(failures)
        return 1 if failures else 0
    watch = Watch(root, url, fetch_tags=fetch_tags)
    while True:
        watch.step()
        time.sleep(every)


class Watch:
    """What a watch remembers: the failures that it told, and the state in which they came about."""

    def __init__(self, root: Path, url: str, *, fetch_tags: bool, waits: tuple[float, ...] = WAITS) -> None:
        self.root, self.url, self.fetch_tags, self.waits = root, url, fetch_tags, waits
        self.failures: list[Failure] | None = None
        self.state: object = None

    def step(self) -> None:
        """One look. What Failed is not tried again before tags or server change; a silent server is asked once, and
        again each time: what it has when it is up is no sign that it failed with that.
        """
        waits = () if self.failures and self.state is None else self.waits
        try:
            if self.fetch_tags:
                fetch(self.root)
            if self.failures and self.state is not None and self._state() == self.state:
                return
            failures = reconciler(self.root, self.url)._replace(waits=waits).run()
        except (ReleaseRefused, MachineError) as fault:
            failures = [Failure("the plan", fault.message, fault.next_step)]
        if failures != self.failures:
            _tell(failures)
        self.failures, self.state = failures, None if any(one.silent for one in failures) else self._state()

    def _state(self) -> object:
        """What is wanted and what is loaded; None if that cannot be had."""
        one = reconciler(self.root, self.url)
        try:
            wants, _ = one.look()
            return [folder(version) for version in served(wants)], one.server.adapters()
        except (Unanswered, Refused, ReleaseRefused):
            return None


def fetch(root: Path) -> None:
    """Fetch the tags that others made; one that was moved is refused by Git.

    Raises:
        MachineError: Git cannot.
    """
    git(root, "fetch", "--quiet", "--tags")


def reconciler(root: Path, url: str) -> Reconciler:
    """The reconciler for the server at `url`, or the one of params.yaml."""
    return Reconciler(root, server_of(load_params(root / "params.yaml"), url), _print)


def _tell(failures: list[Failure]) -> None:
    for failure in failures:
        sys.stderr.write(f"{failure}\n")
    if not failures:
        _print("in step")


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
