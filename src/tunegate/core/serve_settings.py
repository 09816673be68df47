"""The section `serve` of `params.yaml`: what the rendered server files say beyond the adapters, and vLLM's limits."""

from typing import Annotated, Literal

from pydantic import Field

from tunegate.core.section import Count, Section

MAX_RANK = 512  # the highest value that vLLM's --max-lora-rank accepts
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Serve(Section):
    """What the rendered server files say beyond the adapters.

    `device`, `gpus`, `cpus`, `kv_gib`, `replicas`: what a container gets (vLLM on this machine takes what there is).
    `base_gib`: size of the base's weights in memory; measured where the base is a folder. `max_loras`: adapters that
    one batch may mix (a slot of GPU memory each). `canary_weight`: per cent of the requests that the canary answers.
    `runtime_updates`: whether `serve reconcile` may load and unload without a restart; without it only where `host` is
    this machine alone, for whoever reaches the port could do it as well. `repository`: where a pod clones the tags
    from; `tools_image`: an image with Git and `tunegate[release]` for that; `image`: vLLM's, by `device` without it.
    `claim`: for KServe, the volume claim that holds this repository with its adapters; `pool`: llm-d's InferencePool.
    """

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8000
    max_model_len: Count = 1024
    device: Literal["cpu", "gpu"] = "cpu"
    gpus: Count = 1
    cpus: Count = 4
    kv_gib: Count = 1
    base_gib: Annotated[float, Field(gt=0)] | None = None
    replicas: Count = 1
    max_loras: Count = 16
    canary_weight: Annotated[int, Field(ge=1, le=99)] = 5
    runtime_updates: bool | None = None
    repository: str = ""
    tools_image: str = "tunegate:latest"
    image: str = ""
    claim: str = "tunegate"
    pool: str = "tunegate-vllm"

    @property
    def updates(self) -> bool:
        """Whether the server takes and gives up adapters while it runs."""
        return self.host in LOOPBACK if self.runtime_updates is None else self.runtime_updates
