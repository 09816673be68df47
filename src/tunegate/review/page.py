"""The page's answers: which row, what of an edit is wrong, a decision recorded."""

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from tunegate.records.review_queue import QueuedRow
from tunegate.review.board import FILTERS, Board, View, Word
from tunegate.review.edits import Fault, Rules, edited
from tunegate.review.shown import changes, shown_row
from tunegate.web.pages import Page, posted, templates

FOLDER = Path(__file__).parent
FOUND_LIMIT = 30
REASON_LENGTH = 2000
UNCHANGED = Fault("", "Nothing was changed. To keep the row as it is, approve it.")
MOVED = "This row is not where it was: the server was started on newer data. Load the page again."


class Asked(BaseModel):
    """The body of a request about one row: its `number`, and its `id` and `content` so that no other row is hit."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: int
    id: str
    content: str
    texts: dict[str, str] = {}
    label: bool | None = None


class Said(Asked):
    """A reviewer's word on a row, see `board.Word`."""

    version: int
    verdict: Literal["approved", "edited", "rejected", "withdrawn"]
    reason: str = Field(default="", max_length=REASON_LENGTH)


class ReviewPage:
    """The routes of one adapter's review."""

    def __init__(self, key: str, board: Board, rules: Rules, reviewers: tuple[str, ...]) -> None:
        """`reviewers`: all who have a link, so that those who have decided nothing yet are shown, too."""
        self.key, self.board, self.rules, self.reviewers = key, board, rules, reviewers
        self._shell = templates(FOLDER).get_template("review.html")

    def page(self) -> Page:
        """What `web.pages.make_app` takes."""
        routes = [
            Route("/", self.shell),
            Route("/api/state", self.state),
            Route("/api/row", self.row),
            Route("/api/step", self.step),
            Route("/api/search", self.search),
            Route("/api/check", posted(Asked, self.check), methods=["POST"]),
            Route("/api/decide", posted(Said, self.decide), methods=["POST"]),
        ]
        return Page(f"{self.key}: review", FOLDER, routes)

    def shell(self, request: Request) -> Response:
        """The page itself; the rows come through the routes below."""
        return HTMLResponse(self._shell.render(title=f"{self.key}: review", key=self.key, name=request.state.name))

    def state(self, request: Request) -> Response:
        """How far all are; with `number`, renews the reviewer's lease and says what became of that row."""
        number = _number(request, "number", -1)
        here = self._here(request.state.name, number) if 0 <= number < len(self.board.queue) else None
        return JSONResponse({**self._progress(request.state.name), "here": here})

    def row(self, request: Request) -> Response:
        """One row, by `number` or by `id`."""
        wanted = request.query_params.get("id")
        if wanted is None:
            number = _number(request, "number", -1)
        else:
            number = next((n for n, entry in enumerate(self.board.queue.entries) if entry.id == wanted), -1)
        if not 0 <= number < len(self.board.queue):
            return JSONResponse({"error": "There is no such row."}, 404)
        return JSONResponse(self._answer(request.state.name, number))

    def step(self, request: Request) -> Response:
        """The next row of a view, from the row `from` on; `row` is null where there is none."""
        asked = request.query_params.get("filter", "pending")
        chosen = next((name for name in FILTERS if name == asked), None)
        by = _number(request, "by", 1)
        if chosen is None or by not in {1, -1}:
            return JSONResponse({"error": f"filter must be one of {', '.join(FILTERS)}; by 1 or -1"}, 400)
        view = View(chosen, request.query_params.get("query", ""))
        number = self.board.step(request.state.name, _number(request, "from", -1), by, view)
        if number is None:
            return JSONResponse({**self._progress(request.state.name), "row": None})
        return JSONResponse(self._answer(request.state.name, number))

    def search(self, request: Request) -> Response:
        """Rows that hold `query`."""
        found = self.board.search(request.query_params.get("query", ""), FOUND_LIMIT)
        rows = [{"number": number, "text": text, "state": self.board.state(number)} for number, text in found]
        return JSONResponse({"found": rows, "limit": FOUND_LIMIT})

    def check(self, name: str, asked: Asked) -> Response:
        """What an edit changes, and what is wrong with it; nothing is recorded."""
        del name
        row = self._row(asked)
        if row is None:
            return JSONResponse({"error": MOVED}, 409)
        after = edited(row.kind, row.row, asked.texts, asked.label)
        faults = [fault._asdict() for fault in self.rules.faults(row.kind, after)]
        return JSONResponse({"faults": faults, "changes": changes(row.kind, row.row, after)})

    def decide(self, name: str, said: Said) -> Response:
        """Record a decision. 409: somebody was faster, or the row is another one; 422: the edit is faulty."""
        row = self._row(said)
        if row is None:
            return JSONResponse({"error": MOVED}, 409)
        after = edited(row.kind, row.row, said.texts, said.label) if said.verdict == "edited" else None
        if after is not None:
            faults = self.rules.faults(row.kind, after) or ([UNCHANGED] if after == row.row else [])
            if faults:
                return JSONResponse({"faults": [fault._asdict() for fault in faults]}, 422)
        recorded = self.board.decide(name, Word(said.number, said.version, said.verdict, said.reason.strip(), after))
        answer = self._answer(name, said.number)
        return JSONResponse({**answer, "recorded": recorded}, 200 if recorded else 409)

    def _row(self, asked: Asked) -> QueuedRow | None:
        if self.board.queue.places.get((asked.id, asked.content)) != asked.number:
            return None
        return self.board.queue.read(asked.number)

    def _answer(self, name: str, number: int) -> dict[str, Any]:
        holder = self.board.look(name, number)
        row = shown_row(self.board.queue.read(number), number, self.board.past(number))
        return {**self._progress(name), "row": {**row, "holder": holder}}

    def _here(self, name: str, number: int) -> dict[str, Any]:
        holder = self.board.look(name, number)
        return {"version": len(self.board.past(number)), "holder": holder}

    def _progress(self, name: str) -> dict[str, Any]:
        progress, undo = self.board.progress(), self.board.undo_target(name)
        entry = self.board.queue.entries[undo[0]] if undo else None
        return {
            "total": len(self.board.queue),
            "states": progress.states,
            "reviewers": dict.fromkeys(self.reviewers, 0) | progress.by_reviewer,
            "held": self.board.held(name),
            "undo": {"number": undo[0], "version": undo[1], "id": entry.id, "content": entry.content}
            if undo and entry
            else None,
        }


def _number(request: Request, name: str, otherwise: int) -> int:
    text = request.query_params.get(name, "")
    return (
        int(text)
        if text.removeprefix("-").isascii() and text.removeprefix("-").isdigit() and len(text) < 12
        else otherwise
    )
