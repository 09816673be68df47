"""`serving/kubernetes.yaml`: ConfigMap, Deployment and Service of each server. A pod fetches what it serves itself.

The init container clones the repository at the newest served release and fetches exactly the rendered tags, so every
byte is held against its tag before vLLM starts. New versions come by applying a newly rendered file, never by API.
"""

from typing import Any, NamedTuple

from tunegate.core.files import digest_bytes
from tunegate.core.settings import Params
from tunegate.records.released import Released
from tunegate.serve.base import BYTES, memory_gib
from tunegate.serve.compose import CACHE, ROOT, UPDATES, environment, image, own_environment
from tunegate.serve.plan import Wanted, served, whole
from tunegate.serve.render import config, dump, whole_configs, whole_file

NAME = "tunegate-vllm"
MOUNTED = "/etc/tunegate"
CONFINED = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}


class _Unit(NamedTuple):
    """What one Deployment serves: its name, the server's file, the tags it needs, its port, GiB of weights; `own`: one
    whole model, without adapters and base.
    """

    name: str
    file: str
    versions: list[Released]
    port: int
    weights: float
    own: bool = False

    @property
    def labels(self) -> dict[str, str]:
        return {**self.selector, "app.kubernetes.io/managed-by": "tunegate"}

    @property
    def selector(self) -> dict[str, str]:
        return {"app.kubernetes.io/name": self.name}


def kubernetes(wants: list[Wanted], params: Params, weights: float) -> str:
    """The manifests: of the adapters' server, and of one for each full fine-tune and variant.

    `weights`: GiB of the base in memory. A whole model has as many numbers, in its own format; 8 or 4 bits are given
    more room than they need.
    """
    units = []
    if versions := served(wants):
        units.append(_Unit(NAME, config(versions, params), versions, params.serve.port, weights))
    files = whole_configs(whole(wants), params)
    for at, version in enumerate(whole(wants), 1):
        size = weights * BYTES[version.facts.get("dtype", params.base.dtype)] / BYTES[params.base.dtype]
        name = f"{NAME}-{version.name.replace('.', '-')}"  # a Service's name has no dots
        units.append(_Unit(name, files[whole_file(version.name)], [version], params.serve.port + at, size, own=True))
    return dump(*(document for unit in units for document in _documents(unit, params)))


def _documents(unit: _Unit, params: Params) -> list[dict[str, Any]]:
    settings = f"{unit.name}-{digest_bytes(unit.file.encode())[:12]}"  # another file, another name: pods never mix two
    return [
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": settings, "labels": unit.labels},
            "immutable": True,
            "data": {"vllm.yaml": unit.file},
        },
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": unit.name, "labels": unit.labels},
            "spec": {
                "replicas": params.serve.replicas,
                "selector": {"matchLabels": unit.selector},
                "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
                "template": {"metadata": {"labels": unit.labels}, "spec": _pod(unit, params, settings)},
            },
        },
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": unit.name, "labels": unit.labels},
            "spec": {"selector": unit.selector, "ports": [{"name": "http", "port": 80, "targetPort": "http"}]},
        },
    ]


def _pod(unit: _Unit, params: Params, settings: str) -> dict[str, Any]:
    return {
        "automountServiceAccountToken": False,
        "terminationGracePeriodSeconds": 60,
        "initContainers": [_adapters(unit.versions, params)],
        "containers": [_server(unit, params)],
        "volumes": [
            {"name": "repository", "emptyDir": {}},
            {"name": "settings", "configMap": {"name": settings}},
            {"name": "shm", "emptyDir": {"medium": "Memory", "sizeLimit": "4Gi"}},
            *(volume for volume, _ in ([] if unit.own else _base(params))),
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


def _server(unit: _Unit, params: Params) -> dict[str, Any]:
    named = own_environment(params) if unit.own else environment(params)
    without = {name: value for name, value in named.items() if name != UPDATES}
    return {
        "name": "vllm",
        "image": image(params),
        "command": ["vllm", "serve"],
        "args": ["--config", f"{MOUNTED}/vllm.yaml", "--host", "0.0.0.0"],  # noqa: S104 - the pod's address
        "workingDir": ROOT,
        "env": [{"name": name, "value": value} for name, value in without.items()],
        "ports": [{"name": "http", "containerPort": unit.port}],
        "startupProbe": {**_health(), "periodSeconds": 10, "failureThreshold": 60},
        "readinessProbe": {**_health(), "periodSeconds": 5, "failureThreshold": 2},
        "livenessProbe": {**_health(), "periodSeconds": 20, "failureThreshold": 3, "timeoutSeconds": 5},
        "resources": resources(params, unit.weights),
        "securityContext": CONFINED,
        "volumeMounts": [
            {"name": "repository", "mountPath": ROOT, "readOnly": True},
            {"name": "settings", "mountPath": MOUNTED, "readOnly": True},
            {"name": "shm", "mountPath": "/dev/shm"},  # noqa: S108 - the pod's own
            *(mount for _, mount in ([] if unit.own else _base(params))),
        ],
    }


def _health() -> dict[str, Any]:
    return {"httpGet": {"path": "/health", "port": "http"}}


def resources(params: Params, weights: float) -> dict[str, Any]:
    """Requests from the base's size; memory is limited to what is requested, so that no neighbour suffers."""
    memory = f"{memory_gib(weights, params)}Gi"
    gpu = {"nvidia.com/gpu": str(params.serve.gpus)} if params.serve.device == "gpu" else {}
    return {"requests": {"cpu": str(params.serve.cpus), "memory": memory, **gpu}, "limits": {"memory": memory, **gpu}}
