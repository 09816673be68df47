"""Systems that spread adapters over a pool of servers: vLLM production-stack, llm-d. They describe adapters alone."""

from typing import Any

from tunegate.core.settings import Params
from tunegate.serve.exporters.shared import LABELS, path
from tunegate.serve.plan import Wanted, served, whole
from tunegate.serve.render import dump
from tunegate.serve.routes import targets


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
                "adapterSource": {"type": "local", "adapterName": version.name, "adapterPath": path(version)},
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
