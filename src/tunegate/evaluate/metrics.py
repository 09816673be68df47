"""Scores of one answer against its reference, each between 0 and 1. Their version is part of the evidence.

`exact_match`, `json_valid`, `schema_valid`, `rouge_l`, `style`; any other name is a field of the JSON answer, which
must equal the reference's.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema

from tunegate.core.errors import DataError, SettingsError
from tunegate.core.files import parse_json, read_json
from tunegate.core.settings import Evaluate

VERSION = "1"
Metric = Callable[[str, str], float]


def exact_match(answer: str, reference: str) -> float:
    """1 if the texts are equal but for space at their ends."""
    return float(answer.strip() == reference.strip())


def json_valid(answer: str, reference: str) -> float:
    """1 if the answer is JSON: strictly, no NaN and no key twice."""
    del reference
    return float(_parsed(answer) is not None)


def rouge_l(answer: str, reference: str) -> float:
    """F-measure of the longest common subsequence of words (rouge-score 0.1.2, no stemming)."""
    return float(_rouge().score(reference, answer)["rougeL"].fmeasure)


@cache
def _rouge() -> Any:
    from rouge_score.rouge_scorer import RougeScorer  # a second to import

    return RougeScorer(["rougeL"])


def schema_valid(schema: Any) -> Metric:
    """1 if the answer is JSON that the schema accepts."""
    validator = jsonschema.Draft202012Validator(schema)

    def score(answer: str, reference: str) -> float:
        del reference
        parsed = _parsed(answer)
        return float(parsed is not None and validator.is_valid(parsed[0]))

    return score


def style(patterns: Sequence[str]) -> Metric:
    """The share of the regular expressions that the answer matches somewhere."""
    compiled = [re.compile(pattern) for pattern in patterns]

    def score(answer: str, reference: str) -> float:
        del reference
        return sum(pattern.search(answer) is not None for pattern in compiled) / len(compiled)

    return score


def field(name: str) -> Metric:
    """1 if the answer is a JSON object whose field equals the reference's."""

    def score(answer: str, reference: str) -> float:
        parsed, wanted = _parsed(answer), _parsed(reference)
        if wanted is None or not isinstance(wanted[0], dict) or name not in wanted[0]:
            raise DataError(
                f"metric {name}: the reference has no such field: {reference!r:.80}",
                next_step="name a metric of docs/reference/params.md or a field of the JSON answers",
            )
        if parsed is None or not isinstance(parsed[0], dict):
            return 0.0
        return float(name in parsed[0] and parsed[0][name] == wanted[0][name])

    return score


def _parsed(text: str) -> tuple[Any] | None:
    """The JSON value in a tuple (it may be null), or None where the text is no JSON."""
    try:
        return (parse_json(text),)
    except ValueError:
        return None


def make_metrics(settings: Evaluate, data: Path) -> Mapping[str, Metric]:
    """The metrics named in the settings.

    Raises:
        SettingsError: `style` without patterns or with a bad one, `schema_valid` without a schema.
        DataError: the schema is missing or not valid.
    """
    return {name: _metric(name, settings, data) for name in settings.metrics}


def _metric(name: str, settings: Evaluate, data: Path) -> Metric:
    plain = {"exact_match": exact_match, "json_valid": json_valid, "rouge_l": rouge_l}
    if name in plain:
        return plain[name]
    if name == "schema_valid":
        return schema_valid(_schema(settings, data))
    if name == "style":
        return _style(settings)
    return field(name)


def _style(settings: Evaluate) -> Metric:
    next_step = "list regular expressions under evaluate.style"
    if not settings.style:
        raise SettingsError("params.yaml: evaluate.metrics has style, but evaluate.style is empty", next_step=next_step)
    try:
        return style(settings.style)
    except re.error as fault:
        raise SettingsError(f"params.yaml: evaluate.style: {fault}: {fault.pattern!r}", next_step=next_step) from None


def _schema(settings: Evaluate, data: Path) -> Any:
    if settings.answer_schema is None:
        raise SettingsError(
            "params.yaml: evaluate.metrics has schema_valid, but evaluate.answer_schema is not set",
            next_step="set prepare.answer_schema and evaluate.answer_schema to the schema in the dataset's folder",
        )
    path = data / "schema.json"
    schema = read_json(path, DataError, next_step="set prepare.answer_schema, then run `dvc repro`")
    try:
        jsonschema.Draft202012Validator.check_schema(schema)
    except jsonschema.SchemaError as fault:
        raise DataError(f"{path}: not a JSON schema: {fault.message}", next_step="mend the schema") from None
    return schema
