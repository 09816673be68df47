"""An adapter with random weights for the example's base: it changes answers but knows nothing."""

import json
import zlib
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

ROOT = Path(__file__).parents[1]
BASE = Path("examples/support/base")


def make_adapter(folder: Path, rank: int, seed: str = "") -> Path:
    """An adapter with random weights on the query projections of the example's base; other seeds, other answers.

    Without a seed the folder's name is one.
    """
    shape = json.loads((ROOT / BASE / "config.json").read_text(encoding="utf-8"))
    heads = shape["num_attention_heads"]
    width = heads * (shape.get("head_dim") or shape["hidden_size"] // heads)
    draw, tensors = np.random.default_rng(zlib.crc32((seed or folder.name).encode())), {}
    for layer in range(shape["num_hidden_layers"]):
        name = f"base_model.model.model.layers.{layer}.self_attn.q_proj"
        tensors[f"{name}.lora_A.weight"] = draw.normal(size=(rank, shape["hidden_size"])).astype(np.float32)
        tensors[f"{name}.lora_B.weight"] = draw.normal(size=(width, rank)).astype(np.float32)
    folder.mkdir(parents=True, exist_ok=True)
    save_file(tensors, folder / "adapter_model.safetensors")
    config = {"peft_type": "LORA", "r": rank, "lora_alpha": rank, "target_modules": ["q_proj"], "bias": "none"}
    more = {"task_type": "CAUSAL_LM", "base_model_name_or_path": BASE.as_posix()}
    (folder / "adapter_config.json").write_text(json.dumps({**config, **more}), encoding="utf-8")
    return folder
