"""Asks a model behind a server: one POST, paced, tried again, each try written into a ledger.

Each try passes the pace and the ledger, which is why retries are ours and not a library's (docs/decisions/0011).
"""

import asyncio
import json
import random
from types import TracebackType
from typing import Any, NamedTuple, Protocol, Self

import httpx

from tunegate import __version__
from tunegate.core.errors import ModelError, TunegateError
from tunegate.endpoint.pace import Pace
from tunegate.endpoint.protocol import OPTIONAL, Again, Place, Refusal, understand
from tunegate.endpoint.request import Reply, Request, Tokens, worst_case

LARGEST = 16 << 20  # bytes of an answer


class Patience(NamedTuple):
    """How long to try. Times in seconds; the time of one try grows with the answer: 5 tokens a second is slow.

    `billed_tries`: how often a request may end in a way that may have been paid for (a timeout, an answer cut off).
    """

    tries: int = 5
    billed_tries: int = 2
    first_wait: float = 1.0
    longest_wait: float = 300.0
    connect: float = 10.0
    answer: float = 60.0
    per_token: float = 0.2


class GaveUp(Exception):  # noqa: N818 - not an error of the whole: the run goes on without this request
    """One request came to nothing."""


class Target(NamedTuple):
    """Which endpoint, and how it may be asked. `max_tokens`: of the longest answer, which decides how long to wait."""

    url: str
    place: Place
    max_tokens: int
    concurrency: int = 4
    requests_per_minute: int | None = None


class Ledger(Protocol):
    """Writes tries down, and says when no further one may be sent."""

    def send(self, request: str, worst: Tokens) -> int:
        """A try is sent; returns its number."""
        ...

    def settle(self, number: int, request: str, tokens: Tokens | None, *, billed: bool = True) -> None:
        """A try ended; `tokens` is the endpoint's count."""
        ...

    def exceeded(self) -> bool:
        """Whether no further try may be sent."""
        ...


class Unlimited:
    """A ledger that keeps nothing: where nothing is paid for, or nobody set a cap."""

    def send(self, request: str, worst: Tokens) -> int:
        """Nothing to keep."""
        del request, worst
        return 0

    def settle(self, number: int, request: str, tokens: Tokens | None, *, billed: bool = True) -> None:
        """Nothing to keep."""

    def exceeded(self) -> bool:
        """No cap."""
        return False


class Client:
    """The endpoint. Use it as an async context."""

    def __init__(self, target: Target, key: str | None, ledger: Ledger, patience: Patience) -> None:
        """`key` goes into one header and nowhere else."""
        self._url = target.url.rstrip("/") + "/chat/completions"
        self._where = target.place
        self._key, self._ledger, self._patience = key, ledger, patience
        self._pace = Pace(target.requests_per_minute)
        self._seconds = patience.answer + patience.per_token * target.max_tokens
        self._answered = False
        self.refused: set[str] = set()
        self.retries = 0
        headers = {"User-Agent": f"tunegate/{__version__}"}
        if key:
            headers["Authorization"] = f"Bearer {key}"
        timeout = httpx.Timeout(self._seconds, connect=patience.connect)
        limits = httpx.Limits(max_connections=target.concurrency)
        self._client = httpx.AsyncClient(headers=headers, timeout=timeout, limits=limits)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    @staticmethod
    def worst(request: Request) -> Tokens:
        """The most tokens that one try can use."""
        return worst_case(request.messages, int(str(request.sampling["max_tokens"])), request.form)

    async def ask(self, request: Request) -> Reply:
        """Ask until there is a reply.

        Raises:
            GaveUp: the endpoint refuses this request, or the last try failed too.
            ModelError: the endpoint cannot be reached, or refuses every request.
        """
        billed = 0
        for attempt in range(1, self._patience.tries + 1):
            outcome = await self._narrowed(request)
            if isinstance(outcome, Reply):
                return outcome
            billed += outcome.billed
            if attempt == self._patience.tries or billed == self._patience.billed_tries:
                raise GaveUp(f"{outcome.reason} ({attempt} tries)")
            if self._ledger.exceeded():
                raise GaveUp(f"{outcome.reason}; another try could exceed max_cost")
            self.retries += 1
            await self._wait(outcome, attempt)
        raise AssertionError  # the last attempt returned or raised

    async def _narrowed(self, request: Request) -> Reply | Again:
        """One try; again at once without what the endpoint does not take. What worked holds for later requests."""
        refused, first = set(self.refused), ""
        while isinstance(outcome := await self._try(request, refused), Refusal):
            first = first or outcome.reason
            name = outcome.parameter if outcome.parameter not in refused else None
            if name is None and request.form and "response_format" not in refused:
                name = "response_format"
            if name is None:
                raise GaveUp(first)
            refused.add(name)
        if isinstance(outcome, Reply):
            self.refused |= refused
        return outcome

    async def _try(self, request: Request, refused: set[str]) -> Reply | Again | Refusal:
        await self._pace.turn()
        sent = parameters(request, refused)
        number = self._ledger.send(request.key, self.worst(request))
        try:
            outcome = await self._post({"model": request.model, "messages": list(request.messages), **sent})
        except TunegateError:
            self._ledger.settle(number, request.key, None, billed=False)
            raise
        if isinstance(outcome, Reply):
            self._answered = True
            self._ledger.settle(number, request.key, outcome.tokens)
            kind = "json_schema" if "response_format" in sent else None
            plain = {name: value for name, value in sent.items() if name != "response_format"}
            return outcome.model_copy(update={"sent": {**plain, **({"response_format": kind} if kind else {})}})
        billed = isinstance(outcome, Again) and outcome.billed
        self._ledger.settle(number, request.key, None, billed=billed)
        return outcome

    async def _post(self, body: dict[str, Any]) -> Reply | Again | Refusal:
        content = json.dumps(body, ensure_ascii=False).encode("utf-8")  # in order: the schema's order is the answer's
        headers = {"Content-Type": "application/json"}
        try:
            async with (
                asyncio.timeout(self._seconds),
                self._client.stream("POST", self._url, content=content, headers=headers) as answer,
            ):
                found = bytearray()
                async for part in answer.aiter_bytes():
                    found += part
                    if len(found) > LARGEST:
                        return Again(f"an answer of more than {LARGEST >> 20} MB", billed=True)
                body_bytes = self._without_key(bytes(found))
                return understand(answer.status_code, answer.headers, body_bytes, self._where)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol) as error:
            return self._unreachable(error)
        except (TimeoutError, httpx.TimeoutException):
            return Again(f"no answer in {self._seconds:.0f} s", billed=True)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Again(f"{type(error).__name__}: {error}", billed=True)

    def _without_key(self, body: bytes) -> bytes:
        """The body, should the endpoint repeat the key in it: nothing of ours is to hold it."""
        return body.replace(self._key.encode("ascii"), b"***") if self._key else body

    def _unreachable(self, error: Exception) -> Again:
        """A host that never answered is most likely a wrong address: no use in waiting."""
        reason = f"cannot reach the endpoint: {str(error) or type(error).__name__}"
        if not self._answered:
            raise ModelError(
                f"{self._where.name}: {reason}",
                next_step=f"check {self._where.url_key} in params.yaml, the network, and the server",
            )
        return Again(reason)

    async def _wait(self, outcome: Again, attempt: int) -> None:
        """Wait as the endpoint asks, or ever longer; all requests wait with this one where it asks."""
        if outcome.wait is not None and outcome.wait > self._patience.longest_wait:
            raise ModelError(
                f"{self._where.name}: {outcome.reason}; it asks to wait {outcome.wait:.0f} s",
                next_step="run the same command again then; nothing that was answered is asked twice",
            )
        longer = min(self._patience.first_wait * 2 ** (attempt - 1), self._patience.longest_wait)
        seconds = outcome.wait if outcome.wait is not None else longer * random.uniform(0.75, 1.25)  # noqa: S311
        if outcome.wait is not None:
            self._pace.pause(seconds)
        await asyncio.sleep(seconds)


def parameters(request: Request, refused: set[str]) -> dict[str, Any]:
    """The sampling parameters and the response format, without what the endpoint refused or under the other name."""
    wanted = {**request.sampling, **({"response_format": request.form} if request.form else {})}
    kept = {name: value for name, value in wanted.items() if name not in refused}
    renamed = {OPTIONAL[name]: wanted[name] for name in refused if name in wanted and OPTIONAL[name]}
    return {**kept, **{str(name): value for name, value in renamed.items()}}
