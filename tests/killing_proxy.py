"""A proxy that kills in the middle of a request: it has reached the server, the answer never comes."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Self

LOAD = b"POST /v1/load_lora_adapter"


class KillingProxy:
    """Forwards bytes both ways; the first `request` is forwarded, then `kill` is called."""

    def __init__(self, port: int, kill: Callable[[], None], request: bytes = LOAD) -> None:
        self.port, self.kill, self.request, self.killed = port, kill, request, threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            with client, socket.create_connection(("127.0.0.1", self.port), timeout=60) as server:
                threading.Thread(target=self._copy, args=(client, server), daemon=True).start()
                while data := server.recv(65536):
                    client.sendall(data)
        except OSError:
            return

    def _copy(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := client.recv(65536):
                server.sendall(data)
                if self.request in data and not self.killed.is_set():
                    self.kill()
                    self.killed.set()
        # A client that is gone leaves no connection open: the server would wait for it at its end.
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
