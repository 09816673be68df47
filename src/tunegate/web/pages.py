"""What a page is made of: routes and static files, templates that escape all they are given, the guard around it."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from tunegate.core.errors import BusyError, TunegateError, UsageError, machine_error
from tunegate.core.files import parse_json
from tunegate.records.base import explain
from tunegate.web.guard import Guard
from tunegate.web.links import Links

OWN = Path(__file__).parent
COOKIE_SECONDS = 30 * 24 * 3600


class Page(NamedTuple):
    """One page: `folder` holds its `templates/` and `static/`; `title` stands in the browser's tab."""

    title: str
    folder: Path
    routes: Sequence[BaseRoute]


def templates(folder: Path) -> Environment:
    """The templates of a page over the shared ones. Everything put into them is escaped; a missing name is an error."""
    places = [FileSystemLoader(folder / "templates"), FileSystemLoader(OWN / "templates")]
    return Environment(loader=ChoiceLoader(places), autoescape=True, undefined=StrictUndefined)


def make_app(page: Page, links: Links, *, cookie: str, hosts: frozenset[str]) -> ASGIApp:
    """The page as an application that a server runs: its routes behind personal links and the guard."""
    notice = templates(page.folder).get_template("notice.html")

    def refused(reason: str) -> str:
        return notice.render(title=page.title, heading="No entry", words=reason, onward=False)

    def enter(request: Request) -> Response:
        secret = request.path_params["secret"]
        name = links.name_of(secret)
        if name is None:
            return HTMLResponse(refused("This link is not valid. Ask whoever started the page for yours."), 403)
        # A page that goes on by itself, no redirect: browsers withhold a strict cookie in a redirect from another site.
        words = {"heading": f"Welcome, {name}", "words": "The page opens.", "onward": True}
        answer = HTMLResponse(notice.render(title=page.title, **words))
        answer.set_cookie(cookie, secret, max_age=COOKIE_SECONDS, httponly=True, samesite="strict")
        return answer

    routes = [
        *page.routes,
        Route("/enter/{secret}", enter),
        Mount("/static/web", StaticFiles(directory=OWN / "static")),
        Mount("/static/page", StaticFiles(directory=page.folder / "static")),
    ]
    handlers = {TunegateError: _say, OSError: _say_machine}
    inside = Starlette(routes=routes, exception_handlers=handlers)
    return Guard(inside, links=links, cookie=cookie, hosts=hosts, refused=refused)


def _say(request: Request, fault: Exception) -> Response:
    del request
    assert isinstance(fault, TunegateError)  # noqa: S101 - tells the type checker what the table above says
    status = 503 if isinstance(fault, BusyError) else 500
    return JSONResponse({"error": fault.message, "next": fault.next_step}, status)


def _say_machine(request: Request, fault: Exception) -> Response:
    assert isinstance(fault, OSError)  # noqa: S101 - as above
    return _say(request, machine_error(fault))


def posted(kind: type[Any], answer: Callable[[str, Any], Response]) -> Callable[[Request], Awaitable[Response]]:
    """A handler that takes a JSON body of `kind`; the work, which waits for the disk, runs in a thread."""

    async def handle(request: Request) -> Response:
        try:
            asked = kind.model_validate(parse_json((await request.body()).decode("utf-8")))
        except ValidationError as fault:
            return JSONResponse({"error": explain(fault)}, 400)
        except ValueError as fault:
            return JSONResponse({"error": f"not JSON: {fault}"}, 400)
        try:
            return await run_in_threadpool(answer, request.state.name, asked)
        except UsageError as fault:
            return JSONResponse({"error": fault.message}, 400)

    return handle
