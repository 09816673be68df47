"""A project with rows to review, and the real server on it, for tests."""

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tunegate.records.example import Kind
from tunegate.records.review import PLACE, Decision, content_hash, read_decisions
from tunegate.records.review_queue import QueuedRow, queue_path

REPOSITORY = Path(__file__).parents[1]
KEY = "triage"  # params.yaml gives it an answer schema
PRIORITIES = ("high", "normal", "low")
SCHEMA = {
    "type": "object",
    "required": ["intent", "priority"],
    "additionalProperties": False,
    "properties": {"intent": {"type": "string"}, "priority": {"enum": list(PRIORITIES)}},
}


def turn(role: str, content: str) -> dict[str, Any]:
    return {"role": role, "content": content}


def chat(*texts: str) -> dict[str, Any]:
    """A chat of user and assistant in turn."""
    return {"messages": [turn(("user", "assistant")[n % 2], text) for n, text in enumerate(texts)]}


def ticket(n: int) -> dict[str, Any]:
    """A ticket and its answer as JSON."""
    answer = json.dumps({"intent": f"intent_{n % 7}", "priority": PRIORITIES[n % 3]})
    return chat(f"Ticket {n}: the invoice {1000 + n} shows the wrong amount.", answer)


def queued(
    name: str,
    row: dict[str, Any],
    *,
    kind: Kind = "chat",
    synthetic: bool = False,
    sampled: bool = True,
    flags: tuple[str, ...] = (),
    file: str = "train/tickets.jsonl",
    line: int = 1,
) -> QueuedRow:
    content = content_hash(row["messages"] if kind == "chat" else row)
    return QueuedRow(
        id=name,
        content=content,
        split="train",
        file=file,
        line=line,
        kind=kind,
        synthetic=synthetic,
        sampled=sampled and not synthetic,
        row=row,
        flags=flags,
    )


def tickets(count: int) -> list[QueuedRow]:
    return [queued(f"t-{n}", ticket(n), line=n + 1) for n in range(count)]


def make_project(root: Path, rows: Iterable[QueuedRow], key: str = KEY) -> Path:
    """A project whose adapter `key` has these rows in its queue; return its root."""
    (root / "datasets" / key).mkdir(parents=True, exist_ok=True)
    (root / "datasets" / key / "schema.json").write_text(json.dumps(SCHEMA), encoding="utf-8")
    shutil.copy(REPOSITORY / "params.yaml", root / "params.yaml")
    path = queue_path(root, key)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(row.to_line() for row in rows), encoding="utf-8")
    return root


def decisions(root: Path, key: str = KEY) -> tuple[Decision, ...]:
    """What is on disk."""
    return read_decisions(root / "datasets" / key / PLACE)


def tunegate(root: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run the real command in the project."""
    command = [sys.executable, "-m", "tunegate.cli", *words]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


class Answer(NamedTuple):
    """What the server said."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


class Server:
    """`tunegate review serve` as a process of its own."""

    def __init__(self, root: Path, *options: str, port: int = 0, reviewers: Sequence[str] = ("Ann", "Ben")) -> None:
        names = [word for name in reviewers for word in ("--reviewer", name)]
        command = [sys.executable, "-m", "tunegate.cli", "review", "serve", KEY, "--port", str(port), *names, *options]
        self.root = root
        self.process = subprocess.Popen(
            command,
            cwd=root,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
        )
        assert self.process.stdout is not None
        self.said = ""
        for line in self.process.stdout:
            self.said += line
            if "Ctrl-C" in line:
                break
        self.links = dict(re.findall(r"^(.+?): (http://\S+)$", self.said, re.MULTILINE))
        self.port = int(re.findall(r"http://[^/]+:(\d+)/", self.said)[0]) if self.links else 0

    def kill(self) -> None:
        """As the power does it."""
        self.process.kill()
        self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()

    def stop(self) -> str:
        """Ctrl-C; return what it said at the end."""
        self.process.send_signal(signal.SIGINT)
        said, _ = self.process.communicate(timeout=20)
        return said

    def ask(
        self, method: str, path: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """One request, just as given."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request(method, path, body, dict(headers or {}))
        answer = connection.getresponse()
        found = Answer(
            answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode()
        )
        connection.close()
        return found

    def reviewer(self, name: str) -> "Reviewer":
        """A reviewer who came in by the personal link."""
        path = "/" + self.links[name].split("/", 3)[3]
        cookie = self.ask("GET", path).headers["set-cookie"].partition(";")[0]
        return Reviewer(self, cookie)


class Reviewer:
    """What the page does for a reviewer, without a browser."""

    def __init__(self, server: Server, cookie: str) -> None:
        self.server, self.cookie = server, cookie

    def get(self, path: str) -> Answer:
        return self.server.ask("GET", path, headers={"Cookie": self.cookie})

    def next(self, start: int = -1) -> Any:
        """The next row to review."""
        return self.get(f"/api/step?from={start}&filter=pending").json["row"]

    def post(self, path: str, content: Any, **headers: str) -> Answer:
        origin = f"http://127.0.0.1:{self.server.port}"
        sent = {"Cookie": self.cookie, "Origin": origin, "Content-Type": "application/json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.server.ask("POST", path, body=json.dumps(content).encode(), headers=sent)

    def decide(self, row: Mapping[str, Any], verdict: str, **more: Any) -> Answer:
        named = {name: row[name] for name in ("number", "id", "content", "version")}
        return self.post("/api/decide", {**named, "verdict": verdict, **more})
