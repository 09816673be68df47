"""`serving/routes.yaml`: which version answers for the stable name of an adapter, for a router to read."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from tunegate.core.files import write_text
from tunegate.core.settings import Params
from tunegate.serve.plan import Wanted, whole
from tunegate.serve.render import SERVING, dump, whole_file

ROUTES = SERVING / "routes.yaml"


def routes(wants: list[Wanted], params: Params) -> str:
    """Stable name to versioned names with weights in per cent (they sum to 100), and the version to roll back to.

    A full fine-tune answers on a server of its own: `server` names its file; the others are on that of vllm.yaml.
    An adapter without a production version has no stable name yet: its canary is asked by its versioned name.
    """
    return dump({"routes": {want.key: _route(want, params.serve.canary_weight) for want in wants if want.prod}})


@contextmanager
def alone(root: Path) -> Iterator[None]:
    """One at a time looks and writes the routes: who writes later has looked later. The lock goes with the process."""
    path = root / SERVING / ".routes.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def follow(root: Path, wants: list[Wanted], params: Params, *, unready: frozenset[str]) -> bool:
    """Write serving/routes.yaml for a running server, whole or not at all; whether it changed.

    `unready`: versioned names that the server could not take. A canary among them gets no requests; an adapter whose
    production version is among them keeps the routes it has.
    """
    path = root / ROUTES
    before = path.read_text(encoding="utf-8") if path.is_file() else ""
    ready = [want._replace(canary=None) if want.canary and want.canary.name in unready else want for want in wants]
    able = [want for want in ready if want.prod and want.prod.name not in unready]
    text = routes(able, params)
    if kept := {want.key for want in wants if want.prod} - {want.key for want in able}:
        old, new = ((yaml.safe_load(said) or {}).get("routes") or {} for said in (before, text))
        text = dump({"routes": {**new, **{key: old[key] for key in sorted(kept & old.keys())}}})
    if text != before:
        write_text(path, text)
    return text != before


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
