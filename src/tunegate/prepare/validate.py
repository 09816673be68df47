"""Is a row fit for training? The order of roles, empty turns, and the answer's JSON Schema."""

import re
from pathlib import Path
from typing import NamedTuple

from jsonschema import Draft202012Validator, SchemaError
from jsonschema.protocols import Validator
from jsonschema.validators import validator_for
from referencing import Registry
from referencing.exceptions import Unresolvable

from tunegate.core.errors import DataError
from tunegate.core.files import parse_json, read_json
from tunegate.prepare.formats import Turn

NAMED = "prepare.answer_schema names it in params.yaml"


class Fault(NamedTuple):
    """Why a row is rejected: a code that counts, a reason that a person reads."""

    code: str
    reason: str


def load_schema(path: Path) -> Validator:
    """Read the JSON Schema that answers must fit; of the draft it names, else 2020-12.

    Raises:
        DataError: missing, not JSON, or not a schema.
    """
    content = read_json(path, DataError, next_step=NAMED)
    kind = validator_for(content, default=Draft202012Validator) if isinstance(content, dict) else Draft202012Validator
    try:
        kind.check_schema(content)
        schema: Validator = kind(content, registry=Registry())  # an empty registry: nothing is fetched from the net
        next(schema.iter_errors({}), None)
    except SchemaError as fault:
        raise DataError(f"{path}: not a JSON Schema: {fault.message}", next_step=NAMED) from None
    except (Unresolvable, re.error) as fault:
        raise DataError(f"{path}: a $ref or a pattern in it cannot be used: {fault}", next_step=NAMED) from None
    return schema


def fault_of(turns: list[Turn], schema: Validator | None) -> Fault | None:
    """The first fault of a row, or None."""
    return _roles(turns) or _empty(turns) or (_schema(turns[-1][1], schema) if schema else None)


def _roles(turns: list[Turn]) -> Fault | None:
    roles = [role for role, _ in turns]
    chat = roles[1:] if roles[:1] == ["system"] else roles
    wanted = ["user", "assistant"] * (len(chat) // 2)
    if not chat or chat != wanted:
        found = " ".join(roles[:8]) + (" ..." if len(roles) > 8 else "")
        return Fault("role_order", f"found {found or 'no turns'}; expected (system) user assistant, in turn")
    return None


def _empty(turns: list[Turn]) -> Fault | None:
    for number, (role, text) in enumerate(turns, 1):
        if not text.strip():
            last = number == len(turns)
            return Fault("empty_answer" if last else "empty_turn", f"turn {number} ({role}) is empty")
    return None


def _schema(answer: str, schema: Validator) -> Fault | None:
    try:
        value = parse_json(answer)
    except ValueError as fault:
        return Fault("schema_invalid", f"the answer is not JSON: {fault}")
    try:
        wrong = next(schema.iter_errors(value), None)
    except (Unresolvable, re.error) as fault:
        raise DataError(f"the answer schema: a $ref or a pattern cannot be used: {fault}", next_step=NAMED) from None
    if wrong is None:
        return None
    where = ".".join(map(str, wrong.absolute_path)) or "the answer"
    return Fault("schema_invalid", f"{where}: {wrong.message[:300]}")
