"""The servers of full fine-tunes: each has its own, which no API can start; here is asked whether they run."""

from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

from tunegate.core.settings import Params
from tunegate.records.released import Released
from tunegate.serve.plan import Wanted, whole
from tunegate.vllm.server import Refused, Server, Unanswered


class Own(NamedTuple):
    """A full fine-tune that is wanted, where its server should answer, and whether it does."""

    version: Released
    url: str
    runs: bool

    @property
    def next_step(self) -> str:
        """How to start it."""
        return f"`tunegate serve fetch`, then `tunegate serve up --model {self.version.name}`"


def own_servers(wants: list[Wanted], params: Params, beside: Server) -> list[Own]:
    """Ask each; they stand on the machine of the adapters' server `beside`, at the ports after its own."""
    return [Own(version, url, _runs(url, version, beside)) for version, url in _places(wants, params, beside)]


def _places(wants: list[Wanted], params: Params, beside: Server) -> Iterator[tuple[Released, str]]:
    there = urlsplit(beside.url)
    host = f"[{there.hostname}]" if ":" in (there.hostname or "") else there.hostname
    for at, version in enumerate(whole(wants), 1):
        yield version, f"{there.scheme}://{host}:{(there.port or params.serve.port) + at}"


def _runs(url: str, version: Released, beside: Server) -> bool:
    try:
        return version.name in beside._replace(url=url).models()
    except (Unanswered, Refused):
        return False
