"""Make one variant: merge, quantise, write the model, and the record of how it was made."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from tunegate.convert.merge import merge
from tunegate.convert.quantise import LIBRARIES, quantise
from tunegate.core.convert_settings import Convert
from tunegate.core.errors import EvidenceError
from tunegate.core.files import digest_tree, read_json, write_json
from tunegate.core.settings import Base, Variant
from tunegate.models.adapter import is_full
from tunegate.models.base import base_digest, base_folder
from tunegate.models.runtime import environment, hardware, peak_memory_mib, set_seed, versions
from tunegate.models.whole import write_whole

MERGED_BY = ("torch", "transformers", "peft", "tokenizers")


class Paths(NamedTuple):
    """The adapter's clean rows, its folder and its training record; the folders of the variant and of its record."""

    data: Path
    adapter: Path
    training: Path
    out: Path
    record: Path


def convert(base: Base, variant: Variant, paths: Paths, say: Callable[[str], None]) -> None:
    """Write the variant's model to `paths.out` and its record to `paths.record`.

    Raises:
        ModelError: the base is quantised already, adapter and base do not fit, or the scheme does not fit the model.
        DataError: no training rows to choose the rounding by.
        MachineError: llm-compressor is not installed.
    """
    began, settings = time.monotonic(), variant.convert
    set_seed(settings.seed)
    loaded = merge(base, paths.adapter, settings.dtype)
    if settings.method != "merge":
        loaded = loaded._replace(model=quantise(loaded, settings, paths.data / "train.jsonl"))
    write_whole(loaded.model, loaded.tokenizer, paths.out)
    sizes = _sizes(base, paths)
    seconds = round(time.monotonic() - began, 1)
    write_json(paths.record / "record.json", {**_record(base, variant, paths), "bytes": sizes, "seconds": seconds})
    less = 1 - sizes["after"] / sizes["before"]
    say(f"{settings.name}: {sizes['after'] / 1e6:.1f} MB, {less:.0%} less than {variant.of} on its base")


def _sizes(base: Base, paths: Paths) -> dict[str, int]:
    """Bytes of weights that a server loads: for the adapter with its base (a full fine-tune has none), and now."""
    before = [paths.adapter] if is_full(paths.adapter) else [base_folder(base), paths.adapter]
    return {"before": sum(map(_weights, before)), "after": _weights(paths.out)}


def _weights(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("*.safetensors"))


def _record(base: Base, variant: Variant, paths: Paths) -> dict[str, Any]:
    """Like a training record, with that of the adapter inside."""
    before = read_json(paths.training / "record.json", EvidenceError, next_step=f"`dvc repro train@{variant.of}`")
    return {
        "base": base.model,
        "revision": base.revision,
        "base_digest": base_digest(base),
        "of": variant.of,
        "made_of": digest_tree(paths.adapter),
        "adapter": digest_tree(paths.out),
        "settings": {"convert": variant.convert.model_dump(mode="json"), "train": before.get("settings", {})},
        "training": before,
        "peak_memory_mib": peak_memory_mib(),
        "libraries": versions(*MERGED_BY, *_used(variant.convert)),
        "environment": environment(),
        "hardware": hardware(),
    }


def _used(settings: Convert) -> tuple[str, ...]:
    return () if settings.method == "merge" else LIBRARIES
