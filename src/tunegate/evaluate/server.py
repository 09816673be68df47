"""Answers from a server that speaks OpenAI's protocol: the release as served, or another model as the baseline.

Greedy: temperature 0. Nothing is cached: a server's name for a model says nothing about its weights.
"""

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tunegate.core.errors import DataError, ModelError, SettingsError
from tunegate.core.evaluate_settings import Server
from tunegate.endpoint.client import Client, GaveUp, Patience, Target, Unlimited
from tunegate.endpoint.protocol import Place
from tunegate.endpoint.request import Reply, Request
from tunegate.models.generate import Answer, Chat
from tunegate.models.runtime import on_terminal

REASONS: Mapping[str, Any] = {"stop": "stop", "length": "length"}


Keep = Callable[[Request, Reply], None]


def ask_all(
    server: Server, where: str, requests: Sequence[Request], patience: Patience, keep: Keep | None = None
) -> list[Reply]:
    """Ask several requests at once; replies in the order of the requests; on a terminal with a bar.

    Args:
        server: the section of params.yaml.
        where: that section's name.
        requests: what to ask.
        patience: how long to try.
        keep: called with each reply as it comes, so that what was paid for is not lost with the rest.

    Raises:
        SettingsError: the key is not in the environment.
        ModelError: the server cannot be reached, or one request came to nothing: no evidence is never a score.
    """
    place = Place(f"{server.model} at {server.url}", server.key_env or "key_env", f"{where}.model", f"{where}.url")
    longest = max((int(str(request.sampling["max_tokens"])) for request in requests), default=1)
    target = Target(server.url, place, longest, server.concurrency)
    client = Client(target, key_of(server, where), Unlimited(), patience)
    return asyncio.run(_ask_all(client, server, requests, keep))


async def _ask_all(client: Client, server: Server, requests: Sequence[Request], keep: Keep | None) -> list[Reply]:
    from tqdm import tqdm

    gate = asyncio.Semaphore(server.concurrency)

    async def ask(request: Request) -> Reply:
        async with gate:
            try:
                reply = await client.ask(request)
            except GaveUp as fault:
                raise ModelError(
                    f"{server.model} at {server.url}: {fault}", next_step="see what the server says, then run it again"
                ) from None
            if keep is not None:
                keep(request, reply)
            bar.update()
            return reply

    with tqdm(total=len(requests), desc=server.model, leave=False, disable=not on_terminal()) as bar:
        async with client:
            tasks = [asyncio.create_task(ask(request)) for request in requests]
            try:
                return list(await asyncio.gather(*tasks))
            finally:
                for task in tasks:
                    task.cancel()


def key_of(server: Server, where: str) -> str | None:
    """The key from the environment, or None where no variable is named.

    Raises:
        SettingsError: the variable is not set, or holds what no key is.
    """
    if server.key_env is None:
        return None
    secret = os.environ.get(server.key_env, "").strip()
    if not secret or not secret.isascii() or not secret.isprintable() or " " in secret:
        raise SettingsError(
            f"params.yaml: {where}.key_env: the environment variable {server.key_env} holds no key",
            next_step=f"set {server.key_env}, or take key_env out if the server wants none",
        )
    return secret


def chat_request(server: Server, chat: Chat, new_tokens: int, number: int) -> Request:
    """A chat to answer greedily.

    Raises:
        DataError: a turn has more than a role and a text.
    """
    if more := sorted({name for turn in chat for name in turn} - {"role", "content"}):
        raise DataError(
            f"a prompt has {', '.join(more)}; a server is asked with plain turns so far",
            next_step="take evaluate.backend out: transformers writes such prompts",
        )
    sampling = {"temperature": 0.0, "max_tokens": new_tokens, "seed": 1}
    return Request(
        endpoint=server.url, model=server.model, revision=None, number=number, messages=tuple(chat), sampling=sampling
    )


def answer_of(reply: Reply) -> Answer:
    """A reply as an answer; without a count by the server 0 tokens."""
    reason = REASONS.get(reply.finish_reason or "", "other")
    if reply.tokens is None:
        return Answer(reply.content or "", reason, 0)
    return Answer(reply.content or "", reason, reply.tokens.completion, reply.tokens.prompt)
