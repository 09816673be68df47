"""Greedy decoding of one batch, in which a row that is done costs nothing more.

transformers' `generate` computes every row until the last one stops: one long answer among short ones takes the time of
a whole batch of long ones. Models whose layers are not plain attention go through it all the same.
"""

import inspect
from collections.abc import Sequence
from typing import Any

import torch

from tunegate.models.base import Loaded
from tunegate.models.cache import roomy_cache

NEEDED = {"input_ids", "attention_mask", "position_ids", "past_key_values", "logits_to_keep"}
KEPT = 0.75  # rows are taken out when no more than this share of them goes on: doing so copies the cache


def greedy(loaded: Loaded, given: dict[str, torch.Tensor], new_tokens: int) -> list[list[int]]:
    """The new tokens of each row, its stop token included; at most `new_tokens`.

    `given`: `input_ids` and `attention_mask` [rows, tokens], padded on the left.
    """
    width = given["input_ids"].shape[1]
    cache = roomy_cache(loaded.model.config, width + new_tokens) if _is_plain(loaded.model) else None
    with torch.inference_mode():
        written = _loop(loaded, given, cache, new_tokens) if cache else _library(loaded, given, new_tokens)
    return [_until_stop(row, loaded.stops) for row in written]


def _is_plain(model: Any) -> bool:
    own = model.get_base_model() if hasattr(model, "get_base_model") else model
    return set(inspect.signature(own.forward).parameters) >= NEEDED


def _loop(loaded: Loaded, given: dict[str, torch.Tensor], cache: Any, new_tokens: int) -> list[list[int]]:
    prompt, mask = given["input_ids"], given["attention_mask"]
    rows, width = prompt.shape
    stops = torch.tensor(loaded.stops, device=prompt.device)
    written = prompt.new_full((rows, new_tokens), loaded.stops[0])  # read up to a row's first stop token only
    mask = torch.cat([mask, mask.new_ones((rows, new_tokens))], dim=1)
    positions = (mask[:, :width].cumsum(1) - 1).clamp(min=0)
    at, tokens = torch.arange(rows, device=prompt.device), prompt  # which rows of the batch are still in it
    going = torch.ones_like(at, dtype=torch.bool)  # which of these have not stopped
    for step in range(new_tokens):
        found = loaded.model(
            input_ids=tokens,
            attention_mask=mask[:, : width + step],
            position_ids=positions,
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
        )
        token = found.logits[:, -1].argmax(-1)
        written[at, step] = token
        tokens, positions = token[:, None], positions[:, -1:] + 1
        going &= ~torch.isin(token, stops)
        left = int(going.sum())
        if not left:
            break
        if left <= KEPT * len(at):
            keep = going.nonzero()[:, 0]
            tokens, positions, mask, at, going = (held[keep] for held in (tokens, positions, mask, at, going))
            cache.batch_select_indices(keep)
    return written.tolist()


def _library(loaded: Loaded, given: dict[str, torch.Tensor], new_tokens: int) -> list[list[int]]:
    written = loaded.model.generate(
        **given,
        max_new_tokens=new_tokens,
        do_sample=False,
        num_beams=1,
        eos_token_id=list(loaded.stops),
        pad_token_id=loaded.tokenizer.pad_token_id,
    )
    new: list[list[int]] = written[:, given["input_ids"].shape[1] :].tolist()
    return new


def _until_stop(ids: Sequence[int], stops: Sequence[int]) -> list[int]:
    end = next((at for at, token in enumerate(ids) if token in stops), None)
    return list(ids if end is None else ids[: end + 1])
