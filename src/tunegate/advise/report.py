"""`tunegate advise`: should this be fine-tuned at all? Reads what is measured, prints the advice."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tunegate.core.files import dump_json
from tunegate.core.params import adapter_of
from tunegate.core.settings import Params
from tunegate.judge.advice import advise
from tunegate.judge.facts import facts_of
from tunegate.records.advice import Advice, Facts, Question
from tunegate.records.advice_inputs import counts_path, read_inputs
from tunegate.records.evidence import evidence_paths

HEAD = ("", "found", "speaks against it")


class Advised(NamedTuple):
    """The advice on one adapter, and the facts that it rests on."""

    facts: Facts
    advice: Advice


def report(keys: Sequence[str], params: Params, *, data: Path, scores: Path, as_json: bool) -> None:
    """Print the advice on each adapter (all of them if none is named).

    Args:
        keys: adapters, as params.yaml names them.
        params: the settings, with the team's answers.
        data: the folder of the data's metrics (`metrics/data`).
        scores: the folder of recorded scores.
        as_json: an object `{KEY: {"advice": ..., "facts": ...}}` (records.advice) instead of text.

    Raises:
        SettingsError: no such adapter.
        EvidenceError: a file is there and cannot be understood.
    """
    found = {key: advised(key, params, data, scores) for key in dict.fromkeys(keys or params.adapters)}
    if as_json:
        said = {key: {name: part.model_dump(mode="json") for name, part in one._asdict().items()}
                for key, one in found.items()}  # fmt: skip
        sys.stdout.write(dump_json(said, indent=2) + "\n")
    else:
        sys.stdout.write("\n".join(text(one.advice) for one in found.values()))


def advised(key: str, params: Params, data: Path, scores: Path) -> Advised:
    """Read the facts about one adapter and advise on it.

    Raises:
        SettingsError: no such adapter.
        EvidenceError: a file is there and cannot be understood.
    """
    settings = adapter_of(params, key)
    inputs = read_inputs(key, counts_path(data, key), evidence_paths(scores, key)["baseline"])
    facts = facts_of(key, inputs, settings)
    return Advised(facts, advise(settings.advise, facts))


def text(advice: Advice) -> str:
    """The advice for a terminal, at most 25 lines."""
    return "".join(f"{line.rstrip()}\n" for line in _lines(advice))


def _lines(advice: Advice) -> Iterator[str]:
    yield f"{advice.key}: {advice.recommendation}"
    yield f"  {advice.reason}"
    yield ""
    rows = [HEAD, *(_cells(question) for question in advice.questions)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(HEAD))]
    for number, row in enumerate(rows):
        mark = "*" if row[0] and row[0] == advice.decided_by else " "
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield f"{mark} {number or ' '} {'  '.join(cells)}"
    yield ""
    yield from (f"  warning: {warning}" for warning in advice.warnings)
    yield f"  next: {advice.next_step}"


def _cells(question: Question) -> tuple[str, str, str]:
    found = question.reason if question.state == "not measured" else question.found
    return question.name, found, question.threshold
