"""Turns as they stand in a row, made canonical: the fields of `records.example.Message` that say something."""

from typing import Any

from tunegate.prepare.badrow import BadRow, kind_of, unpacked
from tunegate.prepare.tool_calls import calls_of

Turn = dict[str, Any]
ROLES = {
    "system": "system", "developer": "system",
    "user": "user", "human": "user",
    "assistant": "assistant", "gpt": "assistant", "chatgpt": "assistant", "bing": "assistant", "bard": "assistant",
    "tool": "tool", "function": "tool", "observation": "tool",
    "function_call": "assistant",
}  # fmt: skip
KEYS = frozenset({"role", "content", "name", "tool_calls", "tool_call_id", "function_call", "weight", "refusal"})
SHARE = {"from": "role", "value": "content"}  # ShareGPT's names of them


def turns_of(value: Any, key: str) -> list[Turn]:
    """A list of turns, in OpenAI's or in ShareGPT's names; also as JSON text.

    Raises:
        BadRow: `missing_messages_list`, `message_missing_key`, `message_unrecognized_key`, `unrecognized_role`,
            `missing_content`, `tool_call_invalid` or `example_missing_assistant_message`.
    """
    rows = unpacked(value)
    if not isinstance(rows, list) or not rows:
        raise BadRow("missing_messages_list", f"{key}: expected a list of turns, found {_found(value, rows)}")
    if isinstance(rows[-1], dict) and rows[-1].get("weight") == 0:  # OpenAI's way to leave a turn out of the loss
        raise BadRow(
            "example_missing_assistant_message", f"{key}: the last turn has weight 0: nothing is to be learned"
        )
    return [_plain(row) or _turn(row, f"{key}: turn {number}") for number, row in enumerate(rows, 1)]


def side_of(value: Any, role: str, key: str) -> list[Turn]:
    """One side of a pair: a list of turns, or text, which is then one turn of `role`.

    Raises:
        BadRow: as `turns_of`; `missing_content` if it is neither.
    """
    if isinstance(value, list):
        return turns_of(value, key)
    return [{"role": role, "content": text_of(value, key)}]


def text_of(value: Any, key: str) -> str:
    """A text.

    Raises:
        BadRow: `missing_content`.
    """
    if isinstance(value, str):
        return value
    raise BadRow("missing_content", f"{key}: expected text, found {kind_of(value)}")


def with_system(content: dict[str, Any], turns: list[Turn]) -> list[Turn]:
    """The turns, the row's own system prompt (`system` or `system_prompt`) before them unless they have one."""
    said = content.get("system") or content.get("system_prompt")
    if not said or (turns and turns[0]["role"] == "system"):
        return turns
    return [{"role": "system", "content": text_of(said, "system")}, *turns]


def _plain(row: Any) -> Turn | None:
    """What nearly all turns are: a role and a text."""
    if type(row) is dict and len(row) == 2:
        role, content = row.get("role"), row.get("content")
        if type(content) is str and role in ("user", "assistant", "system"):
            return {"role": role, "content": content}
    return None


def _turn(row: Any, where: str) -> Turn:
    if not isinstance(row, dict):
        raise BadRow("message_missing_key", f"{where}: expected an object with role and content, found {kind_of(row)}")
    named = {SHARE.get(str(key), str(key)): value for key, value in row.items()}
    turn = {key: value for key, value in named.items() if value is not None or key == "content"}
    missing = sorted({"role", "content"} - turn.keys())
    if missing and (missing != ["content"] or not turn.keys() & {"tool_calls", "function_call"}):
        raise BadRow("message_missing_key", f"{where}: no {' and no '.join(missing)}; found {_keys(row)}")
    if unknown := sorted(turn.keys() - KEYS):
        raise BadRow(
            "message_unrecognized_key", f"{where}: {', '.join(unknown)[:200]}; known are {', '.join(sorted(KEYS))}"
        )
    given = turn["role"]
    role = ROLES.get(given) if isinstance(given, str) else None
    if role is None:
        raise BadRow("unrecognized_role", f"{where}: role {given!s:.40}; known are {', '.join(ROLES)}")
    if role == "assistant":
        return _assistant(turn, given, where)
    found = {"role": role, "content": _content(turn.get("content"), where)}
    if role == "tool":
        found |= {key: str(turn[key]) for key in ("name", "tool_call_id") if turn.get(key)}
    return found


def _assistant(turn: Turn, given: str, where: str) -> Turn:
    if given == "function_call":  # its text is the call
        return {"role": "assistant", "content": "", "tool_calls": calls_of(turn["content"], where)}
    calls = turn.get("tool_calls") or turn.get("function_call")
    if not calls:
        return {"role": "assistant", "content": _content(turn.get("content"), where)}
    content = turn.get("content")
    text = "" if content is None else _content(content, where)
    return {"role": "assistant", "content": text, "tool_calls": calls_of(calls, where)}


def _content(content: Any, where: str) -> str:
    """The text of a turn; of OpenAI's list of parts their texts."""
    if isinstance(content, str):
        return content
    if isinstance(content, list) and content:
        parts = [part.get("text") if isinstance(part, dict) else None for part in content]
        if all(isinstance(part, str) for part in parts):
            return "".join(map(str, parts))
        raise BadRow("missing_content", f"{where}: a part of the content is no text (an image, a sound?)")
    raise BadRow("missing_content", f"{where}: content: expected text, found {kind_of(content)}")


def _found(value: Any, rows: Any) -> str:
    if isinstance(value, str):
        return "text that is not a JSON list"
    return "an empty list" if isinstance(rows, list) else kind_of(value)


def _keys(row: dict[str, Any]) -> str:
    return ", ".join(sorted(map(str, row)))[:200] or "nothing"
