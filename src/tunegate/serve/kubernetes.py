"""`serving/kubernetes.yaml`: ConfigMap, Deployment and Service. A pod fetches its adapters from the registry itself.

The init container clones the repository at the newest served release and fetches exactly the rendered tags, so every
byte is held against its tag before vLLM starts. New versions come by applying a newly rendered file, never by API.
"""

from typing import Any

from tunegate.core.files import digest_bytes
from tunegate.core.settings import Params
from tunegate.records.released import Released
from tunegate.serve.base import memory_gib
from tunegate.serve.compose import CACHE, ROOT, environment, image
from tunegate.serve.plan import Wanted, served
from tunegate.serve.render import config, dump

NAME = "tunegate-vllm"
LABELS = {"app.kubernetes.io/name": NAME, "app.kubernetes.io/managed-by": "tunegate"}
SELECTOR = {"app.kubernetes.io/name": NAME}
MOUNTED = "/etc/tunegate"
CONFINED = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}


def kubernetes(wants: list[Wanted], params: Params, weights: float) -> str:
    """The manifests; `weights`: GiB of the base in memory."""
    versions = served(wants)
    file = config(versions, params)
    settings = f"{NAME}-{digest_bytes(file.encode())[:12]}"  # another file is another name: pods never mix two
    return dump(
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": settings, "labels": LABELS},
            "immutable": True,
            "data": {"vllm.yaml": file},
        },
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": NAME, "labels": LABELS},
            "spec": {
                "replicas": params.serve.replicas,
                "selector": {"matchLabels": SELECTOR},
                "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
                "template": {"metadata": {"labels": LABELS}, "spec": _pod(versions, params, settings, weights)},
            },
        },
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": NAME, "labels": LABELS},
            "spec": {"selector": SELECTOR, "ports": [{"name": "http", "port": 80, "targetPort": "http"}]},
        },
    )


def _pod(versions: list[Released], params: Params, settings: str, weights: float) -> dict[str, Any]:
    return {
        "automountServiceAccountToken": False,
        "terminationGracePeriodSeconds": 60,
        "initContainers": [_adapters(versions, params)],
        "containers": [_server(params, weights)],
        "volumes": [
            {"name": "repository", "emptyDir": {}},
            {"name": "settings", "configMap": {"name": settings}},
            {"name": "shm", "emptyDir": {"medium": "Memory", "sizeLimit": "4Gi"}},
            *(volume for volume, _ in _base(params)),
        ],
    }


def _base(params: Params) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Volume and mount of the base, unless it comes with the clone: a cache for the hub, or the node's own folder."""
    path = params.base.path
    if path is None:
        return [({"name": "hub", "emptyDir": {}}, {"name": "hub", "mountPath": CACHE})]
    if not path.is_absolute():
        return []
    where = path.as_posix()
    volume = {"name": "base", "hostPath": {"path": where, "type": "Directory"}}
    return [(volume, {"name": "base", "mountPath": where, "readOnly": True})]


def _adapters(versions: list[Released], params: Params) -> dict[str, Any]:
    source = ["--from", params.serve.repository, "--commit", newest(versions).commit]
    return {
        "name": "adapters",
        "image": params.serve.tools_image,
        "command": ["tunegate", "serve", "fetch"],
        "args": [*source, *(version.tag for version in versions)],
        "workingDir": ROOT,
        "env": [{"name": "HOME", "value": "/tmp"}],  # noqa: S108 - the container's own
        # Credentials of the Git host and of DVC's remote, if they need any.
        "envFrom": [{"secretRef": {"name": "tunegate-registry", "optional": True}}],
        "securityContext": CONFINED,
        "volumeMounts": [{"name": "repository", "mountPath": ROOT}],
    }


def newest(versions: list[Released]) -> Released:
    """The version whose commit is cloned: by number the newest, of several adapters the first by key."""
    return max(versions, key=lambda version: version.order)


def _server(params: Params, weights: float) -> dict[str, Any]:
    port = params.serve.port
    without = {name: value for name, value in environment(params).items() if name != "VLLM_ALLOW_RUNTIME_LORA_UPDATING"}
    return {
        "name": "vllm",
        "image": image(params),
        "command": ["vllm", "serve"],
        "args": ["--config", f"{MOUNTED}/vllm.yaml", "--host", "0.0.0.0"],  # noqa: S104 - the pod's address
        "workingDir": ROOT,
        "env": [{"name": name, "value": value} for name, value in without.items()],
        "ports": [{"name": "http", "containerPort": port}],
        "startupProbe": {**_health(), "periodSeconds": 10, "failureThreshold": 60},
        "readinessProbe": {**_health(), "periodSeconds": 5, "failureThreshold": 2},
        "livenessProbe": {**_health(), "periodSeconds": 20, "failureThreshold": 3, "timeoutSeconds": 5},
        "resources": resources(params, weights),
        "securityContext": CONFINED,
        "volumeMounts": [
            {"name": "repository", "mountPath": ROOT, "readOnly": True},
            {"name": "settings", "mountPath": MOUNTED, "readOnly": True},
            {"name": "shm", "mountPath": "/dev/shm"},  # noqa: S108 - the pod's own
            *(mount for _, mount in _base(params)),
        ],
    }


def _health() -> dict[str, Any]:
    return {"httpGet": {"path": "/health", "port": "http"}}


def resources(params: Params, weights: float) -> dict[str, Any]:
    """Requests from the base's size; memory is limited to what is requested, so that no neighbour suffers."""
    memory = f"{memory_gib(weights, params)}Gi"
    gpu = {"nvidia.com/gpu": str(params.serve.gpus)} if params.serve.device == "gpu" else {}
    return {"requests": {"cpu": str(params.serve.cpus), "memory": memory, **gpu}, "limits": {"memory": memory, **gpu}}
