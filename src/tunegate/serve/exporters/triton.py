"""A model repository for Triton's vLLM back end: the base with its adapters, and each whole model.

https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/vllm_backend/docs/llama_multi_lora_tutorial.html
(model.json, multi_lora.json); config.pbtxt as in vllm_backend samples/model_repository/vllm_model.
"""

import json
from typing import Any

from tunegate.core.settings import Params
from tunegate.serve.exporters.shared import base_model, dtype, path
from tunegate.serve.plan import Wanted, served, whole
from tunegate.serve.render import max_rank, slots

CONFIG = 'backend: "vllm"\n\ninstance_group [\n  {\n    count: 1\n    kind: KIND_MODEL\n  }\n]\n'


def triton(wants: list[Wanted], params: Params) -> dict[str, str]:
    """The repository; requests name an adapter's version as `lora_name`."""
    files: dict[str, str] = {}
    if versions := served(wants):
        base = params.base
        model = {"model": base_model(params), **({"revision": base.revision} if base.revision else {})}
        lora = {"enable_lora": True, **slots(versions, params), "max_lora_rank": max_rank(versions)}
        files |= _model("base", {**model, **_engine(base.dtype, params), **lora})
        files["base/1/multi_lora.json"] = _json({version.name: path(version) for version in versions})
    for version in whole(wants):
        files |= _model(version.name, {"model": path(version), **_engine(dtype(version, params), params)})
    return files


def _engine(kind: str, params: Params) -> dict[str, Any]:
    return {"dtype": kind, "max_model_len": params.serve.max_model_len, "tensor_parallel_size": params.serve.gpus}


def _model(name: str, content: dict[str, Any]) -> dict[str, str]:
    return {f"{name}/config.pbtxt": CONFIG, f"{name}/1/model.json": _json(content)}


def _json(content: dict[str, Any]) -> str:
    return json.dumps(content, indent=2) + "\n"
