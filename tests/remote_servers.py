"""Real servers for DVC remotes on this machine: rclone's S3 server, and OpenSSH's sshd on a port of its own."""

import getpass
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

KEY, SECRET = "tunegate-test", "not-a-secret-of-anybody"
SSHD = "/usr/sbin/sshd"  # it wants to be called by its whole path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Until something listens there."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        assert process.poll() is None, f"it ended with {process.returncode}"
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    message = f"nothing listens at {port}"
    raise TimeoutError(message)


@contextmanager
def running(command: list[str], port: int, log: Path) -> Iterator[None]:
    """A server, until the end of `with`."""
    with log.open("ab") as stream:
        process = subprocess.Popen(command, stdout=stream, stderr=stream)
        try:
            wait_for(port, process)
            yield
        finally:
            process.terminate()
            process.wait(20)


@contextmanager
def s3_server(folder: Path, port: int) -> Iterator[str]:
    """An S3 server on a folder, with one key; its bucket is `models`. Yields its address."""
    (folder / "models").mkdir(parents=True, exist_ok=True)
    rclone = str(Path(sys.executable).parent / "rclone")
    words = [
        "serve",
        "s3",
        str(folder),
        "--addr",
        f"127.0.0.1:{port}",
        "--auth-key",
        f"{KEY},{SECRET}",
        "--vfs-cache-mode",
        "off",
    ]
    with running([rclone, "--config", os.devnull, *words], port, folder.parent / "s3.log"):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def ssh_server(folder: Path, port: int) -> Iterator[Path]:
    """Sshd with a key of its own that lets one key in. Yields that key's file."""
    folder.mkdir(mode=0o700)
    for name in ("host", "user"):
        words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
        subprocess.run(words, check=True)
    shutil.copy(folder / "user.pub", folder / "authorized")
    (folder / "authorized").chmod(0o600)
    (folder / "config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder / 'host'}\nAuthorizedKeysFile {folder / 'authorized'}\n"
        "PasswordAuthentication no\nKbdInteractiveAuthentication no\nStrictModes no\nUsePAM no\nPermitRootLogin yes\n"
        f"PidFile {folder / 'pid'}\nSubsystem sftp internal-sftp\n",
        encoding="utf-8",
    )
    Path("/run/sshd").mkdir(exist_ok=True)  # where it separates privileges
    with running([SSHD, "-D", "-e", "-f", str(folder / "config")], port, folder / "log"):
        yield folder / "user"


def user() -> str:
    return getpass.getuser()
