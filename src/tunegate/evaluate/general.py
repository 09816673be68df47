"""Measure what the model should not forget: lm-eval's tasks through its Python API, a score a document.

The documents are a seeded draw, the same for base and candidate. The model is the one already loaded.
"""

import logging
import random
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from tunegate.core.errors import DataError
from tunegate.core.files import digest_bytes, dump_json
from tunegate.core.settings import Base, General
from tunegate.evaluate.backends import DECIDING
from tunegate.models.base import Loaded, template_digest
from tunegate.models.runtime import on_terminal, versions
from tunegate.records.scores import Sample, TaskScores

Logged = dict[str, Any]  # a sample as lm-eval logs it


class Measurement(NamedTuple):
    """Scores as evidence, and lm-eval's samples with their texts, for people."""

    tasks: tuple[TaskScores, ...]
    logged: tuple[Logged, ...]


def measure_general(loaded: Loaded, base: Base, settings: General, folder: Path) -> Measurement:
    """Run the tasks named in the settings; those in `folder` come before lm-eval's own.

    Raises:
        DataError: there is no such task, its documents cannot be had, or it has no score a document.
    """
    import lm_eval
    from lm_eval.models.huggingface import HFLM

    logging.getLogger("lm_eval").setLevel(logging.ERROR)
    tasks = _load(settings.tasks, folder)
    chosen = {name: draw(len(list(task.eval_docs)), settings) for name, task in tasks.items()}
    model = HFLM(pretrained=loaded.model, tokenizer=loaded.tokenizer, batch_size=settings.batch_size)
    if not on_terminal():  # its bars ignore TQDM_DISABLE
        model.generate_until = partial(model.generate_until, disable_tqdm=True)
        model.loglikelihood = partial(model.loglikelihood, disable_tqdm=True)
    found = lm_eval.simple_evaluate(
        model=model,
        tasks=list(tasks.values()),
        samples=chosen,
        apply_chat_template=True,
        log_samples=True,
        bootstrap_iters=0,  # the gate has its own intervals
        random_seed=settings.seed,
        numpy_random_seed=settings.seed,
        torch_random_seed=settings.seed,
        fewshot_random_seed=settings.seed,
    )
    shared = _shared(loaded, base, settings)
    chances = {name: chance_of(task, found["samples"][name]) for name, task in tasks.items()}
    scores = tuple(_scores(name, found, shared, chances[name]) for name in sorted(tasks))
    logged = ({"task": name, **entry} for name in sorted(tasks) for entry in found["samples"][name])
    return Measurement(scores, tuple(logged))


def draw(documents: int, settings: General) -> list[int]:
    """Positions of the documents to use: the first of a seeded permutation, in order of position."""
    order = list(range(documents))
    random.Random(settings.seed).shuffle(order)  # noqa: S311 - a draw, no secret
    return sorted(order[: settings.documents])


def _load(names: Sequence[str], folder: Path) -> dict[str, Any]:
    from lm_eval.tasks import TaskManager

    manager = TaskManager(include_path=str(folder), include_defaults=False)
    if not set(names) <= set(manager.all_tasks):
        manager = TaskManager(include_path=str(folder))  # reads thousands of files of lm-eval: many seconds
    if unknown := [name for name in names if name not in manager.all_tasks]:
        raise DataError(
            f"params.yaml: general.tasks: no task {', '.join(unknown)} in {folder} or in lm-eval",
            next_step="`lm-eval ls tasks` lists lm-eval's own; a task of yours is a YAML file in evals/tasks",
        )
    try:
        found: dict[str, Any] = manager.load(list(names))["tasks"]
    except (OSError, ValueError, RuntimeError) as fault:
        raise DataError(
            f"general.tasks: the documents cannot be had: {fault}",
            next_step="run in the root of the repository; tasks from a hub need HF_HUB_OFFLINE=0",
        ) from None
    return found


def _shared(loaded: Loaded, base: Base, settings: General) -> dict[str, Any]:
    """What must be equal for all general tasks of two measurements."""
    return {
        "documents": settings.documents,
        "seed": settings.seed,
        "batch_size": settings.batch_size,
        "dtype": base.dtype,
        "template": template_digest(loaded.tokenizer),
        "libraries": {name: found for name, found in versions("lm_eval", *DECIDING).items() if name != "python"},
    }


def chance_of(task: Any, logged: Sequence[Logged]) -> float | None:
    """The share that guessing gets right in multiple choice: 1 over the number of choices, mean over the documents.

    None where there is nothing to choose among.
    """
    if task.OUTPUT_TYPE != "multiple_choice" or not hasattr(task, "doc_to_choice"):
        return None
    documents = {entry["doc_id"]: entry["doc"] for entry in logged}
    choices = [len(task.doc_to_choice(doc)) for doc in documents.values()]
    return sum(1 / count for count in choices) / len(choices)


def _scores(name: str, found: dict[str, Any], shared: dict[str, Any], chance: float | None) -> TaskScores:
    samples = to_samples(name, found["samples"][name])
    first = next(iter(samples[0].scores))
    if found.get("higher_is_better", {}).get(name, {}).get(first.split(",")[0]) is False:
        raise DataError(
            f"general.tasks: {name}: {first} is better when lower; the gate takes the first metric as higher-better",
            next_step="give the task a metric such as acc or exact_match as its first",
        )
    config = {key: value for key, value in found["configs"][name].items() if key != "metadata"}
    return TaskScores(
        task=name,
        suite="general",
        split="test",
        version=str(found["versions"].get(name, "")),
        metrics=tuple(samples[0].scores),
        same_prompt=True,
        must_match={
            **shared,
            "few_shot": found["n-shot"].get(name, 0),
            "generation": config.get("generation_kwargs") or {},
            "config": digest_bytes(dump_json(plain(config)).encode("utf-8")),
        },
        chance=chance,
        samples=samples,
    )


def to_samples(name: str, logged: Sequence[Logged]) -> tuple[Sample, ...]:
    """lm-eval's samples as evidence; one document stands once for each of the task's filters."""
    scores: dict[int, dict[str, float]] = {}
    first: dict[int, Logged] = {}
    for entry in logged:
        first.setdefault(entry["doc_id"], entry)
        scores.setdefault(entry["doc_id"], {}).update(_numbers(entry))
    seen: Counter[str] = Counter()
    samples = []
    for at, entry in sorted(first.items()):
        doc = digest_bytes(dump_json(plain(entry["doc"])).encode("utf-8"))[:16]
        prompt = digest_bytes(dump_json(plain(entry["arguments"])).encode("utf-8"))[:16]
        family = entry["doc"].get("family") if isinstance(entry["doc"], dict) else None
        samples.append(Sample(doc=doc, prompt=prompt, cluster=str(family or doc), repeat=seen[doc], scores=scores[at]))
        seen[doc] += 1
    if not samples or not all(sample.scores for sample in samples):
        raise DataError(
            f"general.tasks: {name} has no score a document; a corpus metric cannot be compared document by document",
            next_step="give the task a metric of single documents, such as exact_match or acc",
        )
    return tuple(samples)


def _numbers(entry: Logged) -> dict[str, float]:
    ending = "" if entry["filter"] == "none" else f",{entry['filter']}"
    numbers = {name: entry[name] for name in entry["metrics"]}
    return {f"{name}{ending}": float(value) for name, value in numbers.items() if isinstance(value, bool | int | float)}


def plain(value: Any) -> Any:
    """A value as JSON can hold it: functions in a task's configuration by their name, the rest as text."""
    if isinstance(value, dict):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return getattr(value, "__name__", None) or str(value)
