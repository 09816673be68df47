"""Bring a running server in step with the tags: load what is missing, send the stable names there, then unload what
nobody wants.

Nothing is taken away before everything wanted is there, and production and the production version before it are never
unloaded. Each pass looks at the server anew: a restart in between is only another difference. A version that cannot be
had ends as a `Failure` that says why and what to do.
"""

import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from tunegate.core.errors import MachineError, ReleaseRefused
from tunegate.core.params import load_params
from tunegate.records.released import Released, released
from tunegate.serve.base import on_one_base
from tunegate.serve.difference import Difference, compare
from tunegate.serve.fetch import fetch_version
from tunegate.serve.own import Own, own_servers
from tunegate.serve.plan import Wanted, folder, plan
from tunegate.serve.routes import ROUTES, alone, follow
from tunegate.vllm.server import NOT_ENABLED, Refused, Server, Troubled, Unanswered

WAITS = (1.0, 2.0, 4.0, 8.0, 16.0)  # seconds between tries
GRACE = 5.0  # seconds from the change of the routes to the unloading of what they named before
RESTART = "`tunegate serve render`, then start the server again; its log says more"
ENABLE = "set serve.runtime_updates: true in params.yaml (whoever reaches the port can load as well), or start it again"


class Failure(NamedTuple):
    """One version (or the server) that could not be brought in step. `silent`: nobody answered, which says nothing of
    what the server will say when it is up.
    """

    what: str
    reason: str
    next_step: str
    silent: bool = False

    def __str__(self) -> str:
        reason = self.reason.removeprefix(f"{self.what}: ").removeprefix(f"{self.what} ")
        return f"Failed {self.what}: {reason}\nnext: {self.next_step}"


class Reconciler(NamedTuple):
    """How it is done: where, with which server, how patiently, and who is told."""

    root: Path
    server: Server
    say: Callable[[str], None]
    waits: tuple[float, ...] = WAITS
    grace: float = GRACE
    sleep: Callable[[float], None] = time.sleep

    def look(self) -> tuple[list[Wanted], Difference]:
        """What is wanted, and how the server differs.

        Raises:
            Unanswered, Refused: the server does not say what it has.
            ReleaseRefused: nothing is released, or not for this base.
        """
        loaded = self.server.adapters()  # before the tags: what another loaded for a newer tag is then known as wanted
        wants = on_one_base(plan(self.root), load_params(self.root / "params.yaml"))
        return wants, compare(wants, released(self.root), loaded)

    def run(self) -> list[Failure]:
        """Bring the server in step; return what failed for good or after the last try.

        Raises:
            ReleaseRefused: nothing is released, or not for this base.
        """
        failed: dict[str, Failure] = {}
        trouble: list[Failure] = []
        for wait in (0.0, *self.waits):
            if wait:
                self.say(f"again in {wait:g} s: {'; '.join(one.reason for one in trouble)}")
                self.sleep(wait)
            trouble = self._pass(failed)
            if not trouble:
                break
        if trouble:
            with suppress(Unanswered, Refused):  # which is told already
                self._route()
        return [*failed.values(), *trouble, *(_not_running(one) for one in self._own() if not one.runs)]

    def _own(self) -> list[Own]:
        """The servers of full fine-tunes, which nothing here can start."""
        params = load_params(self.root / "params.yaml")
        return own_servers(on_one_base(plan(self.root), params), params, self.server)

    def _pass(self, failed: dict[str, Failure]) -> list[Failure]:
        """One look and what follows from it; return what is worth another try."""
        try:
            wants, difference = self.look()
            failed |= {version.name: _moved(version) for version in difference.other_bytes}
            missing = [version for version in difference.missing if version.name not in failed]
            trouble = [fault for version in missing if (fault := self._load(version, failed))]
            if trouble := trouble or (self._lost(failed) if missing else []):
                return trouble
            followed = self._route()
            if failed or not difference.superfluous:
                return []
            if followed and self.grace:  # whoever has just read the old routes asks for what they named
                self.say(f"{', '.join(difference.superfluous)}: unloaded in {self.grace:g} s")
                self.sleep(self.grace)
                wants, difference = self.look()  # a tag may have come meanwhile
            protected = {version.name for want in wants for version in want.versions}
            self._unload(name for name in difference.superfluous if name not in protected)
            return self._confirm(failed)
        except Unanswered as fault:
            return [Failure(self.server.url, str(fault), "is it up? `tunegate serve up`; its log says more", True)]
        except Refused as fault:
            failed[self.server.url] = Failure(self.server.url, str(fault), _way_out(fault))
            return []

    def _lost(self, failed: dict[str, Failure]) -> list[Failure]:
        """Look again: a server that went down and came up has forgotten what it was just given."""
        _, difference = self.look()
        return [_untold(version.name) for version in difference.missing if version.name not in failed]

    def _confirm(self, failed: dict[str, Failure]) -> list[Failure]:
        """Look again, also for what should be gone."""
        _, difference = self.look()
        return [*self._lost(failed), *(_untold(name) for name in difference.superfluous)]

    def _route(self) -> bool:
        """Send the stable names to what answers now: after the new is there, before the old is taken away. Whether
        that changed anything.
        """
        with alone(self.root):
            return self._route_alone()

    def _route_alone(self) -> bool:
        wants, difference = self.look()
        unready = {version.name for version in (*difference.missing, *difference.other_bytes)}
        unready |= {one.version.name for one in self._own() if not one.runs}
        followed = follow(self.root, wants, load_params(self.root / "params.yaml"), unready=frozenset(unready))
        if followed:
            self.say(f"{ROUTES.as_posix()}: stable names follow the tags")
        return followed

    def _load(self, version: Released, failed: dict[str, Failure]) -> Failure | None:
        """Verify, then load; a refusal goes to `failed`, what may pass is returned."""
        try:
            how = fetch_version(self.root, version)
            self.server.load(version.name, folder(version))
            self.say(f"{version.tag}: {how}; loaded as {version.name}")
        except ReleaseRefused as fault:
            failed[version.name] = Failure(version.tag, fault.message, fault.next_step)
        except Refused as fault:
            failed[version.name] = Failure(version.tag, str(fault), _way_out(fault))
        except MachineError as fault:
            return Failure(version.tag, fault.message, fault.next_step)
        except Unanswered as fault:
            return Failure(version.tag, str(fault), RESTART, silent=not isinstance(fault, Troubled))
        return None

    def _unload(self, names: Iterable[str]) -> None:
        for name in names:
            self.server.unload(name)
            self.say(f"{name}: unloaded, no tag wants it")


def _not_running(one: Own) -> Failure:
    return Failure(one.version.tag, f"its own server does not answer at {one.url}", one.next_step)


def _untold(name: str) -> Failure:
    return Failure(name, "the server does not show what it was just told", RESTART)


def _moved(version: Released) -> Failure:
    return Failure(
        version.tag,
        f"the server has {version.name} from other bytes than the tag names",
        "find out who moved the tag or copied files, then start the server again on a newly rendered file",
    )


def _way_out(fault: Refused) -> str:
    return ENABLE if str(fault) == NOT_ENABLED else RESTART
