"""GitHub's REST API with what Python brings: pages, retries, rate limits, and a token that goes to one server only."""

import http.client
import json
import os
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import Message
from typing import Any, NamedTuple, NoReturn
from urllib.parse import urljoin, urlsplit

from tunegate.core.errors import MachineError, UsageError

API = "https://api.github.com"
TOKENS = ("GITHUB_TOKEN", "GH_TOKEN")
LOCAL = ("127.0.0.1", "::1", "localhost")
ATTEMPTS = 6
PATIENCE = 300.0  # seconds to wait in all
MINUTE = 60.0  # what GitHub asks for where a limit comes without a time
TIMEOUT = 30.0
MOST_BYTES = 20 << 20
MOST_PAGES = 200
BROKEN = (500, 502, 503, 504)
LIMITED = (403, 429)
NEXT = re.compile(r'<([^>]+)>\s*;[^,]*\brel="?next"?')
FORBIDDEN = (
    "the token may not do this. On a pull request from a fork the token can only read: let the workflow comment.yml "
    "post, after the run (docs/pull-requests.md); in comment.yml the job needs `pull-requests: write`"
)


class Answer(NamedTuple):
    """One HTTP answer."""

    status: int
    headers: Message
    body: bytes


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """urllib would take the token along to wherever it is sent."""

    def redirect_request(self, *told: object) -> None:
        del told


@dataclass
class GitHub:
    """A client of one server. `sleep` and `clock` are time's, for tests that do not wait."""

    api: str
    token: str
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.time
    waited: float = 0.0

    def __post_init__(self) -> None:
        """Refuse a server to which the token would travel in the clear."""
        parts = urlsplit(self.api)
        if parts.scheme != "https" and parts.hostname not in LOCAL:
            raise UsageError(f"{self.api}: the token goes to an https server only", next_step="correct GITHUB_API_URL")

    def get(self, path: str) -> Any:
        """One resource."""
        return self._json(self._ask("GET", self._url(path)))

    def send(self, method: str, path: str, content: Any) -> Any:
        """POST or PATCH; what the server made of it."""
        return self._json(self._ask(method, self._url(path), content))

    def delete(self, path: str) -> None:
        """Delete; what is gone already is fine."""
        self._ask("DELETE", self._url(path), missing_is_fine=True)

    def pages(self, path: str, *, within: str = "") -> Iterator[Any]:
        """All items of a list, page by page; `within` is the key of the list where a page is an object."""
        url: str | None = self._url(path + ("&" if "?" in path else "?") + "per_page=100")
        for _ in range(MOST_PAGES):
            if url is None:
                return
            answer = self._ask("GET", url)
            page = self._json(answer)
            yield from page[within] if within else page
            found = NEXT.search(answer.headers.get("Link", ""))
            url = self._url(found[1]) if found else None
        raise MachineError(f"GitHub: {path} has more than {MOST_PAGES} pages", next_step="clear up old comments")

    def download(self, path: str) -> bytes:
        """A file that the API sends elsewhere for; the token stays here."""
        answer = self._ask("GET", self._url(path))
        if answer.status not in (301, 302, 303, 307, 308):
            return answer.body
        target = urljoin(self.api, answer.headers.get("Location", ""))
        if urlsplit(target).scheme != "https" and urlsplit(target).hostname not in LOCAL:
            raise MachineError("GitHub sent the download to a server without https", next_step="run it again")
        return self._ask("GET", target, signed=False).body

    def _url(self, path: str) -> str:
        """An address on this server; one that the server gives must be its own."""
        url = path if "://" in path else self.api.rstrip("/") + path
        if urlsplit(url)[:2] != urlsplit(self.api)[:2]:
            raise MachineError(f"GitHub named a page on another server: {url}", next_step="check GITHUB_API_URL")
        return url

    def _ask(
        self, method: str, url: str, content: Any = None, *, signed: bool = True, missing_is_fine: bool = False
    ) -> Answer:
        said = ""
        wait: float | None
        for attempt in range(ATTEMPTS):
            try:
                answer = self._once(method, url, content, signed=signed)
            except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError) as fault:
                said, wait = f"cannot be reached: {getattr(fault, 'reason', fault)}", 2.0**attempt
            else:
                if answer.status < 400 or (missing_is_fine and answer.status in (404, 410)):
                    return answer
                wait = self._wait(answer, attempt)
                said = f"answered {answer.status}: {_message(answer)}"
                if wait is None:
                    _refuse(f"{method} {urlsplit(url).path} {said}", answer.status)
            self._pause(wait, said)
        raise MachineError(f"GitHub {said} ({ATTEMPTS} attempts)", next_step="run it again later")

    def _once(self, method: str, url: str, content: Any, *, signed: bool) -> Answer:
        headers = {"Accept": "application/vnd.github+json", "User-Agent": "tunegate"}
        if signed:
            headers |= {"Authorization": f"Bearer {self.token}", "X-GitHub-Api-Version": "2022-11-28"}
        data = None if content is None else json.dumps(content).encode()
        if data is not None:
            headers["Content-Type"] = "application/json"
        request = urllib.request.Request(url, data=data, headers=headers, method=method)  # noqa: S310 - see _url
        opener = urllib.request.build_opener(_NoRedirect)
        try:
            with opener.open(request, timeout=TIMEOUT) as reply:
                return Answer(reply.status, reply.headers, _body(reply))
        except urllib.error.HTTPError as fault:  # any status but 2xx
            with fault:
                return Answer(fault.code, fault.headers, _body(fault))

    def _wait(self, answer: Answer, attempt: int) -> float | None:
        """Seconds until it is worth trying again; None if it is not."""
        if answer.status in BROKEN:
            return 2.0**attempt
        if answer.status not in LIMITED:
            return None
        if (after := answer.headers.get("Retry-After", "")).isdigit():
            return float(after)
        reset = answer.headers.get("X-RateLimit-Reset", "")
        if answer.headers.get("X-RateLimit-Remaining") == "0" and reset.isdigit():
            return max(1.0, float(reset) - self.clock() + 1.0)
        limited = answer.status == 429 or "rate limit" in _message(answer).lower()
        return MINUTE * 2.0**attempt if limited else None

    def _pause(self, wait: float, said: str) -> None:
        if self.waited + wait > PATIENCE:
            raise MachineError(
                f"GitHub {said}; it would take {wait:.0f} s more, and {PATIENCE:.0f} s is all that is waited",
                next_step="run the job again later",
            )
        self.waited += wait
        self.sleep(wait)

    def _json(self, answer: Answer) -> Any:
        try:
            return json.loads(answer.body or b"null")
        except ValueError:
            raise strange("not JSON") from None


def connect() -> GitHub:
    """The server and the token of the environment.

    Raises:
        UsageError: there is no token.
    """
    token = next((os.environ[name] for name in TOKENS if os.environ.get(name)), "")
    if not token:
        raise UsageError("no token: GITHUB_TOKEN is not set", next_step="env: GITHUB_TOKEN: ${{ github.token }}")
    return GitHub(os.environ.get("GITHUB_API_URL") or API, token.strip())


def strange(fault: object) -> MachineError:
    """The error where an answer is not what GitHub documents: a proxy's page, or another version of the API."""
    return MachineError(f"GitHub answered in an unknown form: {fault}", next_step="check GITHUB_API_URL; run it again")


def _body(reply: Any) -> bytes:
    body: bytes = reply.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise MachineError("GitHub sent more than 20 MB", next_step="run it again")
    return body


def _message(answer: Answer) -> str:
    """What the server says, on one line."""
    try:
        said = json.loads(answer.body)["message"]
    except (ValueError, KeyError, TypeError):
        return "no message"
    return " ".join(str(said).split())[:300]


def _refuse(said: str, status: int) -> NoReturn:
    steps = {
        401: "the token is wrong or has ended",
        403: FORBIDDEN,
        404: "check --repo and the numbers, and the rights",
    }
    raise MachineError(f"GitHub: {said}", next_step=steps.get(status, "read what GitHub says above"))
