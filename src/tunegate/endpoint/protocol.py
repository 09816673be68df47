"""What an HTTP answer of an OpenAI-compatible endpoint means: a reply, try again, ask otherwise, give up, or an error.

Pure: status, headers and body in, one of these out. The words of the endpoint are shown to a person, on one line and
without control characters.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, BeforeValidator, Field, ValidationError

from tunegate.core.errors import ModelError
from tunegate.endpoint.request import Reply, Tokens

AGAIN = (408, 409, 425, 429, *range(500, 600))
NEVER = ("insufficient_quota", "billing_hard_limit_reached")  # a 429 that no waiting heals
# Parameters that some endpoint or model refuses. What takes the place of one, or None: ask without it.
OPTIONAL = {
    "response_format": None,
    "max_tokens": "max_completion_tokens",
    "temperature": None,
    "top_p": None,
    "seed": None,
}


class Place(NamedTuple):
    """What an endpoint is called in messages: its name, the variable that holds its key, its keys in params.yaml."""

    name: str
    key_variable: str
    model_key: str
    url_key: str

    @property
    def section(self) -> str:
        """The section of params.yaml."""
        return self.url_key.rpartition(".")[0]


class Again(NamedTuple):
    """It may work later. `wait`: what the endpoint asks for, in seconds; `billed`: it may have been paid for."""

    reason: str
    wait: float | None = None
    billed: bool = False


class Refusal(NamedTuple):
    """The endpoint refuses the request as it is (400, 413, 422). `parameter`: what it does not take, if it is that."""

    reason: str
    parameter: str | None


class _Part(BaseModel):
    """A part of an answer: keys that we do not read are left alone."""


def _plain(value: Any) -> Any:
    """Text as UTF-8 can hold it; of a list of parts, as some endpoints answer, the text."""
    if isinstance(value, list):
        value = "".join(str(part.get("text") or "") for part in value if isinstance(part, dict))
    return value.encode("utf-8", "backslashreplace").decode("utf-8") if isinstance(value, str) else value


_Text = Annotated[str | None, BeforeValidator(_plain)]


class _Message(_Part):
    content: _Text = None
    refusal: _Text = None


class _Choice(_Part):
    message: _Message
    finish_reason: _Text = None


class _Usage(_Part):
    prompt_tokens: int = Field(ge=0)
    completion_tokens: int = Field(ge=0)


class _Completion(_Part):
    choices: list[_Choice] = Field(min_length=1)
    usage: Any = None
    model: _Text = None
    system_fingerprint: _Text = None


def understand(status: int, headers: Mapping[str, str], body: bytes, where: Place) -> Reply | Again | Refusal:
    """Say what an answer means.

    Args:
        status: of HTTP.
        headers: with lower-case names.
        body: as it came.
        where: for messages.

    Raises:
        ModelError: no request to this endpoint can work: the key, the model, the address or the account is wrong.
    """
    if status == 200:
        return _reply(body)
    code, parameter, said = _complaint(body)
    reason = f"HTTP {status}: {said}" if said else f"HTTP {status}"
    if status == 429 and code in NEVER:
        raise ModelError(
            f"{where.name}: {reason}", next_step="see to the account's quota or billing, then run it again"
        )
    if status in AGAIN:
        return Again(reason, wait_of(headers.get("retry-after")))
    if status in {400, 413, 422}:
        return Refusal(reason, parameter)
    raise ModelError(f"{where.name}: {reason}", next_step=_next_step(status, where))


def _reply(body: bytes) -> Reply | Again:
    try:
        found = _Completion.model_validate(json.loads(body))
    except ValidationError as fault:
        first = fault.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the whole"
        return Again(f"no chat completion in the answer ({place}: {first['msg']})", billed=True)
    except (ValueError, RecursionError):
        return Again(f"the answer is not JSON: {_clean(body[:80].decode('utf-8', 'replace'))!r}", billed=True)
    choice = found.choices[0]
    return Reply(
        content=choice.message.content,
        refusal=choice.message.refusal,
        finish_reason=choice.finish_reason,
        model=found.model,
        fingerprint=found.system_fingerprint,
        tokens=_counted(found.usage),
    )


def _counted(usage: Any) -> Tokens | None:
    """The endpoint's count, if it is one."""
    try:
        found = _Usage.model_validate(usage)
    except ValidationError:
        return None
    return Tokens(prompt=found.prompt_tokens, completion=found.completion_tokens)


def wait_of(value: str | None, now: datetime | None = None) -> float | None:
    """Seconds of a Retry-After header: a number, or a date; None if it says neither."""
    if value is None:
        return None
    if re.fullmatch(r"\d{1,9}(\.\d{0,9})?", value.strip()):
        return float(value)
    try:
        then = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    then = then if then.tzinfo else then.replace(tzinfo=UTC)
    return max(0.0, (then - (now or datetime.now(UTC))).total_seconds())


def _complaint(body: bytes) -> tuple[str, str | None, str]:
    """The code, the parameter it is about, and the words of an error; whichever of the usual forms it has."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return "", None, _clean(re.sub(rb"<[^>]*>", b" ", body[:2000]).decode("utf-8", "replace"))
    error = content.get("error", content) if isinstance(content, dict) else content
    if not isinstance(error, dict):
        return "", None, _clean(_text(error))
    said = next((error[name] for name in ("message", "detail", "msg", "error") if error.get(name)), error)
    words = _text(said)
    return str(error.get("code") or error.get("type") or ""), _parameter(error.get("param"), words), _clean(words)


def _parameter(named: Any, words: str) -> str | None:
    """The optional parameter that an error is about: the one it names, else the first that its words name."""
    if isinstance(named, str) and named.split(".")[0] in OPTIONAL:
        return named.split(".")[0]
    found = re.search(rf"\b({'|'.join(OPTIONAL)})\b", words)
    return found[1] if found else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _clean(text: str) -> str:
    """One printable line of at most 300 signs."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())[:300]


def _next_step(status: int, where: Place) -> str:
    if status == 401:
        return f"set {where.key_variable} to a key that this endpoint knows"
    if status == 402:
        return "see to the account's balance, then run it again"
    if status == 403:
        return f"ask for access to the model, or set {where.key_variable} to a key that has it"
    if status in {404, 405, 410} or 300 <= status < 400:
        ending = "it ends before /chat/completions, mostly in /v1"
        return f"correct {where.model_key} or {where.url_key} ({ending}) in params.yaml"
    return f"correct the {where.section} section of params.yaml"
