"""`serving/compose.yaml`: the servers in containers, on the files of this repository."""

from pathlib import PurePosixPath
from typing import Any

from tunegate.core.settings import Params
from tunegate.serve.plan import Wanted, served, whole
from tunegate.serve.render import dump, whole_file

ROOT = "/srv/tunegate"  # where the repository's root is in containers: paths in vllm.yaml are from there
UPDATES = "VLLM_ALLOW_RUNTIME_LORA_UPDATING"
CACHE = "/root/.cache/huggingface"
# The version of requirements/serve-cpu.txt, so that what is tested here is what runs there.
IMAGES = {"cpu": "vllm/vllm-openai-cpu:v0.32.0", "gpu": "vllm/vllm-openai:v0.32.0"}


def compose(wants: list[Wanted], params: Params) -> str:
    """A service for all adapters on their base, and one for each full fine-tune and variant, at the ports after it.

    Files are mounted read-only, a port is published where `serve.host` says.
    """
    port = params.serve.port
    services: dict[str, Any] = {}
    if served(wants):
        services["vllm"] = _service(params, "vllm.yaml", port, environment(params), _base(params))
    for at, version in enumerate(whole(wants), 1):
        services[version.name] = _service(params, whole_file(version.name), port + at, own_environment(params), [])
    volumes: dict[str, Any] = {} if params.base.path or "vllm" not in services else {"volumes": {"hub": {}}}
    return dump({"name": "tunegate", "services": services, **volumes})


def _service(params: Params, file: str, port: int, named: dict[str, str], mounts: list[str]) -> dict[str, Any]:
    serve = params.serve
    service: dict[str, Any] = {
        "image": image(params),
        "entrypoint": ["vllm", "serve"],
        "command": ["--config", f"serving/{file}", "--host", "0.0.0.0"],  # noqa: S104 - inside the container
        "working_dir": ROOT,
        "environment": named,
        "volumes": [f".:{ROOT}/serving:ro", *mounts],
        "ports": [f"{serve.host}:{port}:{port}"],
        "shm_size": "4gb",
        "restart": "unless-stopped",
        "healthcheck": {
            "test": ["CMD", "python3", "-c", _probe(port)],
            "interval": "10s",
            "timeout": "5s",
            "retries": 3,
            "start_period": "600s",
        },
    }
    if serve.device == "gpu":
        devices = [{"driver": "nvidia", "count": serve.gpus, "capabilities": ["gpu"]}]
        service["deploy"] = {"resources": {"reservations": {"devices": devices}}}
    return service


def image(params: Params) -> str:
    """Vllm's image: that of params.yaml, else the one for the device."""
    return params.serve.image or IMAGES[params.serve.device]


def environment(params: Params) -> dict[str, str]:
    """The server's environment in a container. Plugins stay out: a resolver would load what a request names."""
    return {
        "VLLM_NO_USAGE_STATS": "1",
        "VLLM_PLUGINS": "",
        **({"HF_HUB_OFFLINE": "1"} if params.base.path else {}),
        **({"VLLM_CPU_KVCACHE_SPACE": str(params.serve.kv_gib)} if params.serve.device == "cpu" else {}),
        **({UPDATES: "1"} if params.serve.updates else {}),
    }


def own_environment(params: Params) -> dict[str, str]:
    """The environment of a server that holds one whole model: nothing is loaded into it, nothing is asked of a hub."""
    named = environment(params) | {"HF_HUB_OFFLINE": "1"}
    return {name: value for name, value in named.items() if name != UPDATES}


def _base(params: Params) -> list[str]:
    path = params.base.path
    if path is None:
        return [f"hub:{CACHE}"]
    if path.is_absolute():
        return [f"{path.as_posix()}:{path.as_posix()}:ro"]
    return [f"../{path.as_posix()}:{PurePosixPath(ROOT) / path.as_posix()}:ro"]


def _probe(port: int) -> str:
    return f"import urllib.request; urllib.request.urlopen('http://127.0.0.1:{port}/health', timeout=4)"
