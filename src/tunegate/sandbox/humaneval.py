"""HumanEval's two files: problems (`task_id, prompt, entry_point, test`) and completions (`task_id, completion`).

[Chen et al. 2021, arXiv 2107.03374; the format of openai/human-eval]
"""

import ast
import gzip
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from tunegate.core.errors import DataError
from tunegate.core.files import parse_json
from tunegate.records.base import explain

NEXT_STEP = "correct the lines, then run it again"
SHOWN = 20
Kind = TypeVar("Kind", bound=BaseModel)


class Problem(BaseModel):
    """One problem; keys that are not used here may stand beside."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    task_id: str
    prompt: str
    entry_point: str
    test: str

    @field_validator("test")
    @classmethod
    def _defines_check(cls, test: str) -> str:
        try:
            names = {node.name for node in ast.parse(test).body if isinstance(node, ast.FunctionDef)}
        except (SyntaxError, ValueError) as fault:
            message = f"no Python: {fault}"
            raise ValueError(message) from None
        if "check" not in names:
            message = "defines no function check(candidate)"
            raise ValueError(message)
        return test

    @field_validator("entry_point")
    @classmethod
    def _is_a_name(cls, name: str) -> str:
        if not name.isidentifier():
            message = "is no name of a function"
            raise ValueError(message)
        return name


class Completion(NamedTuple):
    """One answer of a model: the text that follows the prompt; `sample` counts those of one problem from 0."""

    task_id: str
    sample: int
    text: str


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    task_id: str
    completion: str


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        content = path.read_bytes()
        text = (gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content).decode("utf-8")
    except FileNotFoundError:
        raise DataError(f"{path}: no such file", next_step="check the path") from None
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as fault:
        raise DataError(f"{path}: cannot be read: {fault}", next_step="make the file again") from None
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield number, line


def _read(path: Path, kind: type[Kind]) -> tuple[list[tuple[int, Kind]], list[str]]:
    """The records with their lines, and the faults."""
    found, faults = [], []
    for number, line in _lines(path):
        try:
            found.append((number, kind.model_validate(parse_json(line))))
        except ValidationError as fault:
            faults.append(f"{path}:{number}: {explain(fault)}")
        except ValueError as fault:
            faults.append(f"{path}:{number}: not JSON: {fault}")
    return found, faults


def _refuse(faults: list[str]) -> None:
    if faults:
        more = [f"and {len(faults) - SHOWN} more"] if len(faults) > SHOWN else []
        raise DataError("\n  ".join([f"{len(faults)} faults", *faults[:SHOWN], *more]), next_step=NEXT_STEP)


def read_problems(path: Path) -> dict[str, Problem]:
    """Read problems, in the order of the file; JSONL, plain or gzip.

    Raises:
        DataError: all faults at once: no JSON, a key missing, tests that are no Python or define no check, an id twice,
            no problem at all.
    """
    found, faults = _read(path, Problem)
    problems: dict[str, Problem] = {}
    for number, problem in found:
        if problem.task_id in problems:
            faults.append(f"{path}:{number}: {problem.task_id} stands twice")
        problems[problem.task_id] = problem
    if not found and not faults:
        faults.append(f"{path}: no problem in it")
    _refuse(faults)
    return problems


def read_completions(path: Path, problems: Mapping[str, Problem]) -> list[Completion]:
    """Read completions, in the order of the file; JSONL, plain or gzip.

    Raises:
        DataError: all faults at once: no JSON, a key missing, a problem that is unknown, no completion at all.
    """
    found, faults = _read(path, _Line)
    faults += [f"{path}:{number}: no problem {line.task_id}" for number, line in found if line.task_id not in problems]
    if not found and not faults:
        faults.append(f"{path}: no completion in it")
    _refuse(faults)
    counts: Counter[str] = Counter()
    completions = []
    for _, line in found:
        completions.append(Completion(line.task_id, counts[line.task_id], line.completion))
        counts[line.task_id] += 1
    return completions
