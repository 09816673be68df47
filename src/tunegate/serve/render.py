"""Render `serving/` from the release and stage tags: the server's file, the routes, and how to run it in containers.

Pure functions of tags and settings: the same repository gives the same bytes.
"""

import json
from pathlib import Path
from typing import Any

import yaml

from tunegate.core.errors import ReleaseRefused
from tunegate.core.files import write_text
from tunegate.core.params import load_params
from tunegate.core.settings import Params
from tunegate.records.released import Released
from tunegate.serve.base import base_gib, on_one_base
from tunegate.serve.plan import folder, plan, served, whole
from tunegate.vllm.settings import AS_EVALUATED, smallest_rank

SERVING = Path("serving")
CONFIG = SERVING / "vllm.yaml"
HEAD = "# Rendered from the tags by `tunegate serve render`; do not edit. Paths are from the repository's root.\n"
FORMS = ("vllm.yaml", "vllm-*.yaml", "compose.yaml", "kubernetes.yaml")  # what an earlier rendering may have left
WARM = 3  # production, the one before, and a canary


def render(root: Path) -> list[str]:
    """Write the files under serving/; return a line on each.

    Raises:
        ReleaseRefused: nothing is released, or not for this base.
        SettingsError: params.yaml has faults.
    """
    from tunegate.serve.compose import compose
    from tunegate.serve.kubernetes import kubernetes
    from tunegate.serve.routes import routes

    params = load_params(root / "params.yaml")
    wants = on_one_base(plan(root), params)
    texts = {"routes.yaml": routes(wants, params), **whole_configs(whole(wants), params)}
    if versions := served(wants):
        texts["vllm.yaml"] = config(versions, params)
    texts["compose.yaml"] = compose(wants, params)
    weights = base_gib(root, params)
    if not (lacking := _lacking(params, weights)):
        texts["kubernetes.yaml"] = kubernetes(wants, params, weights or 0)
    for stale in {path.name for form in FORMS for path in (root / SERVING).glob(form)} - set(texts):
        (root / SERVING / stale).unlink()
    for name, text in texts.items():
        write_text(root / SERVING / name, text)
    said = [(SERVING / name).as_posix() for name in texts]
    return said + ([f"no serving/kubernetes.yaml: set {' and '.join(lacking)} in params.yaml"] if lacking else [])


def export(root: Path, name: str) -> list[str]:
    """Write the files for another serving system under serving/NAME, and nothing else there; return a line on each.

    Raises:
        ReleaseRefused: nothing is released, or not for this base.
        SettingsError: params.yaml has faults.
    """
    from tunegate.serve.exporters import ADAPTERS_ONLY, EXPORTERS

    params = load_params(root / "params.yaml")
    wants = on_one_base(plan(root), params)
    texts, home = EXPORTERS[name](wants, params), root / SERVING / name
    for stale in {path for path in home.rglob("*") if path.is_file()} - {home / path for path in texts}:
        stale.unlink()  # an earlier rendering's: a whole model that is not served any more
    for path, text in texts.items():
        write_text(home / path, text)
    said = [(SERVING / name / path).as_posix() for path in texts]
    left = [version.name for version in whole(wants)] if name in ADAPTERS_ONLY else []
    return said + ([f"not in these: {', '.join(left)}, whole models; `tunegate serve render` has them"] if left else [])


def _lacking(params: Params, weights: float | None) -> list[str]:
    """Settings that the Kubernetes manifests need and nothing else does."""
    needed = {"serve.repository": params.serve.repository, "serve.base_gib": weights}
    return [name for name, value in needed.items() if not value]


def config(versions: list[Released], params: Params) -> str:
    """The server's file: a pure function of versions and settings.

    Raises:
        ReleaseRefused: a rank is beyond what vLLM serves.
    """
    serve = params.serve
    content = {
        "model": params.base.model,
        **({"revision": params.base.revision} if params.base.revision else {}),
        "served-model-name": "base",
        "host": serve.host,
        "port": serve.port,
        "dtype": params.base.dtype,
        "max-model-len": serve.max_model_len,
        "override-generation-config": AS_EVALUATED,
        **({"tensor-parallel-size": serve.gpus} if serve.device == "gpu" and serve.gpus > 1 else {}),
        "enable-lora": True,
        **{name.replace("_", "-"): number for name, number in slots(versions, params).items()},
        "max-lora-rank": max_rank(versions),
        "lora-modules": [_module(version) for version in versions],
    }
    return dump(content)


def whole_configs(versions: list[Released], params: Params) -> dict[str, str]:
    """A server's file for each full fine-tune, at the ports after that of the adapters' server."""
    files = {}
    for at, version in enumerate(versions, 1):
        content = {
            "model": folder(version).as_posix(),
            "served-model-name": version.name,
            "host": params.serve.host,
            "port": params.serve.port + at,
            "dtype": version.facts.get("dtype", params.base.dtype),
            "max-model-len": params.serve.max_model_len,
            "override-generation-config": AS_EVALUATED,
        }
        files[whole_file(version.name)] = dump(content)
    return files


def whole_file(name: str) -> str:
    """The file below serving/ of a full fine-tune's server."""
    return f"vllm-{name}.yaml"


def slots(versions: list[Released], params: Params) -> dict[str, int]:
    """Places in one batch and in main memory: three an adapter, so that a canary finds room without a restart."""
    warm = WARM * len({version.key for version in versions})
    return {"max_loras": min(warm, params.serve.max_loras), "max_cpu_loras": warm}


def max_rank(versions: list[Released]) -> int:
    """The smallest rank that vLLM accepts and all versions fit in.

    Raises:
        ReleaseRefused: there is none, or no version at all.
    """
    if not versions:
        raise ReleaseRefused(
            "only full fine-tunes are released, no adapter", next_step="`tunegate serve up --model NAME`"
        )
    return smallest_rank(max(int(version.facts["rank"]) for version in versions))


class _Dumper(yaml.SafeDumper):
    """YAML as people write it: no anchors, text of several lines as a block."""

    def ignore_aliases(self, data: object) -> bool:
        del data
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def dump(*documents: Any) -> str:
    """YAML with the usual first line; several documents are divided by `---`."""
    return HEAD + "---\n".join(yaml.dump(content, Dumper=_Dumper, sort_keys=False, width=1000) for content in documents)


def _module(version: Released) -> str:
    # A string, not a mapping: vLLM hands the file's values to its command line.
    return json.dumps({"name": version.name, "path": folder(version).as_posix(), "base_model_name": "base"})
