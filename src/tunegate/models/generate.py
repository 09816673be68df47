"""Greedy answers to many prompts: batches of similar length, padded on the left, stopped at a trained stop token."""

from collections.abc import Iterator, Sequence
from typing import Any, Literal, NamedTuple

import torch

from tunegate.core.errors import ModelError
from tunegate.models.base import Loaded

Chat = list[dict[str, str]]


class Prompt(NamedTuple):
    """A prompt as the model sees it: the template's text and its token ids."""

    text: str
    ids: tuple[int, ...]


class Answer(NamedTuple):
    """An answer without its stop token; `reason` is "length" when the model did not stop by itself."""

    text: str
    reason: Literal["stop", "length"]
    tokens: int


def render(tokenizer: Any, chats: Sequence[Chat]) -> list[Prompt]:
    """Write chats with the chat template, ready for the assistant's turn.

    The template has written all special tokens: the tokenizer must not add its own a second time.
    """
    if not chats:
        return []
    texts: list[str] = tokenizer.apply_chat_template(list(chats), tokenize=False, add_generation_prompt=True)
    coded = tokenizer(texts, add_special_tokens=False)["input_ids"]
    return [Prompt(text, tuple(ids)) for text, ids in zip(texts, coded, strict=True)]


def generate(loaded: Loaded, prompts: Sequence[Prompt], *, max_new_tokens: int, batch_size: int) -> list[Answer]:
    """Answer each prompt greedily, in the order given.

    Raises:
        ModelError: a prompt leaves no room for `max_new_tokens` in the model's context.
    """
    _check_room(loaded, prompts, max_new_tokens)
    answers: dict[int, Answer] = {}
    for batch in _batches(prompts, batch_size):
        found = _answer(loaded, [prompts[at] for at in batch], max_new_tokens)
        answers.update(zip(batch, found, strict=True))
    return [answers[at] for at in range(len(prompts))]


def _batches(prompts: Sequence[Prompt], size: int) -> Iterator[list[int]]:
    """Positions, longest prompts first: a batch too big for the memory fails at once, not at the end."""
    order = sorted(range(len(prompts)), key=lambda at: (-len(prompts[at].ids), at))
    for start in range(0, len(order), size):
        yield order[start : start + size]


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
    with torch.inference_mode():
        written = loaded.model.generate(
            **given,
            max_new_tokens=max_new_tokens,
            do_sample=False,
            num_beams=1,
            eos_token_id=list(loaded.stops),
            pad_token_id=loaded.tokenizer.pad_token_id,
        )
    width = given["input_ids"].shape[1]
    return [_cut(loaded, row[width:].tolist()) for row in written]


def _cut(loaded: Loaded, ids: list[int]) -> Answer:
    end = next((at for at, token in enumerate(ids) if token in loaded.stops), None)
    kept = ids if end is None else ids[:end]
    text = loaded.tokenizer.decode(kept, skip_special_tokens=True)
    return Answer(text, "length" if end is None else "stop", len(kept) + (end is not None))


def _check_room(loaded: Loaded, prompts: Sequence[Prompt], max_new_tokens: int) -> None:
    room = getattr(loaded.model.config, "max_position_embeddings", None)
    longest = max((len(prompt.ids) for prompt in prompts), default=0)
    if room is not None and longest + max_new_tokens > room:
        raise ModelError(
            f"a prompt has {longest} tokens; with {max_new_tokens} new ones it does not fit the context of {room}",
            next_step="shorten the prompt (fewer shots), lower evaluate.max_new_tokens, or take another base",
        )
