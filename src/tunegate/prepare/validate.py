"""Is a row fit for training? Order of roles, empty turns, control tokens, length, labels, the answer's schema."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from jsonschema import Draft202012Validator, SchemaError
from jsonschema.protocols import Validator
from jsonschema.validators import validator_for
from referencing import Registry
from referencing.exceptions import Unresolvable

from tunegate.core.data_settings import Prepare
from tunegate.core.errors import DataError
from tunegate.core.files import dump_json, parse_json, read_json
from tunegate.prepare.control_tokens import ControlTokens
from tunegate.prepare.formats import Parsed
from tunegate.prepare.tokens import TokenCounter
from tunegate.prepare.turn_order import call_fault, order_fault
from tunegate.prepare.turns import Turn

NAMED = "prepare.answer_schema names it in params.yaml"
# Not to be seen, and not what str.isspace knows: soft hyphen, zero-width signs, word joiner, byte order mark.
UNSEEN = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"


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
    """What `prepare` asks of each row by itself."""

    def __init__(self, settings: Prepare, schema: Validator | None, tokens: TokenCounter | None) -> None:
        """Take the rules from the settings; `tokens` is needed for `max_tokens`, and names the control tokens."""
        self._schema = schema
        self._labels = frozenset(settings.labels) if settings.labels is not None else None
        self._most = settings.max_tokens
        self._tokens = tokens
        self._control = ControlTokens(tokens.special if tokens else None)

    def fault(self, parsed: Parsed) -> Fault | None:
        """The first fault of a row, or None."""
        for answer in parsed.answers:
            turns = [*parsed.prompt, *answer]
            if fault := _order(turns) or _empty(turns):
                return fault
        if parsed.kind == "preference" and _same(*parsed.answers):
            return Fault("chosen_equals_rejected", "the better and the worse answer are the same")
        return self._says(parsed)

    def _says(self, parsed: Parsed) -> Fault | None:
        texts = [*_texts(parsed.prompt), *(text for answer in parsed.answers for text in _texts(answer))]
        if parsed.tools:
            texts.append(dump_json(parsed.tools))
        if token := self._control.found(texts):
            return Fault("special_token_in_content", f"{token} in a text: as a token it would end or begin a turn")
        learned = parsed.answers[0][-1]
        if parsed.kind == "feedback" and not parsed.label:
            return self._length(parsed)  # what people disliked need not fit
        return self._label(learned, parsed) or self._shape(learned) or self._length(parsed)

    def _label(self, learned: Turn, parsed: Parsed) -> Fault | None:
        if self._labels is None or parsed.kind != "chat" or learned["content"] in self._labels:
            return None
        return Fault("label_unknown", f"{learned['content'][:60]!r} is none of the {len(self._labels)} labels")

    def _shape(self, learned: Turn) -> Fault | None:
        return _schema(learned["content"], self._schema) if self._schema else None

    def _length(self, parsed: Parsed) -> Fault | None:
        """The longest of prompt and answer; a token stands for a byte at least, so short ASCII need not be counted."""
        if self._most is None or self._tokens is None:
            return None
        asked = _texts(parsed.prompt)
        sides = [[*asked, *_texts(answer)] for answer in parsed.answers]
        if all(_surely_short(texts, self._most) for texts in sides):
            return None
        count = max(sum(self._tokens.count(texts)) for texts in sides)
        return Fault("overlong", f"{count} tokens, max_tokens allows {self._most}") if count > self._most else None


def _surely_short(texts: Sequence[str], most: int) -> bool:
    return all(map(str.isascii, texts)) and sum(map(len, texts)) + len(texts) <= most


def _texts(turns: Iterable[Turn]) -> list[str]:
    """All that a template would write of turns, tool calls included."""
    found = []
    for turn in turns:
        found.append(turn["content"])
        if len(turn) > 2:
            found.extend(str(turn[key]) for key in ("name",) if key in turn)
            found.extend(dump_json(turn[key]) for key in ("tool_calls",) if key in turn)
    return found


def _order(turns: Sequence[Turn]) -> Fault | None:
    if reason := order_fault(turns):
        return Fault("role_order", reason)
    if any(turn["role"] == "tool" for turn in turns) and (reason := call_fault(turns)):
        return Fault("tool_call_invalid", reason)
    return None


def _empty(turns: Sequence[Turn]) -> Fault | None:
    """A tool may have nothing to say, and an assistant that calls one need not speak."""
    for number, turn in enumerate(turns, 1):
        if _blank(turn["content"]) and turn["role"] != "tool" and "tool_calls" not in turn:
            code = "empty_answer" if number == len(turns) else "empty_turn"
            return Fault(code, f"turn {number} ({turn['role']}) is empty")
    return None


def _blank(text: str) -> bool:
    if text.isascii():
        return not text or text.isspace()
    return all(sign.isspace() or sign in UNSEEN for sign in text)


def _same(chosen: Sequence[Turn], rejected: Sequence[Turn]) -> bool:
    return [_bare(turn) for turn in chosen] == [_bare(turn) for turn in rejected]


def _bare(turn: Turn) -> dict[str, Any]:
    return {**turn, "content": turn["content"].strip()}


def _schema(answer: str, schema: Validator) -> Fault | None:
    try:
        value = parse_json(answer)
    except ValueError as fault:
        return Fault("schema_invalid", f"the answer is not JSON: {fault}")
    try:
        wrong = next(schema.iter_errors(value), None)
    except (Unresolvable, re.error) as fault:
        raise DataError(f"the answer schema: a $ref or a pattern cannot be used: {fault}", next_step=NAMED) from None
    except RecursionError:
        return Fault("schema_invalid", "the answer is nested too deep")
    if wrong is None:
        return None
    where = ".".join(map(str, wrong.absolute_path)) or "the answer"
    return Fault("schema_invalid", f"{where}: {wrong.message[:300]}")
