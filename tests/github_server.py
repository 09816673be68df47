"""A server that behaves like GitHub's REST API, as far as a comment needs it, and misbehaves as it is told.

Pages of 100 at most with Link headers, numbers that only grow, a token that must be right, an artifact that is fetched
from another place without the token. `server.script` says what happens to which request.
"""

import io
import json
import re
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "ghs_secret"  # noqa: S105 - of the test server
REPO = "ada/desk"
BOT = "github-actions[bot]"


@dataclass(frozen=True)
class Fault:
    """What the server answers instead. `body` as JSON; `raw` is sent as it is."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    message: str = "no"
    raw: bytes | None = None


@dataclass(frozen=True)
class Asked:
    """One request as it arrived; `number` counts them from 1."""

    method: str
    path: str
    token: str
    number: int


Script = Callable[[Asked], Fault | None]


class GitHubServer(ThreadingHTTPServer):
    """The state: comments of one pull request, its files, its runs and artifacts."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.lock = threading.Lock()
        self.comments: list[dict[str, Any]] = []
        self.pulls: dict[int, dict[str, Any]] = {}
        self.files: list[str] = []
        self.runs: dict[int, dict[str, Any]] = {}
        self.artifacts: dict[int, tuple[str, bytes]] = {}
        self.asked: list[Asked] = []
        self.script: Script = lambda _: None
        self.barrier: threading.Barrier | None = None  # holds the first POSTs until all are here: two runs at once

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def comment(self, body: str, author: str = BOT) -> dict[str, Any]:
        """One more comment."""
        with self.lock:
            number = 1 + max((one["id"] for one in self.comments), default=0)
            made = {"id": number, "body": body, "user": {"login": author}, "html_url": f"{self.url}/c/{number}"}
            self.comments.append(made)
        return made

    def by(self, author: str = BOT) -> list[str]:
        """The bodies of all comments of an author."""
        return [one["body"] for one in self.comments if (one["user"] or {}).get("login") == author]

    def pull(self, number: int, sha: str, *, fork: str = REPO, branch: str = "new", state: str = "open") -> None:
        """A pull request, of a fork if `fork` is another repository."""
        head = {"sha": sha, "ref": branch, "repo": {"full_name": fork, "owner": {"login": fork.partition("/")[0]}}}
        base = {"repo": {"full_name": REPO}}
        self.pulls[number] = {"number": number, "state": state, "head": head, "base": base}

    def run(self, number: int, sha: str, *, fork: str = REPO, branch: str = "new", pulls: tuple[int, ...] = ()) -> None:
        """A finished run of the gate."""
        self.runs[number] = {
            "id": number,
            "event": "pull_request",
            "head_sha": sha,
            "head_branch": branch,
            "head_repository": {"full_name": fork, "owner": {"login": fork.partition("/")[0]}},
            "html_url": f"{self.url}/{REPO}/actions/runs/{number}",
            "conclusion": "failure",
            "pull_requests": [{"number": pull} for pull in pulls],
        }

    def artifact(self, run: int, content: str | bytes, *, name: str = "comment.md") -> None:
        """The artifact of a run: a ZIP with one member, or any bytes."""
        packed = io.BytesIO(content) if isinstance(content, bytes) else io.BytesIO()
        if isinstance(content, str):
            with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr(name, content)
        self.artifacts[run] = ("tunegate-report", packed.getvalue())


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: GitHubServer

    def do_GET(self) -> None:
        self._answer("GET")

    def do_POST(self) -> None:
        self._answer("POST")

    def do_PATCH(self) -> None:
        self._answer("PATCH")

    def do_DELETE(self) -> None:
        self._answer("DELETE")

    def log_message(self, *said: Any) -> None:
        """Quiet."""

    def _answer(self, method: str) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        token = self.headers.get("Authorization", "")
        with self.server.lock:
            asked = Asked(method, self.path, token, 1 + len(self.server.asked))
            self.server.asked.append(asked)
        if fault := self.server.script(asked):
            self._send(fault.status, {"message": fault.message}, fault.headers, raw=fault.raw)
        elif self.path.startswith("/blob/"):
            stored = self.server.artifacts[int(self.path.rpartition("/")[2])][1]
            self._send(400 if token else 200, None, {}, raw=stored)
        elif token != f"Bearer {TOKEN}":
            self._send(401, {"message": "Bad credentials"}, {})
        else:
            self._route(method, urlsplit(self.path), json.loads(content or b"null"))

    def _route(self, method: str, parts: Any, content: Any) -> None:
        path = parts.path.removeprefix(f"/repos/{REPO}")
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        lists: dict[str, Callable[[], list[dict[str, Any]]]] = {
            r"/issues/\d+/comments": lambda: list(self.server.comments),
            r"/pulls/\d+/files": lambda: [{"filename": name} for name in self.server.files],
            r"/pulls": lambda: self._heads(query),
        }
        found = next((pattern for pattern in lists if re.fullmatch(pattern, path)), None)
        if found is not None and method == "POST":
            if self.server.barrier is not None:
                self.server.barrier.wait(timeout=10)
            self._write(content, None)
        elif found is not None:
            self._pages(lists[found](), query, path)
        elif comment := re.fullmatch(r"/issues/comments/(\d+)", path):
            self._one(method, int(comment[1]), content)
        else:
            self._item(path)

    def _heads(self, query: dict[str, str]) -> list[dict[str, Any]]:
        """Pull requests of a state and of a head, OWNER:BRANCH."""
        return [
            pull
            for pull in self.server.pulls.values()
            if pull["state"] == query["state"]
            and f"{pull['head']['repo']['owner']['login']}:{pull['head']['ref']}" == query["head"]
        ]

    def _item(self, path: str) -> None:
        number = int(found[0]) if (found := re.search(r"\d+", path)) else 0
        if re.fullmatch(r"/actions/artifacts/\d+/zip", path):
            self._send(302, None, {"Location": f"{self.server.url}/blob/{number}"})
            return
        named = [{"id": run, "name": one[0], "expired": False} for run, one in self.server.artifacts.items()]
        items: dict[str, Any] = {
            f"/pulls/{number}": self.server.pulls.get(number),
            f"/actions/runs/{number}": self.server.runs.get(number),
            f"/actions/runs/{number}/artifacts": {"artifacts": [one for one in named if one["id"] == number]},
        }
        item = items.get(path)
        self._send(200 if item else 404, item or {"message": "Not Found"}, {})

    def _one(self, method: str, number: int, content: Any) -> None:
        with self.server.lock:
            known = next((one for one in self.server.comments if one["id"] == number), None)
            if known is not None and method == "DELETE":
                self.server.comments.remove(known)
        if known is None:
            self._send(404, {"message": "Not Found"}, {})
        elif method == "DELETE":
            self._send(204, None, {})
        else:
            self._write(content, known)

    def _write(self, content: Any, known: dict[str, Any] | None) -> None:
        if len(content["body"]) > 65_536:
            self._send(422, {"message": "body is too long (maximum is 65536 characters)"}, {})
        elif known is None:
            self._send(201, self.server.comment(content["body"]), {})
        else:
            known["body"] = content["body"]
            self._send(200, known, {})

    def _pages(self, items: list[dict[str, Any]], query: dict[str, str], path: str) -> None:
        """At most 100 a page, 30 where nothing is asked for, as GitHub does."""
        size, page = min(100, int(query.get("per_page", 30))), int(query.get("page", 1))
        headers = {}
        if page * size < len(items):
            rest = "&".join(f"{name}={value}" for name, value in query.items() if name != "page")
            address = f"{self.server.url}/repos/{REPO}{path}?{rest}"
            headers["Link"] = f'<{address}&page={page + 1}>; rel="next", <{address}&page=99>; rel="last"'
        self._send(200, items[(page - 1) * size : page * size], headers)

    def _send(self, status: int, content: Any, headers: dict[str, str], *, raw: bytes | None = None) -> None:
        body = raw if raw is not None else b"" if content is None else json.dumps(content).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def github_server() -> Iterator[GitHubServer]:
    """A server on a free port, in a thread."""
    server = GitHubServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
