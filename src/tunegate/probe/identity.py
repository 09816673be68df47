"""Is the candidate served on what it was measured with: the same base, tokenizer, template, positions, room?"""

from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import Any

from tunegate.core.files import parse_json
from tunegate.core.settings import Base
from tunegate.models.adapter import ADAPTER_CONFIG, is_full
from tunegate.models.base import base_folder
from tunegate.records.probe import Check

PARTS = ("normalizer", "pre_tokenizer", "post_processor", "decoder")  # of tokenizer.json
POSITIONS = ("rope_parameters", "rope_theta", "rope_scaling", "max_position_embeddings")


def adapter_names_the_base(adapter: Path, base: Base) -> Check:
    """The adapter's own configuration names the base of params.yaml, at its revision. A full fine-tune needs none, but
    the base's positions: a model that stretches them was not measured so.
    """
    faults = _whole_faults(adapter, base) if is_full(adapter) else _adapter_faults(adapter, base)
    detail = "; ".join(faults) or (
        "a whole model with the base's positions" if is_full(adapter) else f"trained on {base.model}"
    )
    fix = "name the base it was trained on in params.yaml, or train it again on this one" if faults else ""
    return Check(name="adapter_names_the_base", passed=not faults, cases=1, detail=detail, fix=fix)


def _adapter_faults(adapter: Path, base: Base) -> list[str]:
    config = _read(adapter / ADAPTER_CONFIG)
    name = base.model if base.revision or not PurePath(base.model).is_absolute() else PurePath(base.model).name
    said = {"base_model_name_or_path": name} | ({"revision": base.revision} if base.revision else {})
    return [
        f"{key} is {config.get(key)!r}, params.yaml has {wanted!r}"
        for key, wanted in said.items()
        if config.get(key) != wanted
    ]


def _whole_faults(adapter: Path, base: Base) -> list[str]:
    own, bases = _read(adapter / "config.json"), _read(base_folder(base) / "config.json")
    differing = [key for key in POSITIONS if own.get(key) != bases.get(key)]
    return [f"{key} is {own.get(key)}, the base has {bases.get(key)}" for key in differing]


def tokenizer_as_served(adapter: Path, base: Base) -> Check:
    """A server writes prompts with the base's tokenizer and template; other ones beside the adapter are never used.

    A full fine-tune is served with the files of its own folder: they must say what the base's say, which evaluation
    used.
    """
    own, bases = _tokenizer(adapter), _tokenizer(base_folder(base))
    faults = [f"{part} is not the base's" for part, value in own.items() if value is not None and value != bases[part]]
    if is_full(adapter):
        faults += [f"no {part}: a server cannot write prompts" for part, value in own.items()
                   if value is None and bases[part] is not None]  # fmt: skip
    return Check(
        name="tokenizer_as_served",
        passed=not faults,
        cases=1,
        detail="; ".join(faults) or "the base's tokenizer and chat template",
        fix="train with the base's tokenizer and template; added tokens need a base that has them" if faults else "",
    )


def _tokenizer(folder: Path) -> dict[str, Any]:
    """What decides a prompt's tokens, by name; None where the folder says nothing. Padding is the caller's."""
    whole = _read(folder / "tokenizer.json") if (folder / "tokenizer.json").is_file() else {}
    template = folder / "chat_template.jinja"
    config = _read(folder / "tokenizer_config.json") if (folder / "tokenizer_config.json").is_file() else {}
    return {
        "vocabulary": whole.get("model"),
        "added tokens": whole.get("added_tokens"),
        "splitting of text": {part: whole[part] for part in PARTS if part in whole} or None,
        "chat template": template.read_text(encoding="utf-8") if template.is_file() else config.get("chat_template"),
    }


def lengths_fit_the_server(answers: Sequence[dict[str, Any]], new_tokens: int, room: int) -> Check:
    """The longest measured prompt and a whole answer fit into `serve.max_model_len`."""
    longest = max(len(row["prompt_ids"]) for row in answers)
    passed = longest + new_tokens <= room
    return Check(
        name="lengths_fit_the_server",
        passed=passed,
        cases=len(answers),
        detail=f"the longest prompt has {longest} tokens; with {new_tokens} new ones {longest + new_tokens} of {room}",
        fix="" if passed else "raise serve.max_model_len, or lower evaluate.max_new_tokens",
    )


def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = parse_json(path.read_text(encoding="utf-8"))
    return found
