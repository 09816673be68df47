"""What several of the formats share."""

from tunegate.core.settings import Params
from tunegate.records.released import Released
from tunegate.serve.compose import ROOT
from tunegate.serve.plan import folder

LABELS = {"app.kubernetes.io/managed-by": "tunegate"}


def path(version: Released) -> str:
    """Where a container finds a version."""
    return f"{ROOT}/{folder(version).as_posix()}"


def base_model(params: Params) -> str:
    """The base: its id on the hub, or where a container finds its folder."""
    base = params.base
    return base.model if base.path is None or base.path.is_absolute() else f"{ROOT}/{base.model}"


def dtype(version: Released, params: Params) -> str:
    """The number format in which a whole model was measured."""
    return version.facts.get("dtype", params.base.dtype)
