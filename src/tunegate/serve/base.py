"""One server has one base: its versions are held against it, and its size in memory is read off its files."""

import json
import math
from pathlib import Path

from tunegate.core.errors import ModelError, ReleaseRefused
from tunegate.core.settings import Params
from tunegate.records.released import Released
from tunegate.serve.plan import Wanted, is_whole

BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}
GIB = 1 << 30
MAX_HEADER = 100_000_000  # bytes, the limit that safetensors itself sets


def on_one_base(wants: list[Wanted], params: Params) -> list[Wanted]:
    """The versions that the configured base can serve: a previous version of another base is left out.

    Raises:
        ReleaseRefused: production or canary versions were trained on other bases than the one in params.yaml.
    """
    both = [version for want in wants for version in (want.prod, want.canary) if version]
    live = [version for version in both if not is_whole(version)]
    digest = next((version.facts["base-digest"] for version in live if "base-digest" in version.facts), "")
    if wrong := [version for version in live if not _fits(version, params, digest)]:
        named = ", ".join(f"{version.tag} ({version.facts.get('base', '?')})" for version in wrong)
        raise ReleaseRefused(
            f"trained on another base than the one to serve ({params.base.model}): {named}",
            next_step="set `base` as it was at their release, or serve them from a repository of their own",
        )
    return [
        want if want.previous is None or _fits(want.previous, params, digest) else want._replace(previous=None)
        for want in wants
    ]


def _fits(version: Released, params: Params, digest: str) -> bool:
    facts = version.facts
    if is_whole(version):
        return True  # it is its own base
    return facts.get("base", params.base.model) == params.base.model and facts.get("base-digest", digest) == digest


def base_gib(root: Path, params: Params) -> float | None:
    """GiB of the base's weights as served: from params.yaml, else counted; None for a hub id (nothing is here).

    Raises:
        ModelError: a weights file is not safetensors.
    """
    if params.serve.base_gib is not None or params.base.path is None:
        return params.serve.base_gib
    files = sorted((root / params.base.path).glob("*.safetensors"))
    return sum(_numbers(path) for path in files) * BYTES[params.base.dtype] / GIB if files else None


def _numbers(path: Path) -> int:
    """How many numbers a safetensors file holds, from its header (8 bytes of length, then JSON)."""
    with path.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        try:
            header = json.loads(stream.read(min(length, MAX_HEADER)))
            tensors = [entry["shape"] for name, entry in header.items() if name != "__metadata__"]
            return sum(math.prod(shape) for shape in tensors)
        except (ValueError, TypeError, KeyError, AttributeError):
            raise ModelError(f"{path}: not a safetensors file", next_step="fetch the base again") from None


def memory_gib(weights: float, params: Params) -> int:
    """Whole GiB of main memory to request for one server.

    On a CPU: weights (a fifth more while they load), the KV cache, 2 GiB for Python, torch and adapters. On a GPU main
    memory only passes the weights on: once their size and 4 GiB. Rules of thumb; docs/serving.md says how to check.
    """
    serve = params.serve
    return math.ceil(weights * 1.2 + serve.kv_gib + 2 if serve.device == "cpu" else weights + 4)
