"""Three measurements: the base on general tasks, the prompted base on the task, the candidate on both."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tunegate.core.evaluate_settings import Server
from tunegate.core.files import digest_bytes, digest_tree, dump_json, write_json, write_text
from tunegate.core.params import adapter_of
from tunegate.core.settings import Params
from tunegate.evaluate.backends import baseline_backend, candidate_backend, other_counts
from tunegate.evaluate.confusion import write_confusion
from tunegate.evaluate.metrics import make_metrics
from tunegate.evaluate.task import Scored, Split, Way, measure, read_split, score, task_scores, try_out, write_outputs
from tunegate.models.adapter import quantiser
from tunegate.models.base import base_digest, load_base
from tunegate.models.runtime import versions
from tunegate.records.looks import add_look, look_at
from tunegate.records.scores import Measured, Sample, ScoreFile, TaskScores
from tunegate.records.signature import signer

Say = Callable[[str], None]
SPLITS: tuple[Split, Split] = ("validation", "test")


class Folders(NamedTuple):
    """What a measurement reads: prepared data, metric modules, lm-eval tasks, the adapter; and `looks`, the file that
    counts the looks at the test split. The baseline reads the first two.
    """

    data: Path
    metrics: Path
    tasks: Path = Path()
    adapter: Path = Path()
    looks: Path = Path()


def general(params: Params, tasks: Path, scores: Path, say: Say) -> None:
    """Score the base on the general tasks, once for all adapters."""
    from tunegate.evaluate.general import measure_general

    loaded = load_base(params.base)
    found = measure_general(loaded, params.base, params.general, tasks)
    ScoreFile(measured=_measured(params, None, "lm_eval"), tasks=found.tasks).save(scores, signer())
    for task in found.tasks:
        say(_line(task.task, {name: _mean(task.samples, name) for name in task.metrics}, len(task.samples)))


def baseline(key: str, params: Params, folders: Folders, *, scores: Path, outputs: Path, say: Say) -> None:
    """Score the base (or another model that params.yaml names) with the best of the prompts, chosen on validation."""
    from tunegate.evaluate.baseline import choose, declare, run_tries, ways
    from tunegate.records.example import read_examples

    settings = params.adapters[key]
    metrics = make_metrics(settings.evaluate, folders.data, folders.metrics)
    validation, test = (read_split(folders.data, split) for split in SPLITS)
    try_out(metrics, validation[0])
    asked = ways(settings.baseline, read_examples(folders.data / "train.jsonl"))
    backend = baseline_backend(params.base, settings.evaluate)
    tries = run_tries(backend, validation, asked, metrics, settings.baseline.metric)
    chosen = choose(tries)
    for one in tries:
        mark = " (chosen)" if one is chosen else ""
        say(f"{len(one.way.shots)} shots, {one.way.system!r}: {settings.baseline.metric} {one.value:.3f}{mark}")
    found: dict[Split, Scored] = {
        "validation": score(validation, chosen.scored.answered, metrics),
        "test": measure(backend, test, chosen.way, metrics),
    }
    declared = {**declare(tries, chosen, settings.baseline.metric), **backend.declared()}
    rows = _rows(key, found, {**backend.conditions(), **metrics.conditions()}, declared)
    _write(outputs, found, say)
    other = settings.evaluate.backend.baseline
    ScoreFile(measured=_other(other) if other else _measured(params, None), tasks=rows).save(scores, signer())


def candidate(key: str, params: Params, folders: Folders, *, scores: Path, outputs: Path, say: Say) -> None:
    """Score the candidate on its task, prompted as it was trained, and on the general tasks."""
    from tunegate.evaluate.general import measure_general
    from tunegate.evaluate.merged import load_merged

    settings, base = adapter_of(params, key), params.base_of(key)
    metrics = make_metrics(settings.evaluate, folders.data, folders.metrics)
    documents = {split: read_split(folders.data, split) for split in SPLITS}
    try_out(metrics, documents["validation"][0])
    loaded = load_merged(base, folders.adapter)
    backend = candidate_backend(loaded, base, settings.evaluate)
    found = {split: measure(backend, documents[split], Way(), metrics) for split in SPLITS}
    declared = {"prompt": {"system": "", "shots": []}, **backend.declared()}
    conditions = {**backend.conditions(), **metrics.conditions()}
    rows = _rows(settings.gate.task or key, found, conditions, declared)
    _write(outputs, found, say)
    kept = measure_general(loaded, base, params.general, folders.tasks)
    write_text(outputs / "general.jsonl", "".join(_dump(entry) for entry in kept.logged))
    digest = digest_tree(folders.adapter)
    measured = _measured(params, digest, "peft", "lm_eval", *quantiser(folders.adapter))
    add_look(folders.looks, look_at(rows[SPLITS.index("test")], digest))
    ScoreFile(measured=measured, tasks=rows + kept.tasks).save(scores, signer())
    for task in kept.tasks:
        say(_line(task.task, {name: _mean(task.samples, name) for name in task.metrics}, len(task.samples)))


def _rows(
    key: str, found: Mapping[Split, Scored], conditions: dict[str, Any], declared: dict[str, Any]
) -> tuple[TaskScores, ...]:
    return tuple(task_scores(key, split, found[split], conditions, declared) for split in SPLITS)


def _write(outputs: Path, found: Mapping[Split, Scored], say: Say) -> None:
    """Everything for people: the answers, every metric's value, the classes; and the values on the terminal."""
    write_outputs(outputs / "task.jsonl", found)
    values = {split: {"n": len(one.examples), **one.values.means} for split, one in found.items()}
    test = found["test"].values
    write_json(outputs / "metrics.json", {**values, "record": test.record, "notes": test.notes})
    write_confusion(outputs, found["test"])
    for split, one in found.items():
        say(_line(split, one.values.means, len(one.examples)))
        for name, note in one.values.notes.items():
            say(f"{split}: {name}: {dump_json(note)}")
        if other := other_counts(one.answered):
            say(f"{split}: {other}")


def _measured(params: Params, adapter: str | None, *packages: str) -> Measured:
    return Measured(
        base=params.base.model,
        base_digest=base_digest(params.base),
        adapter=adapter,
        environment=versions("torch", "transformers", "tokenizers", *packages),
    )


def _other(server: Server) -> Measured:
    """Another model as the baseline: all that is known of it is where it answers, and under which name."""
    name = f"{server.model} at {server.url}"
    return Measured(base=name, base_digest=digest_bytes(name.encode("utf-8")), environment=versions())


def _dump(entry: dict[str, Any]) -> str:
    from tunegate.evaluate.general import plain

    return dump_json(plain(entry)) + "\n"


def _mean(samples: tuple[Sample, ...], metric: str) -> float:
    return sum(sample.scores[metric] for sample in samples) / len(samples)


def _line(name: str, means: dict[str, float], count: int) -> str:
    return f"{name} (n={count}): " + ", ".join(f"{metric} {value:.3f}" for metric, value in means.items())
