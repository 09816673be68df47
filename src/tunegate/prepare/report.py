"""The data report: what came in, what was kept, what was rejected and why; warnings a person should read."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from statistics import mean
from typing import Any

from tunegate.prepare.clean import Split, key_of
from tunegate.prepare.normalise import normal
from tunegate.records.example import Example


def report(splits: list[Split], replay: Split, documents: int) -> dict[str, Any]:
    """The whole report as JSON; `rows` = `kept` + `rejected`, by file. `documents`: of the general tasks."""
    files = {name: _file(counts) for split in splits for name, counts in split.files.items()}
    return {
        "files": files | {f"general/{name}": _file(counts) for name, counts in replay.files.items()},
        "splits": {split.name: _split(split) for split in splits},
        "replay": _split(replay),
        "general_documents": documents,
        "reject_rate": reject_rate(splits),
        "warnings": list(dict.fromkeys(_all_warnings(splits, replay, documents))),
    }


def reject_rate(splits: list[Split]) -> float:
    """Rejected rows as a share of all rows of the task (replay does not count)."""
    rejected = sum(len(split.rejects) for split in splits)
    return rejected / max(1, rejected + sum(len(split.kept) for split in splits))


def _file(counts: dict[str, Any]) -> dict[str, Any]:
    rejected = dict(sorted(counts["rejected"].items()))
    return {
        "split": counts["split"],
        "format": "+".join(sorted(counts["formats"])) or "unknown",
        "rows": counts["rows"],
        "kept": counts["rows"] - sum(rejected.values()),
        "formats": dict(sorted(counts["formats"].items())),
        "rejected": rejected,
    }


def _split(split: Split) -> dict[str, Any]:
    return {
        "kept": len(split.kept),
        "rejected": dict(sorted(Counter(reject["code"] for reject in split.rejects).items())),
        "families": len({example.family for example in split.kept}),
        "prompt_characters": _lengths([sum(len(m.content) for m in example.prompt) for example in split.kept]),
        "answer_characters": _lengths([len(example.answer) for example in split.kept]),
        "system_prompts": len({_system(example) for example in split.kept} - {""}),
    }


def _lengths(lengths: list[int]) -> dict[str, float]:
    """Mean, median, 95th percentile (nearest rank) and maximum."""
    if not lengths:
        return {"mean": 0, "median": 0, "p95": 0, "max": 0}
    ranked = sorted(lengths)
    at = {
        name: ranked[min(len(ranked) - 1, int(share * len(ranked)))] for name, share in (("median", 0.5), ("p95", 0.95))
    }
    return {"mean": round(mean(ranked), 1), **at, "max": ranked[-1]}


def _system(example: Example) -> str:
    return next((message.content for message in example.messages if message.role == "system"), "")


def _all_warnings(splits: list[Split], replay: Split, documents: int) -> Iterator[str]:
    for split in splits:
        yield from _answers(split)
        yield from _system_prompts(split)
    for split in (*splits, replay):
        yield from _files(split)
    yield from _ids(splits)
    yield from _families(splits)
    if not replay.kept:
        yield "general: no rows left for replay"
    if not documents:
        yield "no *.jsonl documents of general tasks: training rows were not held against them"


def _answers(split: Split) -> Iterator[str]:
    answers: dict[str, set[str]] = defaultdict(set)
    first: dict[str, Example] = {}
    for example in split.kept:
        answers[key_of(example)].add(normal(example.answer))
        first.setdefault(key_of(example), example)
    if conflicts := [first[key] for key, said in answers.items() if len(said) > 1]:
        where = f"{conflicts[0].source.file}:{conflicts[0].source.line}"
        yield f"{split.name}: conflicting_answers: {len(conflicts)} prompts have more than one answer, first {where}"


def _system_prompts(split: Split) -> Iterator[str]:
    systems = Counter(_system(example) for example in split.kept)
    if len(systems) > 1:
        yield f"{split.name}: {len(systems)} different system prompts (none counts as one)"


def _files(split: Split) -> Iterator[str]:
    for name, counts in sorted(split.files.items()):
        if not counts["rows"]:
            yield f"{name}: no rows"
        if len(counts["formats"]) > 1:
            yield f"{name}: rows of {len(counts['formats'])} formats: {', '.join(sorted(counts['formats']))}"


def _ids(splits: list[Split]) -> Iterator[str]:
    seen = Counter(example.id for split in splits for example in split.kept)
    if twice := sorted(name for name, count in seen.items() if count > 1):
        yield f"{len(twice)} ids stand more than once, first {twice[0]}"


def _families(splits: list[Split]) -> Iterator[str]:
    train, *others = ({example.family for example in split.kept} for split in splits)
    for split, families in zip(splits[1:], others, strict=True):
        if shared := len(families & train):
            yield f"{split.name}: {shared} of {len(families)} families are also in train"
