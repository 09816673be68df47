"""A real MLflow server with a database and artifacts of its own, in an environment of its own."""

import subprocess
import time
import urllib.request
import venv
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from remote_servers import free_port

ROOT = Path(__file__).parents[1]


def install(place: Path) -> Path:
    """The Python that has MLflow."""
    venv.create(place, with_pip=True)
    python = place / "bin" / "python"
    words = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", "requirements/mlflow-server.txt"]
    subprocess.run([str(python), *words], cwd=ROOT, check=True)
    return python


@contextmanager
def mlflow_server(python: Path, place: Path) -> Iterator[str]:
    """Its address."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    store = ["--backend-store-uri", f"sqlite:///{place}/mlflow.db", "--artifacts-destination", f"{place}/files"]
    words = ["server", *store, "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    with (place / "log").open("wb") as log:
        process = subprocess.Popen([str(python), "-m", "mlflow", *words], cwd=place, stdout=log, stderr=log)
        try:
            _wait(process, url)
            yield url
        finally:
            process.terminate()
            process.wait(30)


def _wait(process: "subprocess.Popen[bytes]", url: str) -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end:
        assert process.poll() is None, f"it ended with {process.returncode}"
        with suppress(OSError), urllib.request.urlopen(f"{url}/health", timeout=5):  # noqa: S310 - ours
            return
        time.sleep(0.5)
    message = f"MLflow does not answer at {url}"
    raise TimeoutError(message)
