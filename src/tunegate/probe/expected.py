"""What a server is held against: recorded answers, and the log-probabilities that transformers (and peft) give them."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch

from tunegate.models.base import Loaded
from tunegate.records.example import Example


class Expected(NamedTuple):
    """One recorded answer. `chat`: what a client sends; `prompt`, `answer`: token ids, the stop token included;
    `logprobs`: natural logarithms of the probability of each token of `answer`; `limit`: new tokens it was allowed;
    `as_written`: its text gives as many tokens as were written (the record has the text alone, and the same text can be
    written in other tokens, whose probabilities nobody has measured).
    """

    identity: str
    chat: list[dict[str, str]]
    prompt: tuple[int, ...]
    answer: tuple[int, ...]
    text: str
    reason: str
    logprobs: tuple[float, ...]
    limit: int
    as_written: bool


def expected(
    loaded: Loaded, examples: Sequence[Example], answers: Sequence[dict[str, Any]], most: int, limit: int
) -> list[Expected]:
    """The first `most` recorded answers whose document is there, each with its log-probabilities, one at a time.

    `limit`: the evaluation's `max_new_tokens`.
    """
    by_id = {example.id: example for example in examples}
    rows = [row for row in answers if row["id"] in by_id][:most]
    return [_expected(loaded, by_id[row["id"]], row, limit) for row in rows]


def _expected(loaded: Loaded, example: Example, row: dict[str, Any], limit: int) -> Expected:
    written = loaded.tokenizer(row["answer"], add_special_tokens=False)["input_ids"]
    ended = [loaded.stops[0]] if row["finish_reason"] == "stop" else []
    answer = (*written, *ended) or (loaded.stops[0],)
    return Expected(
        identity=row["id"],
        chat=[message.plain() for message in example.prompt],
        prompt=tuple(row["prompt_ids"]),
        answer=answer,
        text=row["answer"],
        reason=row["finish_reason"],
        logprobs=_logprobs(loaded, row["prompt_ids"], answer),
        limit=limit,
        as_written=len(answer) == row["new_tokens"],
    )


def _logprobs(loaded: Loaded, prompt: Sequence[int], answer: Sequence[int]) -> tuple[float, ...]:
    ids = torch.tensor([[*prompt, *answer]], device=loaded.model.device)
    with torch.inference_mode():
        logits = loaded.model(input_ids=ids).logits[0, len(prompt) - 1 : -1]
    found = torch.log_softmax(logits.float(), dim=-1).gather(1, ids[0, len(prompt) :, None])[:, 0]
    return tuple(found.tolist())
