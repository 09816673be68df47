"""Run a page on this machine until Ctrl-C."""

import errno
import ipaddress
import signal
import socket

from starlette.types import ASGIApp

from tunegate.core.errors import BusyError, MachineError, UsageError

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
GRACE_SECONDS = 3


class Listener:
    """A socket that listens, under the name that reviewers type."""

    def __init__(self, host: str, port: int) -> None:
        """Listen on `host` (a name or an address of this machine); `port` 0 takes a free one.

        Raises:
            UsageError: `host` is a wildcard: then no name could be told from a forged one.
            BusyError: the port is taken.
            MachineError: `host` is not of this machine.
        """
        if host in {"", "*", "0.0.0.0", "::"}:  # noqa: S104 - refused
            raise UsageError(f"--host {host!r}: name one address", next_step="give the address that reviewers type")
        family, address = _resolve(host, port)
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self.socket.bind(address)
        except OSError as fault:
            self.socket.close()
            if fault.errno == errno.EADDRINUSE:
                raise BusyError(
                    f"{host}:{port} is taken", next_step="give another --port, or 0 for a free one"
                ) from None
            raise MachineError(
                f"cannot listen on {host}:{port}: {fault.strerror}", next_step="give another --host"
            ) from None
        self.socket.listen()
        self.port: int = self.socket.getsockname()[1]
        self.base = f"http://{_bracketed(host)}:{self.port}"
        self.hosts = LOOPBACK | {_bracketed(host).lower(), _bracketed(str(address[0])).lower()}

    @property
    def local(self) -> bool:
        """Whether only this machine can reach it."""
        return ipaddress.ip_address(self.socket.getsockname()[0]).is_loopback


def _resolve(host: str, port: int) -> tuple[socket.AddressFamily, tuple[str, int]]:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as fault:
        raise MachineError(f"--host {host}: {fault.strerror}", next_step="give an address of this machine") from None
    return family, (str(address[0]), int(address[1]))


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def serve(app: ASGIApp, listener: Listener) -> None:
    """Serve until Ctrl-C or SIGTERM; answers under way are finished first."""
    import uvicorn

    config = uvicorn.Config(
        app,
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="off",
        log_level="error",
        access_log=False,  # an address may hold a secret
        server_header=False,
        proxy_headers=False,  # no proxy of ours: such headers are somebody else's words
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    previous = signal.signal(signal.SIGTERM, lambda *_: None)  # uvicorn raises it once more when it is done
    try:
        uvicorn.Server(config).run(sockets=[listener.socket])
    except KeyboardInterrupt:
        return
    finally:
        signal.signal(signal.SIGTERM, previous)
        listener.socket.close()
