"""Merge an adapter into its base: the sum in 32 bits, rounded once."""

from pathlib import Path

from tunegate.core.errors import ModelError
from tunegate.core.files import read_json
from tunegate.core.settings import Base
from tunegate.models.adapter import is_full, load_candidate
from tunegate.models.base import Loaded, base_folder


def merge(base: Base, adapter: Path, dtype: str) -> Loaded:
    """The base with the adapter's products added to its weights, in `dtype`; a full fine-tune is only rounded.

    Raises:
        ModelError: the base's weights are quantised: the sum would be rounded to their few levels, and what the adapter
            learned is mostly smaller than one.
    """
    import torch

    refuse_quantised(base)
    exact = base.model_copy(update={"dtype": "float32"})
    loaded = load_candidate(exact, adapter)
    model = loaded.model if is_full(adapter) else loaded.model.merge_and_unload(safe_merge=True)
    return loaded._replace(model=model.to(getattr(torch, dtype)).eval())


def refuse_quantised(base: Base) -> None:
    """Only a base in 16 or 32 bits takes an adapter into its weights."""
    config = read_json(base_folder(base) / "config.json", ModelError, next_step="save the base again")
    if found := config.get("quantization_config"):
        kind = found.get("quant_method", "quantised") if isinstance(found, dict) else "quantised"
        raise ModelError(
            f"base.model: {base.model} is quantised already ({kind}): merging would round the adapter away",
            next_step="name the base in 16 bits as base.model (an adapter trained by QLoRA fits it), measure it there,"
            " and quantise the merged model: convert.method gptq or awq",
        )
