"""Merging changes the time, not the answers; where it would change them it is not done."""

from pathlib import Path

import pytest
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from tiny_base import make_tiny_base

from tunegate.core.settings import Base
from tunegate.evaluate.merged import load_merged
from tunegate.models.adapter import load_candidate
from tunegate.models.base import load_base
from tunegate.models.generate import Limits, generate, render

CHATS = [[{"role": "user", "content": text}] for text in ("The camera is late.", "Is the router broken?", "a")]


@pytest.fixture
def adapter(tiny_base: Path, tmp_path: Path) -> Path:
    torch.manual_seed(1)
    config = LoraConfig(r=4, target_modules="all-linear", init_lora_weights=False, task_type="CAUSAL_LM")
    get_peft_model(load_base(Base(model=str(tiny_base))).model, config).save_pretrained(str(tmp_path / "adapter"))
    return tmp_path / "adapter"


def test_the_same_answers_from_one_set_of_weights(tiny_base: Path, adapter: Path) -> None:
    base = Base(model=str(tiny_base))
    apart, merged = load_candidate(base, adapter), load_merged(base, adapter)
    assert isinstance(apart.model, PeftModel)
    assert not isinstance(merged.model, PeftModel)
    prompts = render(apart.tokenizer, CHATS)
    assert generate(merged, prompts, Limits(12)) == generate(apart, prompts, Limits(12))
    assert generate(merged, prompts, Limits(12)) != generate(load_base(base), prompts, Limits(12))


def test_in_sixteen_bits_it_stays_beside_the_weights(tiny_base: Path, adapter: Path) -> None:
    assert isinstance(load_merged(Base(model=str(tiny_base), dtype="bfloat16"), adapter).model, PeftModel)


def test_a_full_fine_tune_is_itself(tiny_base: Path, tmp_path: Path) -> None:
    whole = make_tiny_base(tmp_path / "whole", seed=3)
    assert not isinstance(load_merged(Base(model=str(tiny_base)), whole).model, PeftModel)
