"""Checks that run the model: does the adapter change what the base says, and does it merge to the same thing?"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch

from tunegate.core.settings import Base
from tunegate.models.adapter import is_full
from tunegate.models.base import Loaded, load_base
from tunegate.models.generate import Limits, Prompt, generate, pad
from tunegate.probe.files import dead_tensors
from tunegate.records.probe import Check

NOISE = 1e-4  # logits of two runs of the same model differ by less
AGREE = {"float32": 1e-3, "bfloat16": 5e-2, "float16": 1e-2}  # of the largest logit: rounding of merged weights


def changes_outputs(loaded: Loaded, base: Loaded | None, prompts: Sequence[Prompt], max_new_tokens: int) -> Check:
    """The candidate's logits differ from the base's on every prompt. `base` None: the adapter switched off."""
    mine, said = next_logits(loaded, prompts), _answers(loaded, prompts, max_new_tokens)
    with _without_adapter(loaded, base) as plain:
        other, base_said = next_logits(plain, prompts), _answers(plain, prompts, max_new_tokens)
    apart = (mine - other).abs().amax(dim=1)
    changed, differing = int((apart > NOISE).sum()), sum(a != b for a, b in zip(said, base_said, strict=True))
    alive = changed == len(prompts)
    return Check(
        name="adapter_changes_outputs",
        passed=alive,
        cases=len(prompts),
        detail=f"{differing} of {len(prompts)} answers differ from the base's; next-token logits differ in {changed}, "
        f"by up to {apart.max():.3g}",
        fix="" if alive else "the adapter has no effect: check target modules, learning rate and the base it is put on",
    )


@contextmanager
def _without_adapter(loaded: Loaded, base: Loaded | None) -> Iterator[Loaded]:
    if base is not None:
        yield base
        return
    with loaded.model.disable_adapter():
        yield loaded


def _answers(loaded: Loaded, prompts: Sequence[Prompt], max_new_tokens: int) -> list[str]:
    found = generate(loaded, prompts, Limits(max_new_tokens, len(prompts)))
    return [answer.text for answer in found]


def next_logits(loaded: Loaded, prompts: Sequence[Prompt]) -> torch.Tensor:
    """The logits of the first new token, a row a prompt, in float32."""
    given = pad(loaded, [prompt.ids for prompt in prompts])
    positions = (given["attention_mask"].cumsum(1) - 1).clamp(min=0)
    with torch.inference_mode():
        logits = loaded.model(**given, position_ids=positions).logits[:, -1]
    return logits.float().cpu()  # type: ignore[no-any-return]


def is_live(loaded: Loaded, adapter: Path, prompts: Sequence[Prompt], dtype: str) -> Check:
    """All weights are finite, no adapter matrix is empty, and merging it into the base gives the same logits."""
    faults = [f"{name} is empty or not finite" for name in dead_tensors(adapter)[:3]]
    words = "all weights are finite"
    if not is_full(adapter):
        gap = _merged_gap(loaded, prompts)
        words += f", no matrix is empty; merged logits differ by {gap:.2g} of the largest"
        if not gap <= AGREE[dtype]:  # also when it is not a number
            faults.append(f"merged logits differ by {gap:.2g} of the largest, allowed {AGREE[dtype]:.2g}")
    return Check(
        name="adapter_is_live",
        passed=not faults,
        cases=len(prompts),
        detail="; ".join(faults) or words,
        fix="train again with a lower learning rate" if faults else "",
    )


def _merged_gap(loaded: Loaded, prompts: Sequence[Prompt]) -> float:
    apart = next_logits(loaded, prompts)
    loaded.model.merge_adapter()
    try:
        merged = next_logits(loaded, prompts)
    finally:
        loaded.model.unmerge_adapter()
    return float((merged - apart).abs().max() / apart.abs().max())


def base_for(adapter: Path, base: Base) -> Loaded | None:
    """The base to compare a full fine-tune with; an adapter is compared with its own base, switched off."""
    return load_base(base) if is_full(adapter) else None
