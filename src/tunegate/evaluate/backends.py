"""Who answers the prompts of a split: the model in this process, or a server that speaks OpenAI's protocol."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from tunegate.core.evaluate_settings import Evaluate, Server
from tunegate.core.files import dump_json
from tunegate.core.settings import Base
from tunegate.endpoint.client import Patience
from tunegate.evaluate.server import answer_of, ask_all, chat_request
from tunegate.models.base import Loaded, base_folder, load_base, load_tokenizer, template_digest
from tunegate.models.generate import Answer, Chat, Limits, Prompt, generate, render
from tunegate.models.runtime import versions

DECIDING = ("torch", "transformers")  # libraries whose change may change an answer


class Answered(NamedTuple):
    """A prompt as the model saw it (or as we write it for a server), and the answer."""

    prompt: Prompt
    answer: Answer


class Backend(Protocol):
    """Answers chats greedily, in the order given."""

    def answer(self, chats: Sequence[Chat]) -> list[Answered]:
        """Answer each chat."""
        ...

    def conditions(self) -> dict[str, Any]:
        """What must be equal for two measurements to be compared; asked after the answers."""
        ...

    def declared(self) -> dict[str, Any]:
        """What may differ, for the record."""
        ...


class Local:
    """transformers, in this process."""

    def __init__(self, loaded: Loaded, base: Base, settings: Evaluate) -> None:
        self._loaded, self._dtype = loaded, base.dtype
        self._limits = Limits(settings.max_new_tokens, settings.batch_size, settings.batch_tokens)

    def answer(self, chats: Sequence[Chat]) -> list[Answered]:
        """Answer each chat.

        Raises:
            ModelError: a prompt leaves no room for the answer.
        """
        prompts = render(self._loaded.tokenizer, chats)
        return [Answered(*pair) for pair in zip(prompts, generate(self._loaded, prompts, self._limits), strict=True)]

    def conditions(self) -> dict[str, Any]:
        """The libraries, the template and everything that decides what stands in a batch."""
        return {
            "backend": "transformers",
            "decoding": "greedy",
            "max_new_tokens": self._limits.new_tokens,
            "batch": [self._limits.rows, self._limits.tokens],
            "dtype": self._dtype,
            "template": template_digest(self._loaded.tokenizer),
            "libraries": {name: found for name, found in versions(*DECIDING).items() if name != "python"},
        }

    def declared(self) -> dict[str, Any]:
        """Nothing."""
        return {}


class Remote:
    """A server. `tokenizer`: of the model it should serve, to write the prompt down as the template has it."""

    def __init__(self, server: Server, where: str, settings: Evaluate, tokenizer: Any = None) -> None:
        self._server, self._where, self._tokenizer = server, where, tokenizer
        self._new_tokens = settings.max_new_tokens
        self._said: set[str] = set()
        self._sent: dict[str, Any] = {}

    def answer(self, chats: Sequence[Chat]) -> list[Answered]:
        """Answer each chat.

        Raises:
            SettingsError: the key is not in the environment.
            ModelError: the server cannot be reached, or does not answer a chat.
        """
        requests = [chat_request(self._server, chat, self._new_tokens, at) for at, chat in enumerate(chats)]
        replies = ask_all(self._server, self._where, requests, Patience())
        for reply in replies:
            self._said.add(reply.fingerprint or "")
            self._sent.update(reply.sent)
        return [Answered(*pair) for pair in zip(self._prompts(chats), map(answer_of, replies), strict=True)]

    def _prompts(self, chats: Sequence[Chat]) -> list[Prompt]:
        if self._tokenizer is None:
            return [Prompt(dump_json(chat), ()) for chat in chats]
        return render(self._tokenizer, chats)

    def conditions(self) -> dict[str, Any]:
        """What the server says of its version, and the parameters that it took."""
        template = {} if self._tokenizer is None else {"template": template_digest(self._tokenizer)}
        greedy = self._sent.get("temperature") == 0
        return {
            "backend": "openai",
            "decoding": "greedy" if greedy else "as the server likes: it takes no temperature",
            "max_new_tokens": self._new_tokens,
            "server": sorted(self._said),
            **template,
        }

    def declared(self) -> dict[str, Any]:
        """The server's address and its name for the model."""
        return {"served": {"url": self._server.url, "model": self._server.model}}


class Declared:
    """A back end that need not be that of the other side, since params.yaml says so (evaluate.backend.baseline)."""

    def __init__(self, inner: Backend, new_tokens: int) -> None:
        self._inner, self._new_tokens = inner, new_tokens

    def answer(self, chats: Sequence[Chat]) -> list[Answered]:
        """Answer each chat."""
        return self._inner.answer(chats)

    def conditions(self) -> dict[str, Any]:
        """All that is left: how long an answer may be."""
        return {"max_new_tokens": self._new_tokens}

    def declared(self) -> dict[str, Any]:
        """Everything else."""
        return {**self._inner.declared(), "backend": self._inner.conditions()}


def baseline_backend(base: Base, settings: Evaluate) -> Backend:
    """Who answers for the baseline: another model if one is named, the base as served, or the base in this process."""
    if (other := settings.backend.baseline) is not None:
        return Declared(Remote(other, "evaluate.backend.baseline", settings), settings.max_new_tokens)
    if (served := settings.backend.openai) is not None:
        as_base = served.model_copy(update={"model": served.base})
        return Remote(as_base, "evaluate.backend.openai", settings, load_tokenizer(base_folder(base)))
    return Local(load_base(base), base, settings)


def candidate_backend(loaded: Loaded, base: Base, settings: Evaluate) -> Backend:
    """Who answers for the candidate: the release as served, or `loaded` in this process."""
    served = settings.backend.openai
    inner: Backend = Local(loaded, base, settings)
    if served is not None:
        inner = Remote(served, "evaluate.backend.openai", settings, loaded.tokenizer)
    return Declared(inner, settings.max_new_tokens) if settings.backend.baseline else inner


def other_counts(answered: Sequence[Answered]) -> str:
    """What to say where a server saw other prompts than the template writes; empty if it did not."""
    counted = [one for one in answered if one.answer.seen is not None and one.prompt.ids]
    differ = sum(one.answer.seen != len(one.prompt.ids) for one in counted)
    return (
        f"the server's prompts have other lengths than the template's in {differ} of {len(counted)}" if differ else ""
    )
