"""`serving/compose.yaml`: the server in a container, on the files of this repository."""

from pathlib import PurePosixPath
from typing import Any

from tunegate.core.settings import Params
from tunegate.serve.render import dump

ROOT = "/srv/tunegate"  # where the repository's root is in containers: paths in vllm.yaml are from there
CACHE = "/root/.cache/huggingface"
# The version of requirements/serve-cpu.txt, so that what is tested here is what runs there.
IMAGES = {"cpu": "vllm/vllm-openai-cpu:v0.32.0", "gpu": "vllm/vllm-openai:v0.32.0"}


def compose(params: Params) -> str:
    """One service; adapters and base are mounted read-only, the port is published where `serve.host` says."""
    serve = params.serve
    service: dict[str, Any] = {
        "image": image(params),
        "entrypoint": ["vllm", "serve"],
        "command": ["--config", "serving/vllm.yaml", "--host", "0.0.0.0"],  # noqa: S104 - inside the container
        "working_dir": ROOT,
        "environment": environment(params),
        "volumes": [f".:{ROOT}/serving:ro", *_base(params)],
        "ports": [f"{serve.host}:{serve.port}:{serve.port}"],
        "shm_size": "4gb",
        "restart": "unless-stopped",
        "healthcheck": {
            "test": ["CMD", "python3", "-c", _probe(serve.port)],
            "interval": "10s",
            "timeout": "5s",
            "retries": 3,
            "start_period": "600s",
        },
    }
    if serve.device == "gpu":
        devices = [{"driver": "nvidia", "count": serve.gpus, "capabilities": ["gpu"]}]
        service["deploy"] = {"resources": {"reservations": {"devices": devices}}}
    volumes: dict[str, Any] = {} if params.base.path else {"volumes": {"hub": {}}}
    return dump({"name": "tunegate", "services": {"vllm": service}, **volumes})


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
        **({"VLLM_ALLOW_RUNTIME_LORA_UPDATING": "1"} if params.serve.updates else {}),
    }


def _base(params: Params) -> list[str]:
    path = params.base.path
    if path is None:
        return [f"hub:{CACHE}"]
    if path.is_absolute():
        return [f"{path.as_posix()}:{path.as_posix()}:ro"]
    return [f"../{path.as_posix()}:{PurePosixPath(ROOT) / path.as_posix()}:ro"]


def _probe(port: int) -> str:
    return f"import urllib.request; urllib.request.urlopen('http://127.0.0.1:{port}/health', timeout=4)"
