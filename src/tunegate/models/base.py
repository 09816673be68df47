"""The base model: found, checked and loaded. What is wrong with it is said before an hour is spent on it."""

from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors import SafetensorError

from tunegate.core.errors import ModelError
from tunegate.core.files import digest_bytes, digest_tree
from tunegate.core.settings import Base
from tunegate.models.runtime import device, quiet_bars, without_bars

DECIDING = (".safetensors", ".json", ".jinja")
# What the libraries raise for a file that is cut short, foreign or not there.
UNUSABLE = (OSError, ValueError, TypeError, KeyError, RuntimeError, SafetensorError)
RECORD = "training_record.json"  # beside the example's weights; says how they were made, decides no output


class Loaded(NamedTuple):
    """A model ready to run, with its tokenizer and the ids of the tokens that end an answer."""

    model: Any
    tokenizer: Any
    stops: tuple[int, ...]


def base_folder(base: Base) -> Path:
    """The folder with the base's files; a hub id is fetched at its pinned revision, without pickled weights.

    Raises:
        ModelError: no such folder, no safetensors in it, or the hub does not give it.
    """
    folder = base.path or _fetch(base)
    if not folder.is_dir():
        raise ModelError(
            f"params.yaml: base.model: {folder}: no such folder",
            next_step="name a folder with safetensors, or a hub id together with base.revision (40 hex digits)",
        )
    if not (folder / "config.json").is_file() or not any(folder.glob("*.safetensors")):
        raise ModelError(
            f"{folder}: expected config.json and *.safetensors; other formats are not loaded",
            next_step="save the model with `save_pretrained`, which writes both",
        )
    return folder


def _fetch(base: Base) -> Path:
    from huggingface_hub import snapshot_download

    try:
        found = snapshot_download(
            base.model, revision=base.revision, allow_patterns=[f"*{ending}" for ending in DECIDING]
        )
    except (OSError, ValueError) as fault:  # every error of the hub client is one of these
        said = str(fault).strip().splitlines()[0]
        raise ModelError(
            f"params.yaml: base.model: {base.model} at {base.revision}: {said}",
            next_step="check id, revision, network and HF_HUB_OFFLINE, or download it and name its folder",
        ) from None
    return Path(found)


def base_digest(base: Base) -> str:
    """SHA-256 over the files that decide what the base answers."""
    return digest_tree(base_folder(base), keep=lambda name: name.endswith(DECIDING) and name != RECORD)


def load_tokenizer(folder: Path) -> Any:
    """Load a tokenizer and check its chat template (see `check_template`); pads on the left, as generation needs."""
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(folder)
    except UNUSABLE as fault:
        raise ModelError(f"{folder}: no usable tokenizer: {fault}", next_step="add tokenizer.json to it") from None
    check_template(tokenizer, folder)
    tokenizer.padding_side = "left"
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def check_template(tokenizer: Any, folder: Path) -> None:
    """Check what training and serving need of a chat template.

    Raises:
        ModelError: no template, no `{% generation %}` marks (without them the loss cannot be of answers only), no
            stop token, or an answer that does not end in it (a model trained so would not learn to stop).
    """
    if not tokenizer.chat_template:
        raise ModelError(f"{folder}: the tokenizer has no chat template", next_step="add chat_template.jinja")
    if "generation %}" not in tokenizer.chat_template and "generation -%}" not in tokenizer.chat_template:
        raise ModelError(
            f"{folder}: the chat template has no {{% generation %}} marks, so the loss cannot be of answers only",
            next_step="put {% generation %} and {% endgeneration %} round the assistant's text and its stop token",
        )
    if tokenizer.eos_token_id is None:
        raise ModelError(f"{folder}: the tokenizer has no stop token", next_step="set eos_token in its configuration")
    chat = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]
    coded = tokenizer.apply_chat_template(chat, return_dict=True, return_assistant_tokens_mask=True)
    trained = [i for i, said in zip(coded["input_ids"], coded["assistant_masks"], strict=True) if said]
    if tokenizer.eos_token_id not in trained[-2:]:  # some templates close the turn with a line break
        raise ModelError(
            f"{folder}: an answer does not end in {tokenizer.eos_token!r} inside the {{% generation %}} marks",
            next_step="move the stop token inside the marks, or set eos_token to the one that the template writes",
        )


def load_weights(folder: Path, dtype: str) -> Any:
    """Load a causal language model from safetensors in the given dtype, ready for inference."""
    from transformers import AutoModelForCausalLM

    quiet_bars()
    try:
        with without_bars():
            model = AutoModelForCausalLM.from_pretrained(folder, dtype=getattr(torch, dtype), use_safetensors=True)
    except ImportError as fault:  # of a quantised model
        said = str(fault).strip().splitlines()[0]
        raise ModelError(f"{folder}: cannot be loaded: {said}", next_step="`make quantize` installs it") from None
    except UNUSABLE as fault:
        raise ModelError(
            f"{folder}: cannot be loaded: {fault}", next_step="check that the folder is a whole causal language model"
        ) from None
    return model.to(device()).eval()


def load_base(base: Base) -> Loaded:
    """The base model with its tokenizer."""
    folder = base_folder(base)
    tokenizer = load_tokenizer(folder)
    return with_stops(load_weights(folder, base.dtype), tokenizer)


def with_stops(model: Any, tokenizer: Any) -> Loaded:
    """Join model and tokenizer; an answer ends in the tokenizer's stop token or in one of the model's own."""
    own = model.generation_config.eos_token_id
    named = own if isinstance(own, list) else [own]
    stops = {tokenizer.eos_token_id, *(stop for stop in named if stop is not None)}
    return Loaded(model, tokenizer, tuple(sorted(stops)))


def template_digest(tokenizer: Any) -> str:
    """SHA-256 of the chat template's text."""
    return digest_bytes(str(tokenizer.chat_template).encode("utf-8"))
