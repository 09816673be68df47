"""A local HTTP server that keeps adapters as vLLM does: listing, loading, unloading, its errors, and its bad days.

Answers and status codes are those of vLLM 0.32's entrypoints/openai/models/serving.py: 400 for a name that is loaded,
404 for one that is not, 404 for a folder without an adapter, 500 for an adapter that the engine cannot take.
"""

import json
import threading
import time
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


class VllmServer:
    """The server. `bad`: what the next load or unload requests meet ("500", "slow", "drop", "restart"), in turn."""

    def __init__(self, root: Path, *, updates: bool = True, port: int = 0) -> None:
        self.root, self.updates = root, updates
        self.loaded: dict[str, str] = {}
        self.static: dict[str, str] = {}
        self.bad: deque[str] = deque()
        self.calls: list[tuple[str, str]] = []
        self.max_rank = 16
        self._server = self._start(port)
        self.port = self._server.server_address[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _start(self, port: int) -> ThreadingHTTPServer:
        owner = self

        class Handler(_Handler):
            vllm = owner

        server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return server

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def start_again(self) -> None:
        """Up again at the same port, with what its file names and nothing else."""
        self.loaded = dict(self.static)
        self._server = self._start(self.port)

    def load(self, name: str, path: str) -> tuple[int, str]:
        if name in self.loaded:
            return (
                400,
                f"The lora adapter '{name}' has already been loaded. If you want to load the adapter in place, ...",
            )
        config = self.root / path / "adapter_config.json"
        if not config.is_file():
            return 404, f"The lora adapter '{name}' does not exist: No adapter found for {path}"
        rank = json.loads(config.read_text(encoding="utf-8"))["r"]
        if rank > self.max_rank:
            return 500, f"LoRA rank {rank} is greater than max_lora_rank {self.max_rank}."
        self.loaded[name] = path
        return 200, f"Success: LoRA adapter '{name}' added successfully."

    def unload(self, name: str) -> tuple[int, str]:
        if self.loaded.pop(name, None) is None:
            return 404, f"The lora adapter '{name}' cannot be found."
        return 200, f"Success: LoRA adapter '{name}' removed successfully."


class _Handler(BaseHTTPRequestHandler):
    vllm: VllmServer

    def do_GET(self) -> None:
        cards: list[dict[str, Any]] = [{"id": "base", "root": "examples/support/base", "parent": None}]
        cards += [{"id": name, "root": path, "parent": "base"} for name, path in self.vllm.loaded.items()]
        self._answer(200, json.dumps({"object": "list", "data": cards}))

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not self.vllm.updates:
            self._answer(404, json.dumps({"detail": "Not Found"}))
            return
        self.vllm.calls.append((self.path.removeprefix("/v1/"), body["lora_name"]))
        bad = self.vllm.bad.popleft() if self.vllm.bad else ""
        if bad == "500":
            self._error(500, "engine is busy dying")
            return
        if bad == "drop":
            self.close_connection = True
            return
        code, said = (
            self.vllm.load(body["lora_name"], body["lora_path"])
            if self.path == "/v1/load_lora_adapter"
            else self.vllm.unload(body["lora_name"])
        )
        if bad == "slow":
            time.sleep(0.5)
        if bad == "restart":
            self.vllm.loaded = dict(self.vllm.static)
        self._answer(200, said) if code == 200 else self._error(code, said)

    def _error(self, code: int, said: str) -> None:
        self._answer(code, json.dumps({"error": {"message": said, "type": "x", "param": None, "code": code}}))

    def _answer(self, code: int, text: str) -> None:
        content = text.encode()
        try:
            self.send_response(code)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 - the library's name
        del format, arguments
