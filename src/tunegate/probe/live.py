"""What only running the model shows: the adapter changes answers, and is the same merged as beside the base."""

from pathlib import Path
from typing import Any

import torch

from tunegate.core.settings import Base
from tunegate.models.adapter import attach, is_full, load_candidate
from tunegate.models.base import Loaded, load_base
from tunegate.models.generate import Prompt, generate, pad
from tunegate.probe.adapter_file import dead_tensors
from tunegate.probe.recorded import Recorded
from tunegate.records.probe import Check

CASES = 16
TOLERANCE = 1e-2  # of logits in float32: merging adds the same numbers in another order


def check_changes(base: Loaded, recorded: list[Recorded], prompts: list[Prompt], settings: tuple[int, int]) -> Check:
    """Does the candidate answer otherwise than the base on the same prompts?"""
    answers = generate(base, prompts, max_new_tokens=settings[0], batch_size=settings[1])
    changed = sum(answer.text != row.answer for answer, row in zip(answers, recorded, strict=True))
    return Check(
        name="adapter_changes_outputs",
        passed=changed > 0,
        cases=len(prompts),
        detail=f"{changed} of {len(prompts)} answers differ from the base's",
        fix="" if changed else "the adapter does nothing: was it saved, and is it this base's?",
    )


def check_live(base: Base, folder: Path, prompts: list[Prompt]) -> Check:
    """Are the weights finite and not as before training, and does merging leave the logits as they are?"""
    dead = dead_tensors(folder)
    gap = 0.0 if dead or is_full(folder) else _merge_gap(base, folder, prompts)
    passed = not dead and gap <= TOLERANCE
    if dead:
        detail = f"{len(dead)} tensors are zero or not finite, as {dead[0]}"
    elif is_full(folder):
        detail = "all weights are finite"
    else:
        detail = f"no LoRA matrix is zero; merged and beside the base, logits differ by at most {gap:.0e}"
    return Check(
        name="adapter_is_live",
        passed=passed,
        cases=len(prompts),
        detail=detail,
        fix="" if passed else "train again; a lower learning rate where weights are not finite",
    )


def _merge_gap(base: Base, folder: Path, prompts: list[Prompt]) -> float:
    beside = load_candidate(base, folder)
    apart = _logits(beside, prompts)
    merged = Loaded(attach(load_base(base), folder).model.merge_and_unload(), beside.tokenizer, beside.stops)
    return float((apart - _logits(merged, prompts)).abs().max())


def _logits(loaded: Loaded, prompts: list[Prompt]) -> Any:
    with torch.inference_mode():
        return loaded.model(**pad(loaded, [prompt.ids for prompt in prompts])).logits[:, -1].float()
