"""Greedy batched answers equal one-at-a-time answers; prompts are the template's tokens."""

from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tunegate.core.errors import ModelError
from tunegate.core.settings import Base
from tunegate.models.base import Loaded, load_base
from tunegate.models.generate import Limits, batches, generate, render

CHATS = [[{"role": "user", "content": text}] for text in ("The camera is late.", "a", "Is the router broken? " * 4)]


@pytest.fixture(scope="module")
def loaded(tiny_base: Path) -> Loaded:
    return load_base(Base(model=str(tiny_base)))


def test_prompts_are_the_templates_tokens(loaded: Loaded) -> None:
    for chat, prompt in zip(CHATS, render(loaded.tokenizer, CHATS), strict=True):
        whole = loaded.tokenizer.apply_chat_template(chat, add_generation_prompt=True, return_dict=True)
        assert list(prompt.ids) == whole["input_ids"]
        assert prompt.text.endswith("<|assistant|>")


def test_no_prompts_no_answers(loaded: Loaded) -> None:
    assert render(loaded.tokenizer, []) == []
    assert generate(loaded, [], Limits(3, 2)) == []


def test_a_batch_answers_as_one_at_a_time_and_in_order(loaded: Loaded) -> None:
    prompts = render(loaded.tokenizer, CHATS)
    together = generate(loaded, prompts, Limits(8, 3))
    alone = [generate(loaded, [prompt], Limits(8, 1))[0] for prompt in prompts]
    assert together == alone


def test_greedy_by_hand(loaded: Loaded) -> None:
    prompt = render(loaded.tokenizer, CHATS)[0]
    ids = list(prompt.ids)
    for _ in range(5):
        with torch.inference_mode():
            ids.append(int(loaded.model(torch.tensor([ids], device=loaded.model.device)).logits[0, -1].argmax()))
    answer = generate(loaded, [prompt], Limits(5, 1))[0]
    assert answer.text == loaded.tokenizer.decode(ids[len(prompt.ids) :], skip_special_tokens=True)


def test_stop_and_length(loaded: Loaded) -> None:
    prompt = render(loaded.tokenizer, CHATS)[0]
    with torch.inference_mode():
        first = int(loaded.model(torch.tensor([prompt.ids], device=loaded.model.device)).logits[0, -1].argmax())
    stopped: Any = loaded._replace(stops=(first,))
    answer = generate(stopped, [prompt], Limits(5, 1))[0]
    assert (answer.text, answer.reason, answer.tokens) == ("", "stop", 1)
    endless: Any = loaded._replace(stops=(383,))
    assert generate(endless, [prompt], Limits(5, 1))[0].reason == "length"


def test_a_prompt_without_room_is_refused(loaded: Loaded) -> None:
    prompts = render(loaded.tokenizer, [[{"role": "user", "content": "a b " * 400}]])
    with pytest.raises(ModelError, match="does not fit the context of 1024"):
        generate(loaded, prompts, Limits(512, 1))


@given(st.lists(st.integers(1, 200), max_size=60), st.integers(1, 8), st.integers(1, 600))
def test_batches_hold_each_prompt_once_and_keep_both_bounds(lengths: list[int], rows: int, tokens: int) -> None:
    limits = Limits(10, rows, tokens)
    found = list(batches(lengths, limits))
    assert sorted(at for batch in found for at in batch) == list(range(len(lengths)))
    for batch in found:
        assert len(batch) <= rows
        assert len(batch) == 1 or len(batch) * (max(lengths[at] for at in batch) + 10) <= tokens
    flat = [lengths[at] for batch in found for at in batch]
    assert flat == sorted(flat, reverse=True), "the longest first: what does not fit the memory fails at once"
