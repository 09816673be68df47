"""A folder in which `tunegate synth triage` runs: params.yaml, clean rows, the adapter's data folder."""

import json
from pathlib import Path
from typing import Any

import yaml
from tiny_data import SCHEMA, make_tiny_data

from tunegate.core.params import load_params
from tunegate.core.settings import Adapter
from tunegate.endpoint.client import Patience
from tunegate.records.example import Example
from tunegate.synth.stage import synth

REPOSITORY = Path(__file__).parents[1]
KEY = "triage"
QUICK = Patience(tries=3, first_wait=0.01, longest_wait=2.0, connect=2.0, answer=2.0, per_token=0.0)


def make_synth_project(root: Path, endpoint: str, **synth_settings: Any) -> Path:
    """Write the project. By default: 12 rows wanted, 3 seeds and 4 rows a request, so 3 requests do."""
    content = yaml.safe_load((REPOSITORY / "params.yaml").read_text(encoding="utf-8"))
    section = {"endpoint": endpoint, "model": "teacher", "licence": "apache-2.0", "rows": 12, "seed": 0}
    content["adapters"][KEY]["synth"] = {**section, **synth_settings}
    root.mkdir(exist_ok=True)
    (root / "params.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    make_tiny_data(root / "build" / "data" / KEY)
    (root / "datasets" / KEY).mkdir(parents=True, exist_ok=True)
    (root / "datasets" / KEY / "schema.json").write_text(json.dumps(SCHEMA), encoding="utf-8")
    return root


def adapter_in(root: Path, **synth_settings: Any) -> Adapter:
    """The adapter's settings, with other synth settings than the file's."""
    adapter = load_params(root / "params.yaml").adapters[KEY]
    assert adapter.synth is not None
    return adapter.model_copy(update={"synth": adapter.synth.model_copy(update=synth_settings)})


def run_synth(root: Path, patience: Patience = QUICK, **synth_settings: Any) -> str:
    """Run it here; return the summary. Errors come through."""
    said: list[str] = []
    synth(root, KEY, adapter_in(root, **synth_settings), said.append, patience)
    return "\n".join(said)


def output(root: Path, teacher: str = "teacher") -> Path:
    """The file of the rows."""
    return root / "datasets" / KEY / "synthetic" / f"{teacher}.jsonl"


def cache(root: Path) -> Path:
    """The folder of the cache."""
    return root / ".cache" / "synth" / KEY


def made(root: Path) -> list[Example]:
    """The rows that were written."""
    path = output(root)
    return [Example.model_validate_json(line) for line in path.read_text(encoding="utf-8").splitlines()]


def rejected(root: Path) -> list[dict[str, Any]]:
    """What was not taken."""
    path = cache(root) / "rejected.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.is_file() else []
