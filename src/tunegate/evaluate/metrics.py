"""The metrics that params.yaml names: which modules give them, and what they say of a set of answers.

A metric has a value a document, or (BLEU, chrF, averages over classes) one value of all documents and, a document, the
counts behind it. Modules and settings are part of the evidence: other ones, and two measurements are not compared.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import JsonValue

from tunegate.core.errors import DataError, SettingsError
from tunegate.core.evaluate_settings import Evaluate, Hub
from tunegate.core.files import digest_bytes, digest_file, dump_json, read_json
from tunegate.evaluate.classes import Classes, labels_of
from tunegate.evaluate.modules import Module, load_hub, load_local
from tunegate.evaluate.values import Values, merge, read_values, single
from tunegate.models.generate import Answer
from tunegate.records.answer_schema import AnswerSchema
from tunegate.records.metric_names import FIELD, module_of

VERSION = "2"


class Row(NamedTuple):
    """A document as metrics see it."""

    prompt: str
    reference: str
    answer: Answer


@dataclass(frozen=True)
class Metrics:
    """Loaded modules, each with the metrics asked of it and its settings."""

    modules: tuple[tuple[Module, tuple[str, ...], dict[str, Any]], ...]
    hub: Mapping[str, Hub] = field(default_factory=dict)
    classes: Classes | None = None
    schema: str | None = None

    def only(self, metric: str) -> "Metrics":
        """The same, of one metric."""
        kept = tuple((module, (metric,), options) for module, names, options in self.modules if metric in names)
        return replace(self, modules=kept)

    def score(self, rows: Sequence[Row]) -> Values:
        """Score a set of answers."""
        return merge([self._of(module, names, options, rows) for module, names, options in self.modules])

    def try_out(self, row: Row) -> None:
        """Score one answer with all modules that cost nothing: a fault is found before the answers are made."""
        for module, names, options in self.modules:
            if not module.paid:
                self._of(module, names, options, [row])

    def conditions(self) -> dict[str, JsonValue]:
        """What must be equal for two measurements to be compared: each module's digest and settings; the schema."""
        known = {f"metric {one.name}": {"module": one.digest, **_shown(options)} for one, _, options in self.modules}
        return {**known, **({"answer_schema": self.schema} if self.schema else {})}

    def _of(self, module: Module, names: tuple[str, ...], options: dict[str, Any], rows: Sequence[Row]) -> Values:
        given = {**options, "names": list(names)} if "names" in module.options else options
        columns = _columns(rows)
        if module.name not in self.hub:
            return read_values(module.where, module.name, names, module.compute(columns, given), len(rows))
        output = self.hub[module.name].output
        whole = module.compute(columns, given)
        if isinstance(whole.get(output), list):
            return single(module.where, names[0], whole[output], len(rows))
        one_by_one = (
            module.compute({key: [value[at]] for key, value in columns.items()}, given) for at in range(len(rows))
        )
        return single(module.where, names[0], [found.get(output) for found in one_by_one], len(rows))


def _columns(rows: Sequence[Row]) -> dict[str, list[Any]]:
    return {
        "predictions": [row.answer.text for row in rows],
        "references": [row.reference for row in rows],
        "prompts": [row.prompt for row in rows],
        "finish_reasons": [row.answer.reason for row in rows],
        "new_tokens": [row.answer.tokens for row in rows],
    }


COLUMNS = tuple(_columns([]))


def make_metrics(settings: Evaluate, data: Path, folder: Path) -> Metrics:
    """Load the modules of the metrics named in the settings.

    Args:
        settings: names, and what modules need.
        data: the prepared data, which holds the schema.
        folder: where modules are, a folder each (evals/metrics).

    Raises:
        SettingsError: a module lacks a setting, a setting is wrong or belongs to no module.
        DataError: the schema or a module cannot be read.
    """
    asked: dict[str, list[str]] = {}
    for name in settings.metrics:
        found = name if name in settings.hub else module_of(folder, name)
        asked.setdefault(found or FIELD, []).append(name)
    if strange := sorted(settings.options.keys() - asked.keys()):
        raise SettingsError(
            f"params.yaml: evaluate.options: no metric is of the module {', '.join(strange)}",
            next_step=f"modules in use: {', '.join(sorted(asked))}",
        )
    loaded = [(_load(name, settings, folder), tuple(names)) for name, names in asked.items()]
    supply = _Supply(settings, data)
    modules = tuple((module, names, supply.options(module)) for module, names in loaded)
    return Metrics(modules, settings.hub, supply.made, supply.digest)


def _load(name: str, settings: Evaluate, folder: Path) -> Module:
    if name in settings.hub:
        hub = settings.hub[name]
        module = load_hub(name, hub.path, hub.revision)
    else:
        module = load_local(folder, name)
    if strange := sorted(set(module.columns) - set(COLUMNS)):
        raise DataError(f"{module.where}: no column {', '.join(strange)}", next_step=f"there are: {', '.join(COLUMNS)}")
    return module


class _Supply:
    """The settings that modules ask for by the names of their parameters."""

    def __init__(self, settings: Evaluate, data: Path) -> None:
        self._settings, self._path = settings, data / "schema.json"
        self.made: Classes | None = None
        self.digest: str | None = None  # of the schema

    def options(self, module: Module) -> dict[str, Any]:
        """The settings of one module: its own of evaluate.options, else those of evaluate."""
        own = self._settings.options.get(module.name, {})
        if strange := sorted(own.keys() - set(module.options)):
            raise SettingsError(
                f"params.yaml: evaluate.options.{module.name}: it takes no {', '.join(strange)}",
                next_step=f"it takes: {', '.join(module.options) or 'nothing'}",
            )
        known: dict[str, Callable[[], Any]] = {
            "patterns": self._patterns,
            "schema": self._schema,
            "classes": self._classes,
            "encoder": lambda: self._settings.bertscore.encoder,
            "layers": lambda: self._settings.bertscore.layers,
            "judge": lambda: self._judge(module.name),
        }
        return {**{name: make() for name, make in known.items() if name in module.options and name not in own}, **own}

    def _patterns(self) -> tuple[str, ...]:
        next_step = "list regular expressions under evaluate.style"
        if not self._settings.style:
            raise SettingsError(
                "params.yaml: evaluate.metrics has style, but evaluate.style is empty", next_step=next_step
            )
        for pattern in self._settings.style:
            try:
                re.compile(pattern)
            except re.error as fault:
                raise SettingsError(
                    f"params.yaml: evaluate.style: {fault}: {fault.pattern!r}", next_step=next_step
                ) from None
        return self._settings.style

    def _schema(self) -> AnswerSchema:
        if self._settings.answer_schema is None:
            raise SettingsError(
                "params.yaml: evaluate.metrics has schema_valid, but evaluate.answer_schema is not set",
                next_step="set prepare.answer_schema and evaluate.answer_schema to the schema in the dataset's folder",
            )
        schema = AnswerSchema(self._path, next_step="set prepare.answer_schema, then run `dvc repro`")
        self.digest = digest_file(self._path)[:16]
        return schema

    def _classes(self) -> Classes:
        wanted = self._settings.classes
        if wanted is None:
            raise SettingsError(
                "params.yaml: a metric of classes is named, but evaluate.classes is not set",
                next_step="set evaluate.classes: {field: NAME}, a field of the JSON answer",
            )
        labels = wanted.labels
        if not labels:
            schema = read_json(self._path, DataError, next_step="name the classes under evaluate.classes.labels")
            labels = labels_of(schema, wanted.field)
        self.made = Classes(wanted.field, labels)
        return self.made

    def _judge(self, name: str) -> Any:
        if self._settings.judge is None:
            raise SettingsError(
                f"params.yaml: evaluate.metrics has {name}, but evaluate.judge is not set",
                next_step="set evaluate.judge: {url: ..., model: ...} (docs/metrics.md)",
            )
        return self._settings.judge


def _shown(options: Mapping[str, Any]) -> dict[str, JsonValue]:
    """Settings that are values of JSON, the long ones as a digest; what a module records of itself joins them."""
    shown: dict[str, JsonValue] = {}
    for name, value in options.items():
        try:
            text = dump_json(value)
        except TypeError:  # an object of ours: its values come back in the module's record
            continue
        shown[name] = value if len(text) <= 200 else f"sha256 {digest_bytes(text.encode('utf-8'))[:16]}"
    return shown
