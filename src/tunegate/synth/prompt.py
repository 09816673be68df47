"""The words of a request, and the form that the answer must have.

One user turn holds everything: some chat templates (Gemma 2, early Mistral) refuse a system turn.
"""

import json
from collections.abc import Sequence
from typing import Any

from tunegate.core.data_settings import Synth
from tunegate.core.files import dump_json
from tunegate.synth.rules import Rules
from tunegate.synth.seeds import Draw, system_of, turns_of

TASK = """You write training examples for another language model. Below are real examples of its task.
Write {count} new {examples} of the same task, in the same form, language and style.
- Make each one new: another situation, other people and things, other words, another length. No two alike.
- Each answer must be correct and complete for its own prompt.
- Copy no sentence, name, address, number or other personal detail from the real examples; invent your own."""
FORM = """Reply with one JSON object and nothing else, in the form of the real examples:
{"rows": [{"messages": [{"role": "user", "content": "..."}, {"role": "assistant", "content": "..."}]}]}
In each row the turns alternate: a user's first, an assistant's last."""


def messages(settings: Synth, draw: Draw, rules: Rules) -> list[dict[str, str]]:
    """The turns of one request."""
    examples = "example" if settings.variations == 1 else "examples"
    parts = [TASK.format(count=settings.variations, examples=examples), FORM]
    if rules.labels:
        parts.append(f"The last turn must be exactly one of: {dump_json(list(rules.labels))}")
    if rules.text:
        parts.append(f"The last turn must be JSON that fits this JSON Schema:\n{rules.text.strip()}")
    if system := system_of(draw[0]):
        parts.append(f"The other model is told this beforehand; do not repeat it:\n{system}")
    if settings.instruction:
        parts.append(settings.instruction)
    parts.append(f"The real examples:\n{shown([turns_of(row) for row in draw])}")
    return [{"role": "user", "content": "\n\n".join(parts)}]


def shown(chats: Sequence[list[dict[str, str]]]) -> str:
    """Rows in the form of an answer, the role before the content: a model writes in that order."""
    return json.dumps({"rows": [{"messages": turns} for turns in chats]}, ensure_ascii=False)


def response_format(variations: int, draw: Draw) -> dict[str, Any]:
    """The form of the answer as a JSON Schema, for endpoints that hold a model to one.

    It bounds the numbers of rows and turns: a weak model that is held to the form alone would go on until `max_tokens`.
    No keyword stands here that OpenAI's strict mode refuses.
    """
    turn = _object({"role": {"type": "string", "enum": ["user", "assistant"]}, "content": {"type": "string"}})
    longest = max(len(turns_of(row)) for row in draw)
    row = _object({"messages": {"type": "array", "items": turn, "minItems": 2, "maxItems": longest}})
    rows = {"type": "array", "items": row, "minItems": 1, "maxItems": variations}
    return {"type": "json_schema", "json_schema": {"name": "rows", "strict": True, "schema": _object({"rows": rows})}}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
