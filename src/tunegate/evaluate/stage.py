"""Three measurements: the base on general tasks, the prompted base on the task, the candidate on both."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tunegate.core.files import digest_tree, dump_json, write_text
from tunegate.core.settings import Adapter, Params
from tunegate.evaluate.metrics import make_metrics
from tunegate.evaluate.task import (
    Scored,
    Split,
    Way,
    conditions,
    mean,
    measure,
    read_split,
    task_scores,
    write_outputs,
)
from tunegate.models.base import base_digest, load_base
from tunegate.models.runtime import versions
from tunegate.records.scores import Measured, Sample, ScoreFile

Say = Callable[[str], None]
SPLITS: tuple[Split, Split] = ("validation", "test")


def general(params: Params, tasks: Path, scores: Path, say: Say) -> None:
    """Score the base on the general tasks, once for all adapters."""
    from tunegate.evaluate.general import measure_general

    loaded = load_base(params.base)
    found = measure_general(loaded, params.base, params.general, tasks)
    ScoreFile(measured=_measured(params, None, "lm_eval"), tasks=found.tasks).save(scores)
    for task in found.tasks:
        say(_line(task.task, {name: _mean(task.samples, name) for name in task.metrics}, len(task.samples)))


def baseline(key: str, params: Params, data: Path, *, scores: Path, outputs: Path, say: Say) -> None:
    """Score the base with the best of the prompts that params.yaml names, chosen on validation."""
    from tunegate.evaluate.baseline import choose, declare, run_tries
    from tunegate.records.example import read_examples

    settings = params.adapters[key]
    scorers = make_metrics(settings.evaluate, data)
    validation, test = (read_split(data, split) for split in SPLITS)
    loaded = load_base(params.base)
    both = (settings.baseline, settings.evaluate)
    tries = run_tries(loaded, validation, read_examples(data / "train.jsonl"), settings=both, scorers=scorers)
    chosen = choose(tries)
    for one in tries:
        mark = " (chosen)" if one is chosen else ""
        say(f"{len(one.way.shots)} shots, {one.way.system!r}: {settings.baseline.metric} {one.value:.3f}{mark}")
    found: dict[Split, list[Scored]] = {
        "validation": chosen.scored,
        "test": measure(loaded, test, chosen.way, settings.evaluate, scorers),
    }
    shared = conditions(loaded, params.base, settings.evaluate)
    declared = declare(tries, chosen, settings.baseline.metric)
    rows = tuple(task_scores(key, split, found[split], shared, declared) for split in SPLITS)
    write_outputs(outputs / "task.jsonl", found)
    ScoreFile(measured=_measured(params, None), tasks=rows).save(scores)
    _tell(found, settings, say)


def candidate(key: str, params: Params, data: Path, *, folders: dict[str, Path], scores: Path, say: Say) -> None:
    """Score the candidate on its task, prompted as it was trained, and on the general tasks.

    `folders`: `tasks`, `adapter`, `outputs`.
    """
    from tunegate.evaluate.general import measure_general
    from tunegate.models.adapter import load_candidate

    settings = params.adapters[key]
    scorers = make_metrics(settings.evaluate, data)
    documents = {split: read_split(data, split) for split in SPLITS}
    loaded = load_candidate(params.base, folders["adapter"])
    found = {split: measure(loaded, documents[split], Way(), settings.evaluate, scorers) for split in SPLITS}
    shared = conditions(loaded, params.base, settings.evaluate)
    declared = {"prompt": {"system": "", "shots": []}}
    rows = tuple(task_scores(key, split, found[split], shared, declared) for split in SPLITS)
    _tell(found, settings, say)
    kept = measure_general(loaded, params.base, params.general, folders["tasks"])
    write_outputs(folders["outputs"] / "task.jsonl", found)
    write_text(folders["outputs"] / "general.jsonl", "".join(_dump(entry) for entry in kept.logged))
    measured = _measured(params, digest_tree(folders["adapter"]), "peft", "lm_eval")
    ScoreFile(measured=measured, tasks=rows + kept.tasks).save(scores)
    for task in kept.tasks:
        say(_line(task.task, {name: _mean(task.samples, name) for name in task.metrics}, len(task.samples)))


def _measured(params: Params, adapter: str | None, *packages: str) -> Measured:
    return Measured(
        base=params.base.model,
        base_digest=base_digest(params.base),
        adapter=adapter,
        environment=versions("torch", "transformers", "tokenizers", *packages),
    )


def _dump(entry: dict[str, Any]) -> str:
    from tunegate.evaluate.general import plain

    return dump_json(plain(entry)) + "\n"


def _tell(found: dict[Split, list[Scored]], settings: Adapter, say: Say) -> None:
    for split in SPLITS:
        means = {name: mean(found[split], name) for name in settings.evaluate.metrics}
        say(_line(split, means, len(found[split])))


def _mean(samples: tuple[Sample, ...], metric: str) -> float:
    return sum(sample.scores[metric] for sample in samples) / len(samples)


def _line(name: str, means: dict[str, float], count: int) -> str:
    return f"{name} (n={count}): " + ", ".join(f"{metric} {value:.3f}" for metric, value in means.items())
