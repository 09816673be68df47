"""Checks on files alone: recorded answers and prompts, the adapter's configuration and weights."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file

from tunegate.core.errors import EvidenceError
from tunegate.core.files import parse_json
from tunegate.models.adapter import ADAPTER_CONFIG, ADAPTER_WEIGHTS, is_full
from tunegate.records.example import Example
from tunegate.records.probe import Check

MAX_RANK = 512  # vLLM's largest --max-lora-rank (its LoRAConfig allows 1, 8, 16, 32, 64, 128, 256, 320, 512)
REFUSED = {  # keys of adapter_config.json that vLLM's PEFTHelper refuses when they are set
    "use_dora": "DoRA",
    "modules_to_save": "whole modules beside the adapter",
    "trainable_token_indices": "trained single tokens",
    "lora_bias": "a bias in the adapter",
    "layer_replication": "replicated layers",
    "use_qalora": "QALoRA",
    "use_bdlora": "block-diagonal LoRA",
    "alora_invocation_tokens": "aLoRA",
}


UNCHANGED = {"gaussian", "eva", "orthogonal", "mica", "lora_ga"}  # starts that leave the base's weights as they are


def read_answers(path: Path) -> list[dict[str, Any]]:
    """The candidate's recorded answers on the test split.

    Raises:
        EvidenceError: missing, not JSON, or none.
    """
    next_step = "run `dvc repro evaluate`; it writes this file"
    try:
        rows = [parse_json(line) for line in path.read_text(encoding="utf-8").split("\n") if line]
        found = [row for row in rows if row["split"] == "test"]
    except FileNotFoundError:
        raise EvidenceError(f"{path}: no such file", next_step=next_step) from None
    except (ValueError, TypeError, KeyError) as fault:
        raise EvidenceError(f"{path}: not a file of answers: {fault}", next_step=next_step) from None
    if not found:
        raise EvidenceError(f"{path}: no answers on the test split", next_step=next_step)
    return found


def prompts_match(tokenizer: Any, examples: Sequence[Example], answers: Sequence[dict[str, Any]]) -> Check:
    """Each prompt's ids: as evaluated, as the chat template writes them, as the server tokenizes the template's text,
    and as training saw them before the answer. One difference and the model is served what it was not trained on.
    """
    by_id = {example.id: example for example in examples}
    wrong = [row["id"] for row in answers if not _same_ids(tokenizer, by_id.get(row["id"]), row)]
    said = f"{len(answers) - len(wrong)} of {len(answers)} prompts have the template's token ids"
    return Check(
        name="prompt_tokens_match_template",
        passed=not wrong,
        cases=len(answers),
        detail=said + (f"; first other: {wrong[0]}" if wrong else ""),
        fix="run `dvc repro` so that answers and data belong together; a template that writes the past"
        " differently in training than for serving cannot be used" if wrong else "",
    )  # fmt: skip


def _same_ids(tokenizer: Any, example: Example | None, row: dict[str, Any]) -> bool:
    if example is None:
        return False
    chat = [message.plain() for message in example.messages]
    prompt = tokenizer.apply_chat_template(chat[:-1], add_generation_prompt=True, return_dict=True)["input_ids"]
    whole = tokenizer.apply_chat_template(chat, return_dict=True, return_assistant_tokens_mask=True)
    served = tokenizer(row["prompt_text"], add_special_tokens=False)["input_ids"]
    trained = whole["input_ids"][: len(prompt)]
    return bool(row["prompt_ids"] == prompt == served == trained and whole["assistant_masks"][len(prompt)])


def answers_end(answers: Sequence[dict[str, Any]]) -> Check:
    """Every answer of the test split ended in a stop token, by itself."""
    endless = [row["id"] for row in answers if row["finish_reason"] != "stop"]
    return Check(
        name="answers_end_in_stop_token",
        passed=not endless,
        cases=len(answers),
        detail=f"{len(answers) - len(endless)} of {len(answers)} answers ended by themselves"
        + (f"; first endless: {endless[0]}" if endless else ""),
        fix="raise evaluate.max_new_tokens if answers are cut; else train longer or mend the rows" if endless else "",
    )


def fits_vllm(adapter: Path) -> Check:
    """What vLLM would refuse, or load and silently ignore, is found before it is served."""
    faults = [] if is_full(adapter) else [*_config_faults(adapter), *_name_faults(adapter), *_target_faults(adapter)]
    detail = "; ".join(faults) or ("a whole model, served as itself" if is_full(adapter) else "nothing vLLM refuses")
    fix = "train a plain LoRA adapter (train.method: lora)" if faults else ""
    return Check(name="adapter_fits_vllm", passed=not faults, cases=1, detail=detail, fix=fix)


def _config_faults(adapter: Path) -> list[str]:
    config = parse_json((adapter / ADAPTER_CONFIG).read_text(encoding="utf-8"))
    faults = [f"it has {words}" for key, words in REFUSED.items() if config.get(key)]
    if config.get("bias", "none") != "none":
        faults.append(f"bias is {config['bias']!r}, must be 'none'")
    init = config.get("init_lora_weights", True)
    if isinstance(init, str) and init.lower() not in UNCHANGED:
        faults.append(f"init_lora_weights {init!r} changed the base's weights too")
    rank = max([int(config["r"]), *config.get("rank_pattern", {}).values()])
    if rank > MAX_RANK:
        faults.append(f"rank {rank} is above {MAX_RANK}")
    return faults


def _name_faults(adapter: Path) -> list[str]:
    """Tensors whose names vLLM does not know are skipped: the base would answer under the adapter's name."""
    names = load_file(adapter / ADAPTER_WEIGHTS)
    endings = (".lora_A.weight", ".lora_B.weight", ".lora_embedding_A", ".lora_embedding_B")
    foreign = [name for name in names if not (name.startswith("base_model.model.") and name.endswith(endings))]
    return [f"{len(foreign)} tensors that vLLM would skip, first {foreign[0]}"] if foreign else []


def _target_faults(adapter: Path) -> list[str]:
    """A target module without a pair of matrices is not adapted, whatever the configuration says."""
    config = parse_json((adapter / ADAPTER_CONFIG).read_text(encoding="utf-8"))
    names = list(load_file(adapter / ADAPTER_WEIGHTS))
    targets = config.get("target_modules") or []
    wanted = [] if isinstance(targets, str) else sorted(targets)  # a pattern names no modules
    faults = [f"target {target} has no weights" for target in wanted
              if not any(f".{target}.lora_" in f".{name}" for name in names)]  # fmt: skip
    alone = [name for name in names if ".lora_A." in name and name.replace(".lora_A.", ".lora_B.") not in names]
    alone += [name for name in names if ".lora_B." in name and name.replace(".lora_B.", ".lora_A.") not in names]
    return faults + [f"{name} has no other half" for name in alone[:3]]


def dead_tensors(adapter: Path) -> list[str]:
    """Names of weights that are not finite, and of matrices that are all zero: their pair adds nothing to the base."""
    path = adapter / ADAPTER_WEIGHTS
    files = [path] if path.is_file() else sorted(adapter.glob("*.safetensors"))
    weights = {name: tensor for file in files for name, tensor in load_file(file).items()}
    return [
        name
        for name, tensor in sorted(weights.items())
        if not torch.isfinite(tensor).all() or (".lora_" in name and not tensor.any())
    ]
