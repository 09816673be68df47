"""Quantise a model with llm-compressor (https://github.com/vllm-project/llm-compressor), as vLLM loads it.

GPTQ (Frantar et al. 2022, arXiv:2210.17323) rounds the weights one column after the other and spreads each error over
those that follow; AWQ (Lin et al. 2023, arXiv:2306.00978) scales the channels that matter before it rounds. Both look
at what the model computes on training rows of its own task. The output layer stays as it is.
"""

import logging
import os
import random
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tunegate.core.convert_settings import Convert
from tunegate.core.errors import DataError, MachineError, ModelError
from tunegate.models.base import Loaded
from tunegate.models.runtime import without_bars
from tunegate.records.example import read_examples

LIBRARIES = ("llmcompressor", "compressed-tensors")
KEPT = "lm_head"
LONGEST = 2048  # tokens of a row; more teach the rounding nothing new and cost memory


def quantise(loaded: Loaded, settings: Convert, rows: Path) -> Any:
    """The model with its linear layers quantised as `settings` say; `rows` is the training split.

    Raises:
        MachineError: llm-compressor is not installed.
        ModelError: the group size does not divide a layer's inputs.
        DataError: there are no rows.
    """
    if find_spec("llmcompressor") is None:
        raise MachineError(f"convert.method {settings.method} needs llm-compressor, which is not installed",
                           next_step="`make quantize` (requirements/quantize.txt)")  # fmt: skip
    _hold_groups(loaded.model, settings)
    chats = _tokens(loaded.tokenizer, rows, settings)

    _quiet()
    from datasets import Dataset
    from llmcompressor.entrypoints.oneshot import oneshot

    _no_pinned_memory_without_gpu()
    with without_bars():
        return oneshot(
            model=loaded.model,
            dataset=Dataset.from_list([{"input_ids": ids} for ids in chats]),
            recipe=[_modifier(settings)],
            max_seq_length=LONGEST,
            num_calibration_samples=len(chats),
            shuffle_calibration_samples=False,
        )


def _quiet() -> None:
    """No line a layer; what matters ends in an exception. Called before llm-compressor is imported."""
    from loguru import logger

    os.environ.setdefault("LLM_COMPRESSOR_LOG_DISABLED", "true")
    logger.remove()
    logging.getLogger("torch.fx._symbolic_trace").setLevel(logging.ERROR)


def _modifier(settings: Convert) -> Any:
    from llmcompressor.modifiers.awq import AWQModifier
    from llmcompressor.modifiers.quantization import GPTQModifier

    if settings.scheme == "W8A8":
        return GPTQModifier(targets=["Linear"], ignore=[KEPT], scheme="W8A8")
    weights = {
        "num_bits": 4,
        "type": "int",
        "symmetric": settings.method == "gptq",
        "strategy": "group",
        "group_size": settings.group_size,
    }
    kind = GPTQModifier if settings.method == "gptq" else AWQModifier
    return kind(ignore=[KEPT], config_groups={"group_0": {"targets": ["Linear"], "weights": weights}})


def _hold_groups(model: Any, settings: Convert) -> None:
    import torch

    if settings.scheme != "W4A16":
        return
    inputs = {module.in_features for name, module in model.named_modules()
              if isinstance(module, torch.nn.Linear) and KEPT not in name}  # fmt: skip
    if wrong := sorted(size for size in inputs if size % settings.group_size):
        fitting = [size for size in (128, 64, 32, 16) if not any(each % size for each in inputs)]
        raise ModelError(
            f"convert.group_size {settings.group_size} does not divide the {wrong[0]} inputs of a layer",
            next_step=f"set it to {' or '.join(map(str, fitting))}" if fitting else "take scheme W8A8",
        )


def _tokens(tokenizer: Any, rows: Path, settings: Convert) -> list[list[int]]:
    """Whole chats as training saw them, drawn by the seed."""
    examples = read_examples(rows)
    if not examples:
        raise DataError(f"{rows}: no rows", next_step="run `dvc repro prepare` and read build/report")
    drawn = random.Random(settings.seed).sample(list(examples), min(settings.rows, len(examples)))  # noqa: S311
    chats = [[message.plain() for message in example.messages] for example in drawn]
    coded = tokenizer.apply_chat_template(chats, return_dict=True)["input_ids"]
    return [ids[:LONGEST] for ids in coded]


def _no_pinned_memory_without_gpu() -> None:
    """llm-compressor 0.14.0.1 pins memory for a GPU even where there is none, and AWQ ends in a RuntimeError."""
    import torch
    from llmcompressor.pipelines.cache import IntermediatesCache

    if not torch.accelerator.is_available():
        IntermediatesCache.pin_memory = lambda *_args, **_named: None
