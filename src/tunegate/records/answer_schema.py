"""The JSON Schema that an adapter's answers must fit: read it, and say what of an answer breaks it."""

import re
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from jsonschema import Draft202012Validator, SchemaError, ValidationError
from jsonschema.validators import validator_for
from referencing import Registry
from referencing.exceptions import Unresolvable

from tunegate.core.errors import DataError
from tunegate.core.files import dump_json, parse_json, read_json

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

MESSAGE_LENGTH = 300


class Breach(NamedTuple):
    """One thing about an answer that the schema forbids: the path to it (empty: the whole answer), and why."""

    path: str
    why: str


class AnswerSchema:
    """A JSON Schema of the draft it names, else 2020-12. Nothing is fetched from the net for a `$ref`."""

    def __init__(self, path: Path, *, next_step: str) -> None:
        """Read it.

        Raises:
            DataError: missing, not JSON, or not a schema.
        """
        content = read_json(path, DataError, next_step=next_step)
        known = (
            validator_for(content, default=Draft202012Validator) if isinstance(content, dict) else Draft202012Validator
        )
        try:
            known.check_schema(content)
            self._validator: Validator = known(content, registry=Registry())
            next(self._validator.iter_errors({}), None)
        except SchemaError as fault:
            raise DataError(f"{path}: not a JSON Schema: {fault.message}", next_step=next_step) from None
        except (Unresolvable, re.error) as fault:
            raise DataError(f"{path}: a $ref or a pattern in it cannot be used: {fault}", next_step=next_step) from None

    def breaches(self, answer: str, limit: int = 5) -> list[Breach]:
        """What of an answer breaks the schema, at most `limit`; none if it fits."""
        try:
            value = parse_json(answer)
        except ValueError as fault:
            return [Breach("", f"not JSON: {fault}")]
        try:
            found = list(islice(self._validator.iter_errors(value), limit))
        except (Unresolvable, re.error, RecursionError) as fault:
            return [Breach("", f"the schema cannot be applied: {fault}")]
        return [Breach(".".join(map(str, each.absolute_path)), _why(each)) for each in found]


def _why(fault: ValidationError) -> str:
    """The validator's words, with JSON instead of Python where it lists what may stand there."""
    if fault.validator == "enum" and isinstance(fault.validator_value, list):
        allowed = ", ".join(map(dump_json, fault.validator_value))
        return f"{dump_json(fault.instance)} is none of {allowed}"[:MESSAGE_LENGTH]
    return fault.message[:MESSAGE_LENGTH]
