"""Is a row fit for training? The order of roles, empty turns, and the answer's JSON Schema."""

from typing import TYPE_CHECKING, NamedTuple

from tunegate.core.files import parse_json
from tunegate.prepare.formats import Turn

if TYPE_CHECKING:
    import jsonschema


class Fault(NamedTuple):
    """Why a row is rejected: a code that counts, a reason that a person reads."""

    code: str
    reason: str


def fault_of(turns: list[Turn], schema: "jsonschema.protocols.Validator | None") -> Fault | None:
    """The first fault of a row, or None."""
    return _roles(turns) or _empty(turns) or (_schema(turns[-1][1], schema) if schema else None)


def _roles(turns: list[Turn]) -> Fault | None:
    roles = [role for role, _ in turns]
    chat = roles[1:] if roles[:1] == ["system"] else roles
    wanted = ["user", "assistant"] * (len(chat) // 2)
    if not chat or chat != wanted:
        return Fault("role_order", f"found {' '.join(roles) or 'no turns'}; expected (system) user assistant, in turn")
    return None


def _empty(turns: list[Turn]) -> Fault | None:
    for number, (role, text) in enumerate(turns, 1):
        if not text.strip():
            last = number == len(turns)
            return Fault("empty_answer" if last else "empty_turn", f"turn {number} ({role}) is empty")
    return None


def _schema(answer: str, schema: "jsonschema.protocols.Validator") -> Fault | None:
    try:
        value = parse_json(answer)
    except ValueError as fault:
        return Fault("schema_invalid", f"the answer is not JSON: {fault}")
    for wrong in schema.iter_errors(value):
        where = ".".join(map(str, wrong.absolute_path)) or "the answer"
        return Fault("schema_invalid", f"{where}: {wrong.message}")
    return None
