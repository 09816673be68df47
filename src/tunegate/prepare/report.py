"""The data report: what came in, what was kept, what was rejected and why; warnings a person should read."""

from collections import Counter, defaultdict
from statistics import mean
from typing import Any

from tunegate.prepare.clean import Split, key_of
from tunegate.prepare.normalise import normal
from tunegate.records.example import Example


def report(splits: list[Split], replay: Split | None) -> dict[str, Any]:
    """The whole report as JSON; `rows` = `kept` + `rejected`, by file and by split."""
    everything = [*splits, *([replay] if replay else [])]
    return {
        "files": {f"{'general/' if split is replay else ''}{name}": _file(counts) for split in everything
                  for name, counts in split.files.items()},
        "splits": {split.name: _split(split) for split in splits},
        "replay": _split(replay) if replay else None,
        "reject_rate": reject_rate(splits),
        "warnings": [warning for split in splits for warning in _warnings(split)],
    }  # fmt: skip


def reject_rate(splits: list[Split]) -> float:
    """Rejected rows as a share of all rows of the task (replay does not count)."""
    rejected = sum(len(split.rejects) for split in splits)
    return rejected / max(1, rejected + sum(len(split.kept) for split in splits))


def _file(counts: dict[str, Any]) -> dict[str, Any]:
    rejected = dict(sorted(counts["rejected"].items()))
    return {
        "split": counts["split"],
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
        "prompt_characters": _lengths([len(key_of(example)) for example in split.kept]),
        "answer_characters": _lengths([len(example.answer) for example in split.kept]),
        "system_prompts": len({_system(example) for example in split.kept} - {""}),
    }


def _lengths(lengths: list[int]) -> dict[str, float]:
    return {"mean": round(mean(lengths), 1), "max": max(lengths)} if lengths else {"mean": 0, "max": 0}


def _system(example: Example) -> str:
    return next((message.content for message in example.messages if message.role == "system"), "")


def _warnings(split: Split) -> list[str]:
    answers: dict[str, set[str]] = defaultdict(set)
    for example in split.kept:
        answers[key_of(example)].add(normal(example.answer))
    found = []
    if conflicts := sum(1 for said in answers.values() if len(said) > 1):
        found.append(f"{split.name}: {conflicts} prompts have more than one answer")
    systems = Counter(_system(example) for example in split.kept)
    if len(systems) > 1:
        found.append(f"{split.name}: {len(systems)} different system prompts (none counts as one)")
    return found
