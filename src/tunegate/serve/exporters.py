"""The same plan in the formats of other serving systems: `tunegate serve render --for NAME`.

Each function gives files (path below serving/NAME, text); its docstring names the page that the format was read from.
None has been applied to a running system of that kind here.
"""

import json
from collections.abc import Callable
from typing import Any

from tunegate.core.settings import Params
from tunegate.records.released import Released
from tunegate.serve.compose import ROOT, image
from tunegate.serve.plan import Wanted, folder, served, whole
from tunegate.serve.render import dump, max_rank, slots
from tunegate.serve.routes import targets

LABELS = {"app.kubernetes.io/managed-by": "tunegate"}


def kserve(wants: list[Wanted], params: Params) -> dict[str, str]:
    """An LLMInferenceService with all versions as adapters; they and a base in a folder lie on a volume claim.

    https://kserve.github.io/website/docs/model-serving/generative-inference/llmisvc/lora-adapters and
    kserve/kserve docs/samples/llmisvc/lora-adapters/README.md (`lora.maxRank`, `maxAdapters`, `maxCpuAdapters`).
    """
    versions, serve = served(wants), params.serve
    places = slots(versions, params)
    lora = {
        "maxRank": max_rank(versions),
        "maxAdapters": places["max_loras"],
        "maxCpuAdapters": places["max_cpu_loras"],
        "adapters": [
            {"name": version.name, "uri": f"pvc://{serve.claim}/{folder(version).as_posix()}"} for version in versions
        ],
    }
    hub = f"hf://{params.base.model}:{params.base.revision}"
    uri = hub if params.base.path is None else f"pvc://{serve.claim}/{params.base.model.lstrip('/')}"
    gpus = {"resources": {"limits": {"nvidia.com/gpu": str(serve.gpus)}}} if serve.device == "gpu" else {}
    content = {
        "apiVersion": "serving.kserve.io/v1alpha1",
        "kind": "LLMInferenceService",
        "metadata": {"name": "tunegate", "labels": LABELS},
        "spec": {
            "model": {"uri": uri, "name": "base", "lora": lora},
            "replicas": serve.replicas,
            "router": {"scheduler": {}, "route": {}, "gateway": {}},
            "template": {"containers": [{"name": "main", "image": image(params), **gpus}]},
        },
    }
    return {"llminferenceservice.yaml": dump(content)}


def production_stack(wants: list[Wanted], params: Params) -> dict[str, str]:
    """A LoraAdapter for each version, of type `local`: the pods' volume holds the adapters at these paths.

    vllm-project/production-stack operator/api/v1alpha1/loraadapter_types.go and
    operator/config/samples/production-stack_v1alpha1_loraadapter.yaml; `baseModel` is the served name of the base.
    """
    del params
    adapters = [
        {
            "apiVersion": "production-stack.vllm.ai/v1alpha1",
            "kind": "LoraAdapter",
            "metadata": {"name": version.name, "labels": LABELS},
            "spec": {
                "baseModel": "base",
                "adapterSource": {"type": "local", "adapterName": version.name, "adapterPath": _path(version)},
                "loraAdapterDeploymentConfig": {"algorithm": "default"},
            },
        }
        for version in served(wants)
    ]
    return {"loraadapters.yaml": dump(*adapters)}


def llm_d(wants: list[Wanted], params: Params) -> dict[str, str]:
    """An InferenceModelRewrite for each stable name: to its production version, and its canary by weight.

    llm-d/llm-d-router config/crd/bases/llm-d.ai_inferencemodelrewrites.yaml: weights are given for all targets or for
    none. The choice is made anew for each request: a session is not kept on one version.
    """
    rewrites = []
    for want in wants:
        named = targets(want, params.serve.canary_weight)
        weights: list[dict[str, Any]] = [{"weight": weight} if len(named) > 1 else {} for _, _, weight in named]
        rule = {
            "matches": [{"model": {"type": "Exact", "value": want.key}}],
            "targets": [{"modelRewrite": name, **more} for (_, name, _), more in zip(named, weights, strict=True)],
        }
        pool = {"group": "inference.networking.k8s.io", "kind": "InferencePool", "name": params.serve.pool}
        content = {
            "apiVersion": "llm-d.ai/v1alpha2",
            "kind": "InferenceModelRewrite",
            "metadata": {"name": want.key, "labels": LABELS},
            "spec": {"poolRef": pool, "rules": [rule]},
        }
        rewrites += [content] if named and not whole([want]) else []  # a full fine-tune is in no pool of adapters
    return {"inferencemodelrewrites.yaml": dump(*rewrites)}


def tgi(wants: list[Wanted], params: Params) -> dict[str, str]:
    """An env file for `docker run --env-file`: requests name the version as `parameters.adapter_id`.

    https://huggingface.co/docs/text-generation-inference/conceptual/lora (LORA_ADAPTERS=name=/path,name=/path).
    """
    base = params.base
    model = base.model if base.path is None or base.path.is_absolute() else f"{ROOT}/{base.model}"
    lines = [f"MODEL_ID={model}", *([f"REVISION={base.revision}"] if base.revision else [])]
    adapters = ",".join(f"{version.name}={_path(version)}" for version in served(wants))
    return {"tgi.env": "\n".join([*lines, f"LORA_ADAPTERS={adapters}"]) + "\n"}


def triton(wants: list[Wanted], params: Params) -> dict[str, str]:
    """A model repository for Triton's vLLM back end: requests name the version as `lora_name`.

    https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/vllm_backend/docs/llama_multi_lora_tutorial.html
    (model.json, multi_lora.json); config.pbtxt as in vllm_backend samples/model_repository/vllm_model.
    """
    versions, base = served(wants), params.base
    model = {
        "model": base.model,
        **({"revision": base.revision} if base.revision else {}),
        "dtype": base.dtype,
        "max_model_len": params.serve.max_model_len,
        "tensor_parallel_size": params.serve.gpus,
        "enable_lora": True,
        **slots(versions, params),
        "max_lora_rank": max_rank(versions),
    }
    config = 'backend: "vllm"\n\ninstance_group [\n  {\n    count: 1\n    kind: KIND_MODEL\n  }\n]\n'
    return {
        "base/config.pbtxt": config,
        "base/1/model.json": json.dumps(model, indent=2) + "\n",
        "base/1/multi_lora.json": json.dumps({version.name: _path(version) for version in versions}, indent=2) + "\n",
    }


def _path(version: Released) -> str:
    return f"{ROOT}/{folder(version).as_posix()}"


EXPORTERS: dict[str, Callable[[list[Wanted], Params], dict[str, str]]] = {
    "kserve": kserve,
    "production-stack": production_stack,
    "llm-d": llm_d,
    "tgi": tgi,
    "triton": triton,
}
