"""One request to a model behind a server, and its answer: what is kept on disk of both."""

from collections.abc import Sequence

from pydantic import Field, JsonValue

from tunegate.core.files import digest_bytes, dump_json
from tunegate.records.base import Record

PER_MESSAGE, PER_REQUEST = 8, 256  # a chat template's marks, and the system turn that some templates add


class Request(Record):
    """What was asked; `form` is the response format, if any. The same `key`: the same request. No secret is in it."""

    endpoint: str
    model: str
    revision: str | None
    number: int
    messages: tuple[dict[str, str], ...]
    sampling: dict[str, JsonValue]
    form: dict[str, JsonValue] = Field(default_factory=dict)

    @property
    def key(self) -> str:
        """The name on disk: a SHA-256 over everything that was asked, the request's number included."""
        return digest_bytes(dump_json(self.model_dump(mode="json")).encode("utf-8"))

    @property
    def prompt_hash(self) -> str:
        """16 hex digits of a SHA-256 over the turns."""
        return digest_bytes(dump_json(list(self.messages)).encode("utf-8"))[:16]


class Tokens(Record):
    """Tokens of one request, as the endpoint counted them."""

    prompt: int
    completion: int


class Reply(Record):
    """What came back. `sent` are the sampling parameters that the endpoint took; `tokens` None: it did not say."""

    content: str | None
    refusal: str | None = None
    finish_reason: str | None = None
    model: str | None = None
    fingerprint: str | None = None
    tokens: Tokens | None = None
    sent: dict[str, JsonValue] = Field(default_factory=dict)

    def revision(self, asked: str) -> str | None:
        """What the endpoint says of the model's version: the full name where it differs, and the fingerprint."""
        said = [self.model if self.model != asked else None, self.fingerprint]
        return " ".join(part for part in said if part) or None


class Finished(Record):
    """A request and its reply, as the cache holds them."""

    request: Request
    reply: Reply


def worst_case(messages: Sequence[dict[str, str]], max_tokens: int, form: object = None) -> Tokens:
    """The most tokens that a request can use. No tokenizer that reads bytes makes more tokens than there are bytes.

    Args:
        messages: the turns.
        max_tokens: of the answer.
        form: the response format, which some endpoints count into the prompt.
    """
    size = sum(len(turn["content"].encode("utf-8")) + PER_MESSAGE for turn in messages)
    size += len(dump_json(form).encode("utf-8")) if form else 0
    return Tokens(prompt=size + PER_REQUEST, completion=max_tokens)
