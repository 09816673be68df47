"""`tunegate check`: do settings and repository belong together? Asked before anything costs time."""

from pathlib import Path
from typing import Any

import yaml

from tunegate.core.errors import SettingsError
from tunegate.core.files import read_json
from tunegate.core.settings import Base, Params
from tunegate.records.metric_names import module_names, module_of
from tunegate.records.release_keys import trusted


def check_project(root: Path, params: Params) -> None:
    """Hold the settings against the files of the repository.

    Raises:
        SettingsError: something that they name is not there; the message lists all.
    """
    found = [*_base(root, params.base), *_data(root, params), *_metrics(root, params), *_artifacts(root, params)]
    found += _signers(root, params)
    if found:
        lines = "\n".join(f"  {fault}" for fault in found)
        raise SettingsError(f"params.yaml names what is not there, {len(found)} fault(s):\n{lines}",
                            next_step="correct the lines named above, or add the files")  # fmt: skip


def _base(root: Path, base: Base) -> list[str]:
    if base.path is None:
        return []
    folder = root / base.path
    if not folder.is_dir():
        return [f"base.model: {base.model}: no such folder; a hub id needs base.revision (its 40-digit commit)"]
    lacking = [name for name, there in (("config.json", (folder / "config.json").is_file()),
                                        ("*.safetensors", any(folder.glob("*.safetensors"))))
               if not there]  # fmt: skip
    return [f"base.model: {base.model}: no {name} in it" for name in lacking]


def _data(root: Path, params: Params) -> list[str]:
    """Only where datasets/ is there: `tunegate data` brings it later."""
    datasets = root / "datasets"
    if not datasets.is_dir():
        return []
    found = []
    for key, adapter in params.adapters.items():
        if not (datasets / key).is_dir():
            found.append(f"adapters.{key}: datasets/{key}: no such folder")
            continue
        for section, name in (("prepare", adapter.prepare.answer_schema), ("evaluate", adapter.evaluate.answer_schema)):
            if name and not (datasets / key / name).is_file():
                found.append(f"adapters.{key}.{section}.answer_schema: datasets/{key}/{name}: no such file")
    return found


def _metrics(root: Path, params: Params) -> list[str]:
    """A name that no module has is a field of the JSON answer: one that the schema does not know is a slip of the pen,
    and would be found only when the base's answers are there.
    """
    modules = root / "evals" / "metrics"
    found = []
    for key, adapter in params.adapters.items():
        fields = _fields(root / "datasets" / key / (adapter.evaluate.answer_schema or ""))
        for name in adapter.evaluate.metrics:
            if not fields or name in fields or name in adapter.evaluate.hub or module_of(modules, name):
                continue
            known = ", ".join([*module_names(modules), *fields])
            found.append(
                f"adapters.{key}.evaluate.metrics: {name}: no metric and no field of the schema; there are: {known}"
            )
    return found


def _fields(schema: Path) -> list[str]:
    """The fields of the answer, by its schema; empty where that does not say."""
    if not schema.is_file():
        return []
    content = read_json(schema, SettingsError, next_step="it has to be a JSON Schema")
    named = content.get("properties") if isinstance(content, dict) else None
    return sorted(named) if isinstance(named, dict) else []


def _artifacts(root: Path, params: Params) -> list[str]:
    """Without its line in dvc.yaml a released adapter has no name for `dvc artifacts get`."""
    path = root / "dvc.yaml"
    if not path.is_file():
        return []
    content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    named = content.get("artifacts") or {}
    return [
        f"{section}.{key}: dvc.yaml, artifacts: add `{key}: {{path: build/release/{key}, type: model}}`"
        for section, keys in (("adapters", params.adapters), ("variants", params.variants))
        for key in keys
        if (named.get(key) or {}).get("path") != f"build/release/{key}"
    ]


def _signers(root: Path, params: Params) -> list[str]:
    found = []
    for name in params.release_signers:
        try:
            trusted(root, (name,))
        except SettingsError as fault:
            found.append(f"release_signers: {fault.message}")
    return found
