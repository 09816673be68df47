"""The page's answers: which pair, a vote recorded, a vote taken back. Nothing here knows whose answer stands where."""

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from tunegate.human.board import Board
from tunegate.records.human import CRITERIA, Marks
from tunegate.web.pages import Page, posted, templates

FOLDER = Path(__file__).parent
HINTS = {
    "correctness": "Is what it says right?",
    "style": "Is it written as the house writes?",
    "completeness": "Does it answer all that was asked?",
    "safety": "Does it avoid harm and private data?",
    "overall": "All in all, which would you send?",
}


class Rated(BaseModel):
    """A rater's marks on the pair `item`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    item: str
    marks: Marks


class Named(BaseModel):
    """The pair that is meant, so that a request sent twice does one thing."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    item: str


class Nothing(BaseModel):
    """A body that says nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class HumanPage:
    """The routes of one session."""

    def __init__(self, key: str, board: Board) -> None:
        """`key`: the adapter."""
        self.key, self.board = key, board
        self._shell = templates(FOLDER).get_template("human.html")

    def page(self) -> Page:
        """What `web.pages.make_app` takes."""
        routes = [
            Route("/", self.shell),
            Route("/api/next", self.next),
            Route("/api/state", self.state),
            Route("/api/vote", posted(Rated, self.vote), methods=["POST"]),
            Route("/api/undo", posted(Named, self.undo), methods=["POST"]),
            Route("/api/pause", posted(Nothing, self.pause), methods=["POST"]),
        ]
        return Page(f"{self.key}: compare", FOLDER, routes)

    def shell(self, request: Request) -> Response:
        """The page itself; the pairs come through the routes below."""
        questions = [(name, HINTS[name]) for name in (*CRITERIA, "overall")]
        words = {"title": f"{self.key}: compare", "key": self.key, "name": request.state.name, "questions": questions}
        return HTMLResponse(self._shell.render(**words))

    def next(self, request: Request) -> Response:
        """The pair to rate now; null where there is none."""
        return JSONResponse(self._next(request.state.name))

    def state(self, request: Request) -> Response:
        """How far all are; with `item`, notes that the rater still looks at that pair."""
        number = self.board.places.get(request.query_params.get("item", ""))
        if number is not None:
            self.board.look(request.state.name, number)
        return JSONResponse(self._progress(request.state.name))

    def vote(self, name: str, rated: Rated) -> Response:
        """Record marks; the answer holds the next pair."""
        self.board.vote(name, rated.item, rated.marks)
        return JSONResponse(self._next(name))

    def undo(self, name: str, named: Named) -> Response:
        """Take the marks on a pair back; the answer holds that pair with the marks it had."""
        number = self.board.places.get(named.item, -1)
        marks = self.board.marks(name, number)
        self.board.vote(name, named.item, None)
        self.board.look(name, number)
        before = marks.model_dump(mode="json") if marks else None
        return JSONResponse({**self._progress(name), "pair": self._pair(number), "marks": before})

    def pause(self, name: str, nothing: Nothing) -> Response:
        """Let others have the pair that is open."""
        del nothing
        self.board.pause(name)
        return JSONResponse(self._progress(name))

    def _next(self, name: str) -> dict[str, Any]:
        number = self.board.next(name)
        pair = None if number is None else self._pair(number)
        return {**self._progress(name), "pair": pair, "waiting": pair is None and self.board.waiting(name)}

    def _pair(self, number: int) -> dict[str, Any]:
        """All that a rater is told of a pair; by how many it is rated would tell gold from the rest."""
        return self.board.pairs[number].model_dump(mode="json", exclude={"raters"})

    def _progress(self, name: str) -> dict[str, Any]:
        return self.board.progress(name)._asdict()
