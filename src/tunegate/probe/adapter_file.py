"""What the adapter's files say without running them: will vLLM load it, and is anything in it?"""

from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open

from tunegate.core.errors import ModelError
from tunegate.core.files import read_json
from tunegate.models.adapter import ADAPTER_CONFIG, ADAPTER_WEIGHTS, is_full
from tunegate.models.base import UNUSABLE
from tunegate.records.probe import Check

MAX_RANK = 512  # vLLM's --max-lora-rank ends there
# What vLLM's LoRA loader refuses or would serve wrongly (vllm/lora/peft_helper.py).
UNSERVED = (
    "use_dora",
    "modules_to_save",
    "layer_replication",
    "trainable_token_indices",
    "alpha_pattern",
    "rank_pattern",
)


def check_fits_vllm(folder: Path) -> Check:
    """Is the adapter of a kind that vLLM's multi-LoRA serves? A full fine-tune is served as a model of its own."""
    if is_full(folder):
        detail = "a full fine-tune: served as a model of its own, not beside others"
        return Check(name="adapter_fits_vllm", passed=True, cases=1, detail=detail)
    config = read_json(folder / ADAPTER_CONFIG, ModelError, next_step="train again")
    faults = [f"{name} is set" for name in UNSERVED if config.get(name)]
    if config.get("bias", "none") != "none":
        faults.append(f"bias is {config['bias']}")
    if not 1 <= config.get("r", 0) <= MAX_RANK:
        faults.append(f"rank {config.get('r')} is not within 1 and {MAX_RANK}")
    return Check(
        name="adapter_fits_vllm",
        passed=not faults,
        cases=1,
        detail="; ".join(faults) or f"LoRA of rank {config['r']} on {len(config.get('target_modules') or [])} modules",
        fix="train without it: vLLM does not serve it" if faults else "",
    )


def weights(folder: Path) -> dict[str, Any]:
    """All tensors of the folder's safetensors files, by name.

    Raises:
        ModelError: a file cannot be read.
    """
    found: dict[str, Any] = {}
    for path in sorted(folder.glob(ADAPTER_WEIGHTS if not is_full(folder) else "*.safetensors")):
        try:
            with safe_open(path, framework="pt") as file:
                found.update({name: file.get_tensor(name) for name in file.keys()})  # noqa: SIM118 - no mapping
        except UNUSABLE as fault:
            raise ModelError(f"{path}: cannot be read: {fault}", next_step="run `dvc repro train`") from None
    return found


def dead_tensors(folder: Path) -> list[str]:
    """Tensors that are not finite, and LoRA B matrices that are all zero (as before training)."""
    return [
        name
        for name, tensor in weights(folder).items()
        if not torch.isfinite(tensor).all() or ("lora_B" in name and not tensor.any())
    ]
