"""Greedy answers to many prompts: batches of similar length, padded on the left, stopped at a trained stop token."""

from collections.abc import Iterator, Sequence
from typing import Any, Literal, NamedTuple

import torch

from tunegate.core.errors import ModelError
from tunegate.models.base import Loaded
from tunegate.models.decode import greedy
from tunegate.models.runtime import on_terminal

Chat = list[dict[str, str]]


class Prompt(NamedTuple):
    """A prompt as the model sees it: the template's text and its token ids."""

    text: str
    ids: tuple[int, ...]


class Answer(NamedTuple):
    """An answer without its stop token; `reason` is "length" when the model did not stop by itself, "other" for what a
    server may say besides (a content filter). `seen`: tokens of the prompt, where a server counted them.
    """

    text: str
    reason: Literal["stop", "length", "other"]
    tokens: int
    seen: int | None = None


def render(tokenizer: Any, chats: Sequence[Chat]) -> list[Prompt]:
    """Write chats with the chat template, ready for the assistant's turn.

    The template has written all special tokens: the tokenizer must not add its own a second time.
    """
    if not chats:
        return []
    texts: list[str] = tokenizer.apply_chat_template(list(chats), tokenize=False, add_generation_prompt=True)
    coded = tokenizer(texts, add_special_tokens=False)["input_ids"]
    return [Prompt(text, tuple(ids)) for text, ids in zip(texts, coded, strict=True)]


class Limits(NamedTuple):
    """What bounds an answer and a batch: new tokens of an answer; rows of a batch; tokens of a batch, padding and new
    ones included (one prompt alone may have more).
    """

    new_tokens: int
    rows: int = 64
    tokens: int = 65536


def generate(loaded: Loaded, prompts: Sequence[Prompt], limits: Limits) -> list[Answer]:
    """Answer each prompt greedily, in the order given; on a terminal with a bar.

    Raises:
        ModelError: a prompt leaves no room for an answer in the model's context.
    """
    from tqdm import tqdm

    _check_room(loaded, prompts, limits.new_tokens)
    answers: dict[int, Answer] = {}
    with tqdm(total=len(prompts), desc="answers", unit=" prompts", leave=False, disable=not on_terminal()) as bar:
        for batch in batches([len(prompt.ids) for prompt in prompts], limits):
            found = _answer(loaded, [prompts[at] for at in batch], limits.new_tokens)
            answers.update(zip(batch, found, strict=True))
            bar.update(len(batch))
    return [answers[at] for at in range(len(prompts))]


def batches(lengths: Sequence[int], limits: Limits) -> Iterator[list[int]]:
    """Positions of prompts of so many tokens, a batch each, longest prompts first.

    A batch too big for the memory fails at once, not at the end; and prompts of like length need little padding.
    """
    order = sorted(range(len(lengths)), key=lambda at: (-lengths[at], at))
    while order:
        fit = max(1, limits.tokens // (lengths[order[0]] + limits.new_tokens))
        size = min(limits.rows, fit)
        yield order[:size]
        order = order[size:]


def pad(loaded: Loaded, rows: Sequence[Sequence[int]]) -> dict[str, torch.Tensor]:
    """Token ids and attention mask, padded on the left, on the model's device."""
    width = max(len(row) for row in rows)
    filler = loaded.tokenizer.pad_token_id
    ids = [[filler] * (width - len(row)) + list(row) for row in rows]
    mask = [[0] * (width - len(row)) + [1] * len(row) for row in rows]
    where = loaded.model.device
    return {"input_ids": torch.tensor(ids, device=where), "attention_mask": torch.tensor(mask, device=where)}


def _answer(loaded: Loaded, prompts: Sequence[Prompt], max_new_tokens: int) -> list[Answer]:
    given = pad(loaded, [prompt.ids for prompt in prompts])
    return [_read(loaded, ids) for ids in greedy(loaded, given, max_new_tokens)]


def _read(loaded: Loaded, ids: list[int]) -> Answer:
    stopped = ids[-1] in loaded.stops
    text = loaded.tokenizer.decode(ids[:-1] if stopped else ids, skip_special_tokens=True)
    return Answer(text, "stop" if stopped else "length", len(ids))


def _check_room(loaded: Loaded, prompts: Sequence[Prompt], max_new_tokens: int) -> None:
    room = getattr(loaded.model.config, "max_position_embeddings", None)
    longest = max((len(prompt.ids) for prompt in prompts), default=0)
    if room is not None and longest + max_new_tokens > room:
        raise ModelError(
            f"a prompt has {longest} tokens; with {max_new_tokens} new ones it does not fit the context of {room}",
            next_step="shorten the prompt (fewer shots), lower evaluate.max_new_tokens, or take another base",
        )
