"""Render `serving/vllm.yaml` from the release tags: one base, every served version under its own name."""

import json
from pathlib import Path

import yaml

from tunegate.core.errors import ReleaseRefused
from tunegate.core.files import write_text
from tunegate.core.params import load_params
from tunegate.core.settings import Params
from tunegate.records.released import Released
from tunegate.serve.plan import plan

CONFIG = Path("serving/vllm.yaml")
ADAPTERS = Path("serving/adapters")
RANKS = (1, 8, 16, 32, 64, 128, 256, 320, 512)  # what vLLM's --max-lora-rank accepts
HEAD = "# Rendered from the release tags by `tunegate serve render`; do not edit. Paths are from the root.\n"


def render(root: Path) -> Path:
    """Write serving/vllm.yaml; return its path.

    Raises:
        ReleaseRefused: nothing is released.
        SettingsError: params.yaml has faults.
    """
    write_text(root / CONFIG, config(plan(root), load_params(root / "params.yaml")))
    return root / CONFIG


def config(versions: list[Released], params: Params) -> str:
    """The server's file: a pure function of versions and settings."""
    rank = max(int(version.facts["rank"]) for version in versions)
    if rank > RANKS[-1]:
        raise ReleaseRefused(
            f"rank {rank}: vLLM serves adapters up to rank {RANKS[-1]}", next_step="train a lower rank"
        )
    content = {
        "model": params.base.model,
        **({"revision": params.base.revision} if params.base.revision else {}),
        "served-model-name": "base",
        "host": params.serve.host,
        "port": params.serve.port,
        "dtype": params.base.dtype,
        "max-model-len": params.serve.max_model_len,
        "enable-lora": True,
        "max-loras": len(versions),
        "max-lora-rank": next(allowed for allowed in RANKS if allowed >= rank),
        "lora-modules": [_module(version) for version in versions],
    }
    return HEAD + yaml.safe_dump(content, sort_keys=False, width=1000)


def _module(version: Released) -> str:
    # A string, not a mapping: vLLM hands the file's values to its command line.
    path = (ADAPTERS / version.name).as_posix()
    return json.dumps({"name": version.name, "path": path, "base_model_name": "base"})
