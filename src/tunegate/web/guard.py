"""The guard around a page: who may ask, from where, and what every answer tells the browser.

A page on this machine can be reached by any site that the reviewer has open. So: the Host header must be ours (against
DNS rebinding), a request that changes something must come from our own page (Origin, JSON body, SameSite cookie), and
every answer forbids foreign script, framing, sniffing and caching.
"""

from collections.abc import Callable, Mapping
from http.cookies import CookieError, SimpleCookie
from typing import NamedTuple

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tunegate.web.links import Links

BODY_LIMIT = 8 << 20  # a long row with every turn edited, and room
SAFE = frozenset({"GET", "HEAD"})
OPEN = ("/enter/", "/static/")  # paths that need no cookie: they give it, or say nothing of the data

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",  # the address of a personal link is a secret
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Refusal(NamedTuple):
    """Why a request is not served: the HTTP status, and words for a person."""

    status: int
    reason: str


def refusal(method: str, headers: Mapping[str, str], hosts: frozenset[str]) -> Refusal | None:
    """Whether a request may not be served, whoever sends it. `hosts` are our names, lower case, without port."""
    if host_name(headers.get("host", "")) not in hosts:
        return Refusal(421, "This page does not go by that name. Use the link that the server printed.")
    if method in SAFE:
        return None
    if method != "POST":
        return Refusal(405, "Only GET and POST.")
    return _foreign(headers) or _body(headers)


def _foreign(headers: Mapping[str, str]) -> Refusal | None:
    same_origin = headers.get("origin", "").partition("://")[2].lower() == headers.get("host", "").lower()
    if not same_origin or headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return Refusal(403, "The request does not come from this page.")
    return None


def _body(headers: Mapping[str, str]) -> Refusal | None:
    if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return Refusal(415, "The body must be JSON.")
    length = headers.get("content-length", "")
    if not (length.isascii() and length.isdigit()):
        return Refusal(411, "The length of the body is missing.")
    if len(length) > len(str(BODY_LIMIT)) or int(length) > BODY_LIMIT:
        return Refusal(413, f"More than {BODY_LIMIT >> 20} MiB.")
    return None


def host_name(host: str) -> str:
    """The name in a Host header, lower case, without port; an IPv6 address keeps its brackets."""
    if host.startswith("["):
        address, _, port = host.partition("]")
        return f"{address}]".lower() if port[:1] in {"", ":"} else host
    return host.partition(":")[0].lower()


class Guard:
    """An ASGI application around another one. `request.state.name` is then the reviewer."""

    def __init__(
        self, app: ASGIApp, *, links: Links, cookie: str, hosts: frozenset[str], refused: Callable[[str], str]
    ) -> None:
        """`cookie`: its name; `hosts`: as in `refusal`; `refused`: the page that tells a person why."""
        self.app, self.links, self.cookie, self.hosts, self.refused = app, links, cookie, hosts, refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or say why not."""
        if scope["type"] != "http":
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
            await send(message)

        found = self._check(scope)
        if found is not None:
            await self._refuse(scope, found)(scope, receive, send_guarded)
            return
        await self.app(scope, receive, send_guarded)

    def _refuse(self, scope: Scope, why: Refusal) -> Response:
        if scope["path"].startswith("/api/"):
            return JSONResponse({"error": why.reason}, why.status)
        return HTMLResponse(self.refused(why.reason), why.status)

    def _check(self, scope: Scope) -> Refusal | None:
        headers = Headers(scope=scope)
        if len(headers.getlist("host")) > 1:
            return Refusal(400, "Two Host headers.")
        if found := refusal(scope["method"], headers, self.hosts):
            return found
        name = self.links.name_of(_cookie(headers.get("cookie", ""), self.cookie))
        if name is None and not scope["path"].startswith(OPEN):
            return Refusal(401, "Open your personal link. The server printed one for each reviewer when it started.")
        scope.setdefault("state", {})["name"] = name
        return None


def _cookie(header: str, name: str) -> str:
    try:
        found = SimpleCookie(header).get(name)
    except CookieError:
        return ""
    return found.value if found else ""
