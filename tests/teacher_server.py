"""A teacher for tests: a real HTTP server that speaks /v1/chat/completions, and misbehaves as it is told.

It is deterministic: what it writes depends on the request alone. `server.script` says what happens to which request.
"""

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Body = dict[str, Any]
PROMPT_TOKENS, COMPLETION_TOKENS = 120, 40


@dataclass
class Action:
    """One HTTP answer. `pieces` are sent one by one, `pause` seconds apart; `drop` closes the connection instead."""

    status: int = 200
    pieces: tuple[bytes, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    pause: float = 0.0
    drop: bool = False


@dataclass
class Asked:
    """One request as it arrived."""

    body: Body
    headers: dict[str, str]
    path: str
    at: float

    @property
    def number(self) -> int:
        """The request's number, for teachers whose seed starts at 0."""
        return int(self.body["seed"])


Script = Callable[[Body, int], Action]


def rows_for(body: Body, count: int) -> list[Body]:
    """Rows that depend on the request alone, in the form of the tiny data (tests/tiny_data.py)."""
    mark = hashlib.sha256(json.dumps([body["messages"], body.get("seed")]).encode()).hexdigest()
    rows = []
    for at in range(count):
        product = ("camera", "router", "laptop", "phone")[int(mark[at], 16) % 4]
        answer = json.dumps({"product": product, "priority": "low"})
        rows.append(chat(f"Ticket {mark[:12]}, part {at}: my {product} broke.", answer))
    return rows


def chat(prompt: str, answer: str) -> Body:
    """A row as a teacher writes it."""
    return {"messages": [{"role": "user", "content": prompt}, {"role": "assistant", "content": answer}]}


def completion(content: str | None, **more: Any) -> Body:
    """The body of a chat completion; `more` are finish_reason, refusal, usage, model or system_fingerprint."""
    message = {"role": "assistant", "content": content, "refusal": more.get("refusal")}
    usage = {"prompt_tokens": PROMPT_TOKENS, "completion_tokens": COMPLETION_TOKENS}
    return {
        "id": "x",
        "object": "chat.completion",
        "model": more.get("model", "teacher"),
        "system_fingerprint": more.get("system_fingerprint"),
        "choices": [{"index": 0, "message": message, "finish_reason": more.get("finish_reason", "stop")}],
        "usage": more.get("usage", usage),
    }


def says(content: str | None, **more: Any) -> Action:
    """Answer with a chat completion."""
    return Action(pieces=(json.dumps(completion(content, **more)).encode(),))


def rows(found: list[Body], **more: Any) -> Action:
    """Answer with these rows."""
    return says(json.dumps({"rows": found}), **more)


def fails(status: int, message: str = "no", *, headers: dict[str, str] | None = None, **more: Any) -> Action:
    """Answer with an error of the usual form."""
    body = json.dumps({"error": {"message": message, "type": "error", **more}}).encode()
    return Action(status=status, pieces=(body,), headers=headers or {})


def good(body: Body, _number: int) -> Action:
    """Four good rows."""
    return rows(rows_for(body, 4))


class TeacherServer(ThreadingHTTPServer):
    """The server: `asked` holds what arrived, in order; the script gets the body and how many arrived before."""

    daemon_threads = True

    def __init__(self, script: Script) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.script = script
        self.asked: list[Asked] = []
        self.most_at_once = self._now = 0
        self._guard = threading.Lock()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def take(self, asked: Asked) -> Action:
        with self._guard:
            number = len(self.asked)
            self.asked.append(asked)
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
        action = self.script(asked.body, number)
        time.sleep(action.delay)
        with self._guard:
            self._now -= 1
        return action

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed is part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    server: TeacherServer
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        headers = {name.lower(): value for name, value in self.headers.items()}
        action = self.server.take(Asked(body, headers, self.path, time.monotonic()))
        if action.drop:
            self.close_connection = True
            return
        self.send_response(action.status)
        for name, value in {"Content-Type": "application/json", **action.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(sum(map(len, action.pieces))))
        self.end_headers()
        for piece in action.pieces:
            self.wfile.write(piece)
            self.wfile.flush()
            time.sleep(action.pause)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


@contextmanager
def serving(script: Script = good) -> Iterator[TeacherServer]:
    """A running server."""
    server = TeacherServer(script)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
