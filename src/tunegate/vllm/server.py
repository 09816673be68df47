"""A running vLLM server over HTTP: list, load and unload adapters, and plain requests.

https://docs.vllm.ai/en/stable/features/lora.html (load_lora_adapter, unload_lora_adapter); /v1/models names the path of
an adapter as `root`, and of an adapter's base as `parent`.
"""

import http.client
import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, NamedTuple

from tunegate.core.errors import ReleaseRefused
from tunegate.core.settings import Params

LIST_SECONDS = 10.0
LOAD_SECONDS = 120.0
ANSWER_SECONDS = 300.0
NOT_ENABLED = "the server does not load adapters while it runs"


class Unanswered(Exception):  # noqa: N818 - it says what happened
    """No answer, or one that says that the server is in trouble: worth another try."""


class Troubled(Unanswered):
    """It answered with an error of its own (HTTP 5xx, or 429): vLLM does, to an adapter that its engine cannot take."""


class Refused(Exception):  # noqa: N818 - it says what happened
    """The server understood and says no: the same request will be refused again."""


class Server(NamedTuple):
    """Where a server answers, and how many seconds it is given."""

    url: str
    list_seconds: float = LIST_SECONDS
    load_seconds: float = LOAD_SECONDS

    def adapters(self) -> dict[str, str]:
        """Name and path of every adapter that is loaded.

        Raises:
            Unanswered: no answer, or none that lists models.
            Refused: the server does not list models to us.
        """
        return {name: root for name, (root, parent) in self._models().items() if parent}

    def models(self) -> set[str]:
        """Names of all that it serves, adapters or not.

        Raises:
            Unanswered, Refused: as `adapters`.
        """
        return set(self._models())

    def _models(self) -> dict[str, tuple[str, bool]]:
        answer = self._ask("/v1/models", None, self.list_seconds)
        try:
            models = json.loads(answer)["data"]
            return {str(model["id"]): (str(model["root"]), bool(model.get("parent"))) for model in models}
        except (ValueError, KeyError, TypeError, AttributeError):
            raise Unanswered(f"{self.url}/v1/models does not list models: {answer[:80]!r}") from None

    def load(self, name: str, path: Path) -> None:
        """Load an adapter; one of that name is there already: nothing to do (the next listing says from where).

        Raises:
            Unanswered: no answer in time (it may have been loaded all the same), or an error of the server's own.
            Refused: the server says no.
        """
        body = {"lora_name": name, "lora_path": path.as_posix()}
        try:
            self._ask("/v1/load_lora_adapter", body, self.load_seconds)
        except Refused as fault:
            if "already been loaded" not in str(fault):
                raise

    def unload(self, name: str) -> None:
        """Unload an adapter; one that is not there needs nothing.

        Raises:
            Unanswered: no answer in time, or an error of the server's own.
            Refused: the server says no.
        """
        try:
            self._ask("/v1/unload_lora_adapter", {"lora_name": name}, self.list_seconds)
        except Refused as fault:
            if "cannot be found" not in str(fault):
                raise

    def get(self, path: str) -> Any:
        """The JSON at `path`.

        Raises:
            Unanswered: no answer in time, an error of the server's own, or no JSON.
            Refused: the server says no.
        """
        return self._json(path, None, self.list_seconds)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """The JSON that answers `body`.

        Raises:
            Unanswered, Refused: as `get`.
        """
        return self._json(path, body, ANSWER_SECONDS)

    def _json(self, path: str, body: dict[str, Any] | None, seconds: float) -> Any:
        answer = self._ask(path, body, seconds)
        try:
            return json.loads(answer)
        except ValueError:
            raise Unanswered(f"{self.url}{path} does not answer in JSON: {answer[:80]!r}") from None

    def _ask(self, path: str, body: dict[str, Any] | None, seconds: float) -> str:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"})  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=seconds) as answer:  # noqa: S310 - http by `server_of`
                return str(answer.read().decode("utf-8", "replace"))
        except urllib.error.HTTPError as fault:
            with fault:
                said = _message(fault.read())
            if fault.code >= http.HTTPStatus.INTERNAL_SERVER_ERROR or fault.code == http.HTTPStatus.TOO_MANY_REQUESTS:
                raise Troubled(f"HTTP {fault.code}: {said}") from None
            raise Refused(said if body is None or said != "Not Found" else NOT_ENABLED) from None
        except (OSError, http.client.HTTPException) as fault:
            reason = getattr(fault, "reason", fault)  # urllib wraps what really happened
            raise Unanswered(f"{self.url} does not answer: {getattr(reason, 'strerror', None) or reason}") from None


def _message(content: bytes) -> str:
    """What an error answer says: vLLM's `error.message`, FastAPI's `detail`, else the beginning of the text."""
    text = content.decode("utf-8", "replace")
    try:
        answer = json.loads(text)
        said = answer["error"]["message"] if "error" in answer else answer["detail"]
    except (ValueError, KeyError, TypeError):
        said = text
    return " ".join(str(said).split())[:300]


def server_of(params: Params, url: str) -> Server:
    """The server at `url`, else the one that params.yaml describes.

    Raises:
        ReleaseRefused: not an http address.
    """
    if url and not url.startswith(("http://", "https://")):
        raise ReleaseRefused(f"{url}: not an http or https address", next_step="give one such as http://127.0.0.1:8000")
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}.get(params.serve.host, params.serve.host)  # noqa: S104
    return Server((url or f"http://{host}:{params.serve.port}").rstrip("/"))
