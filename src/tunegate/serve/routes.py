"""`serving/routes.yaml`: which version answers for the stable name of an adapter, for a router to read."""

from typing import Any

from tunegate.core.settings import Params
from tunegate.serve.plan import Wanted, whole
from tunegate.serve.render import dump, whole_file


def routes(wants: list[Wanted], params: Params) -> str:
    """Stable name to versioned names with weights in per cent (they sum to 100), and the version to roll back to.

    A full fine-tune answers on a server of its own: `server` names its file; the others are on that of vllm.yaml.
    An adapter without a production version has no stable name yet: its canary is asked by its versioned name.
    """
    return dump({"routes": {want.key: _route(want, params.serve.canary_weight) for want in wants if want.prod}})


def targets(want: Wanted, canary_weight: int) -> list[tuple[str, str, int]]:
    """Stage, versioned name and weight of what answers for a stable name."""
    if want.prod is None:
        return []
    if want.canary is None:
        return [("prod", want.prod.name, 100)]
    return [("prod", want.prod.name, 100 - canary_weight), ("canary", want.canary.name, canary_weight)]


def _route(want: Wanted, canary_weight: int) -> dict[str, Any]:
    own = {version.name: f"serving/{whole_file(version.name)}" for version in whole([want])}
    named = [
        {"stage": stage, "model": name, "weight": weight, **({"server": own[name]} if name in own else {})}
        for stage, name, weight in targets(want, canary_weight)
    ]
    return {"targets": named, **({"rollback": want.previous.name} if want.previous else {})}
