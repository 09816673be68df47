"""Our loop writes what transformers' `generate` writes, whatever stops when; rows that are done leave the batch."""

import functools
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import LlamaConfig, MistralConfig

from tunegate.core.settings import Base
from tunegate.models.base import Loaded, load_base
from tunegate.models.cache import roomy_cache
from tunegate.models.decode import greedy
from tunegate.models.generate import pad


@pytest.fixture(scope="module")
def loaded(tiny_base: Path) -> Loaded:
    return load_base(Base(model=str(tiny_base)))


def by_library(loaded: Loaded, batch: dict[str, torch.Tensor], new_tokens: int) -> list[list[int]]:
    """Each row by itself through transformers, until its first stop token."""
    found = []
    for ids, mask in zip(batch["input_ids"], batch["attention_mask"], strict=True):
        prompt = ids[mask.bool()][None]
        whole = loaded.model.generate(
            input_ids=prompt,
            attention_mask=torch.ones_like(prompt),
            max_new_tokens=new_tokens,
            do_sample=False,
            eos_token_id=list(loaded.stops),
            pad_token_id=loaded.tokenizer.pad_token_id,
        )
        found.append(whole[0, prompt.shape[1] :].tolist())
    return found


def first_tokens(loaded: Loaded, batch: dict[str, torch.Tensor], new_tokens: int) -> list[int]:
    """Tokens that this model really writes: as stop tokens they end rows at different steps."""
    return [token for row in by_library(loaded, batch, new_tokens) for token in row]


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_as_transformers_writes_row_by_row(loaded: Loaded, data: st.DataObject) -> None:
    token = st.integers(5, 380)
    rows = data.draw(st.lists(st.lists(token, min_size=1, max_size=12), min_size=1, max_size=9))
    batch = pad(loaded, rows)
    new_tokens = data.draw(st.integers(1, 8))
    written = first_tokens(loaded, batch, new_tokens)
    stops = data.draw(st.lists(st.sampled_from(written), min_size=1, max_size=4, unique=True))
    own = loaded._replace(stops=tuple(stops))
    assert greedy(own, batch, new_tokens) == by_library(own, batch, new_tokens)


def test_rows_that_are_done_leave_the_batch(loaded: Loaded, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = pad(loaded, [[token] for token in range(20, 28)])
    firsts = [row[0] for row in by_library(loaded, batch, 1)]
    rare = min(firsts, key=firsts.count)
    assert firsts.count(rare) < 8  # else this tiny model would show nothing
    sizes, forward = [], type(loaded.model).forward

    @functools.wraps(forward)
    def watched(self: Any, *args: Any, **kwargs: Any) -> Any:
        sizes.append(len(kwargs["input_ids"]))
        return forward(self, *args, **kwargs)

    monkeypatch.setattr(type(loaded.model), "forward", watched)
    most = tuple(set(firsts) - {rare})
    greedy(loaded._replace(stops=most), batch, 2)
    assert sizes[0] == 8
    assert sizes[1] == (firsts.count(rare) if firsts.count(rare) <= 6 else 8) < 8


def test_a_model_of_other_layers_goes_through_the_library(loaded: Loaded, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = pad(loaded, [[7, 8, 9], [10]])
    expected = greedy(loaded, batch, 4)
    monkeypatch.setattr("tunegate.models.decode.roomy_cache", lambda *_: None)
    assert greedy(loaded, batch, 4) == expected


def test_only_plain_attention_gets_the_roomy_cache() -> None:
    assert roomy_cache(LlamaConfig(num_hidden_layers=2), 8) is not None
    assert roomy_cache(MistralConfig(num_hidden_layers=2, sliding_window=4), 8) is None
