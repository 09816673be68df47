"""The candidate: the base with an adapter on it, or a full fine-tune, told apart by what its folder holds."""

from pathlib import Path

from tunegate.core.errors import ModelError
from tunegate.core.files import read_json
from tunegate.core.settings import Base
from tunegate.models.base import UNUSABLE, Loaded, base_folder, load_base, load_tokenizer, load_weights, with_stops

ADAPTER_CONFIG = "adapter_config.json"
ADAPTER_WEIGHTS = "adapter_model.safetensors"


def is_full(folder: Path) -> bool:
    """Whether the folder holds a full fine-tune, not an adapter.

    Raises:
        ModelError: it holds neither.
    """
    if (folder / ADAPTER_CONFIG).is_file() and (folder / ADAPTER_WEIGHTS).is_file():
        return False
    if (folder / "config.json").is_file():
        return True
    raise ModelError(f"{folder}: neither an adapter nor a model", next_step="run `dvc repro train`; it writes both")


def quantiser(folder: Path) -> tuple[str, ...]:
    """The library that unpacks a quantised model, by its name on PyPI; empty for one that is not quantised."""
    path = folder / "config.json"
    config = read_json(path, ModelError, next_step="make it again: `dvc repro`") if path.is_file() else {}
    return ("compressed-tensors",) if "quantization_config" in config else ()


def load_candidate(base: Base, folder: Path) -> Loaded:
    """Load the candidate in the base's dtype; prompts are written with the base's template, as serving does."""
    if is_full(folder):
        return with_stops(load_weights(folder, base.dtype), load_tokenizer(base_folder(base)))
    return attach(load_base(base), folder)


def attach(loaded: Loaded, folder: Path) -> Loaded:
    """Put the adapter on an already loaded base (the base object is changed)."""
    from peft import PeftModel

    try:
        model = PeftModel.from_pretrained(loaded.model, str(folder), is_trainable=False)
    except UNUSABLE as fault:
        raise ModelError(f"{folder}: does not fit the base: {fault}", next_step="train it again: `dvc repro`") from None
    return Loaded(model.eval(), loaded.tokenizer, loaded.stops)
