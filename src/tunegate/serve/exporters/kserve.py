"""KServe: an LLMInferenceService for the adapters, and one for each whole model.

https://kserve.github.io/website/docs/model-serving/generative-inference/llmisvc/lora-adapters and
kserve/kserve docs/samples/llmisvc/lora-adapters/README.md (`lora.maxRank`, `maxAdapters`, `maxCpuAdapters`). What vLLM
is told besides stands in the variable VLLM_ADDITIONAL_ARGS of the container `main`, which a shell splits: no quotes, so
JSON goes by vLLM's dotted form.
"""

from typing import Any

from tunegate.core.settings import Params
from tunegate.serve.compose import image
from tunegate.serve.exporters.shared import LABELS, dtype
from tunegate.serve.plan import Wanted, folder, served, whole
from tunegate.serve.render import dump, max_rank, slots
from tunegate.vllm.settings import AS_EVALUATED


def kserve(wants: list[Wanted], params: Params) -> dict[str, str]:
    """The services; adapters, whole models and a base in a folder lie on the volume claim `serve.claim`."""
    documents = [_service("tunegate", _base(wants, params), params.base.dtype, params)] if served(wants) else []
    for version in whole(wants):
        model = {"uri": f"pvc://{params.serve.claim}/{folder(version).as_posix()}", "name": version.name}
        name = f"tunegate-{version.name.replace('.', '-')}"  # a Service is made of it, whose name has no dots
        documents.append(_service(name, model, dtype(version, params), params))
    return {"llminferenceservice.yaml": dump(*documents)}


def _base(wants: list[Wanted], params: Params) -> dict[str, Any]:
    versions, claim = served(wants), params.serve.claim
    places = slots(versions, params)
    lora = {
        "maxRank": max_rank(versions),
        "maxAdapters": places["max_loras"],
        "maxCpuAdapters": places["max_cpu_loras"],
        "adapters": [{"name": one.name, "uri": f"pvc://{claim}/{folder(one).as_posix()}"} for one in versions],
    }
    hub = f"hf://{params.base.model}:{params.base.revision}"
    uri = hub if params.base.path is None else f"pvc://{claim}/{params.base.model.lstrip('/')}"
    return {"uri": uri, "name": "base", "lora": lora}


def _service(name: str, model: dict[str, Any], kind: str, params: Params) -> dict[str, Any]:
    serve = params.serve
    gpus = {"resources": {"limits": {"nvidia.com/gpu": str(serve.gpus)}}} if serve.device == "gpu" else {}
    main = {"name": "main", "image": image(params), "env": [_arguments(kind, params)], **gpus}
    return {
        "apiVersion": "serving.kserve.io/v1alpha1",
        "kind": "LLMInferenceService",
        "metadata": {"name": name, "labels": LABELS},
        "spec": {
            "model": model,
            "replicas": serve.replicas,
            "router": {"scheduler": {}, "route": {}, "gateway": {}},
            "template": {"containers": [main]},
        },
    }


def _arguments(kind: str, params: Params) -> dict[str, str]:
    serve = params.serve
    words = [f"--dtype={kind}", f"--max-model-len={serve.max_model_len}"]
    words += [f"--override-generation-config.{name}={value}" for name, value in AS_EVALUATED.items()]
    if serve.device == "gpu" and serve.gpus > 1:
        words.append(f"--tensor-parallel-size={serve.gpus}")
    return {"name": "VLLM_ADDITIONAL_ARGS", "value": " ".join(words)}
