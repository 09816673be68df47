"""Is a row fit for training? Order of roles, empty turns, control tokens, length, labels, the answer's JSON Schema."""

import re
from pathlib import Path
from typing import NamedTuple

from jsonschema import Draft202012Validator, SchemaError
from jsonschema.protocols import Validator
from jsonschema.validators import validator_for
from referencing import Registry
from referencing.exceptions import Unresolvable

from tunegate.core.data_settings import Prepare
from tunegate.core.errors import DataError
from tunegate.core.files import parse_json, read_json
from tunegate.prepare.formats import Parsed
from tunegate.prepare.rowtext import said
from tunegate.prepare.tokens import TokenCounter
from tunegate.prepare.turns import Turn

# Control tokens of the chat templates in use; the base's own come from its tokenizer.
WELL_KNOWN = (
    "<|im_start|>", "<|im_end|>", "<|eot_id|>", "<|start_header_id|>", "<|end_header_id|>", "<|begin_of_text|>",
    "<|end_of_text|>", "<|endoftext|>", "<|user|>", "<|assistant|>", "<|system|>", "<|end|>", "<start_of_turn>",
    "<end_of_turn>", "[INST]", "[/INST]", "<<SYS>>", "<|im_sep|>", "<|eom_id|>", "<|python_tag|>",
)  # fmt: skip
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


class Rules:
    """What a row of one dataset must keep to."""

    def __init__(self, settings: Prepare, schema: Validator | None, tokens: TokenCounter | None) -> None:
        """`tokens`: the base's tokenizer, if rows are counted by it."""
        self._schema, self._tokens = schema, tokens
        self._most = settings.max_tokens
        self._labels = frozenset(settings.labels) if settings.labels else None
        special = sorted({*WELL_KNOWN, *(tokens.special if tokens else ())}, key=len, reverse=True)
        self._special = re.compile("|".join(map(re.escape, special)))

    def fault(self, parsed: Parsed) -> Fault | None:
        """The first fault of a row, or None."""
        chats = [[*parsed.prompt, *answer] for answer in parsed.answers]
        for turns in chats:
            if found := _roles(turns) or _empty(turns) or self._control(turns) or self._long(turns):
                return found
        if len(parsed.answers) > 1 and parsed.answers[0] == parsed.answers[1]:
            return Fault("chosen_equals_rejected", "the two answers are the same")
        if parsed.kind != "chat":
            return None
        answer = parsed.answers[0][-1]["content"]
        return self._label(answer) or (_schema(answer, self._schema) if self._schema else None)

    def _control(self, turns: list[Turn]) -> Fault | None:
        for number, turn in enumerate(turns, 1):
            text = said(turn)
            if ("<" in text or "[" in text) and (found := self._special.search(text)):
                return Fault("special_token_in_content", f"turn {number} ({turn['role']}) holds {found.group()}")
        return None

    def _long(self, turns: list[Turn]) -> Fault | None:
        if not self._tokens or not self._most:
            return None
        count = sum(self._tokens.count([said(turn) for turn in turns]))
        return Fault("overlong", f"{count} tokens, at most {self._most}") if count > self._most else None

    def _label(self, answer: str) -> Fault | None:
        if self._labels is None or answer in self._labels:
            return None
        return Fault("label_unknown", f"{answer[:80]}; prepare.labels names {len(self._labels)} others")


def _roles(turns: list[Turn]) -> Fault | None:
    """(system) user, then assistant; an assistant that called tools is answered by tools and speaks again."""
    roles = [turn["role"] for turn in turns]
    before, called = "start", False
    for number, turn in enumerate(turns):
        role = turn["role"]
        allowed = {
            "start": {"system", "user"},
            "system": {"user"},
            "user": {"assistant"},
            "assistant": {"tool"} if called else {"user"},
            "tool": {"tool", "assistant"},
        }[before]
        if role not in allowed:
            return _order(roles, f"turn {number + 1} is {role}, expected {' or '.join(sorted(allowed))}")
        before, called = role, bool(turn.get("tool_calls")) if role == "assistant" else called
        if turn.get("tool_calls") and role != "assistant":
            return Fault("tool_call_invalid", f"turn {number + 1}: only the assistant calls tools")
    if before != "assistant":
        return _order(roles, "the last turn must be the assistant's")
    return None


def _order(roles: list[str], what: str) -> Fault:
    found = " ".join(roles[:8]) + (" ..." if len(roles) > 8 else "")
    return Fault("role_order", f"found {found or 'no turns'}; {what}")


def _empty(turns: list[Turn]) -> Fault | None:
    for number, turn in enumerate(turns, 1):
        if not turn["content"].strip() and not turn.get("tool_calls"):
            last = number == len(turns)
            return Fault("empty_answer" if last else "empty_turn", f"turn {number} ({turn['role']}) is empty")
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
