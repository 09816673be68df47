"""Text Generation Inference: an env file for `docker run --env-file`, one for each whole model.

https://huggingface.co/docs/text-generation-inference/conceptual/lora (LORA_ADAPTERS=name=/path,name=/path).
"""

from tunegate.core.settings import Params
from tunegate.serve.exporters.shared import base_model, dtype, path
from tunegate.serve.plan import Wanted, served, whole

DTYPES = ("bfloat16", "float16")  # what its `--dtype` takes; a model measured in another is served in float16


def tgi(wants: list[Wanted], params: Params) -> dict[str, str]:
    """The files; requests name an adapter's version as `parameters.adapter_id`."""
    files: dict[str, str] = {}
    if versions := served(wants):
        revision = [f"REVISION={params.base.revision}"] if params.base.revision else []
        lines = [f"MODEL_ID={base_model(params)}", *revision, *_format(params.base.dtype)]
        adapters = ",".join(f"{version.name}={path(version)}" for version in versions)
        files["tgi.env"] = "\n".join([*lines, f"LORA_ADAPTERS={adapters}"]) + "\n"
    for version in whole(wants):
        lines = [f"MODEL_ID={path(version)}", *_format(dtype(version, params))]
        files[f"tgi-{version.name}.env"] = "\n".join(lines) + "\n"
    return files


def _format(kind: str) -> list[str]:
    return [f"DTYPE={kind}"] if kind in DTYPES else []
