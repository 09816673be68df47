"""Turns of a chat in any of their spellings, to the one form of `records.example.Message`."""

from typing import Any

from tunegate.core.files import dump_json, parse_json
from tunegate.prepare.badrow import BadRow, kind

Turn = dict[str, Any]
ROLES = {
    "system": "system", "developer": "system",
    "user": "user", "human": "user",
    "assistant": "assistant", "gpt": "assistant", "chatgpt": "assistant", "bing": "assistant", "bard": "assistant",
    "model": "assistant", "function_call": "assistant",
    "tool": "tool", "function": "tool", "observation": "tool", "function_response": "tool",
}  # fmt: skip
KNOWN = {"role", "content", "tool_calls", "name", "tool_call_id", "function_call", "weight", "refusal", "from", "value"}


def chat_turns(rows: Any, *, role: str = "role", text: str = "content", where: str = "messages") -> list[Turn]:
    """The turns of a list.

    Raises:
        BadRow: no list of turns, a key missing or unknown, an unknown role, content that is no text.
    """
    if not isinstance(rows, list) or not rows:
        found = "an empty list" if rows == [] else kind(rows)
        raise BadRow("missing_messages_list", f"{where}: expected a list of turns, found {found}")
    return [_turn(row, number, role, text) for number, row in enumerate(rows, 1)]


def _turn(row: Any, number: int, role: str, text: str) -> Turn:
    if not isinstance(row, dict):
        raise BadRow("missing_messages_list", f"turn {number}: expected an object, found {kind(row)}")
    if role not in row:
        raise BadRow("message_missing_key", f"turn {number}: no {role}")
    if unknown := sorted(map(str, set(row) - KNOWN)):
        raise BadRow("message_unrecognized_key", f"turn {number}: {', '.join(unknown)[:200]}")
    spoken = row[role]
    if not isinstance(spoken, str) or spoken.lower() not in ROLES:
        raise BadRow("unrecognized_role", f"turn {number}: {dump_json(spoken)[:60]}; expected one of {', '.join(ROLES)}")
    turn: Turn = {"role": ROLES[spoken.lower()], "content": ""}
    if spoken.lower() == "function_call":
        turn["tool_calls"] = [_call(_parsed(row.get(text), number), number)]
        return turn
    calls = _calls(row, number)
    turn["content"] = _content(row, text, number, optional=bool(calls))
    if calls:
        turn["tool_calls"] = calls
    for name in ("name", "tool_call_id"):
        if isinstance(row.get(name), str) and turn["role"] == "tool":
            turn[name] = row[name]
    return turn


def _content(row: dict[str, Any], text: str, number: int, *, optional: bool) -> str:
    value = row.get(text)
    if value is None and optional:
        return ""
    if text not in row:
        raise BadRow("message_missing_key", f"turn {number}: no {text}")
    if isinstance(value, list) and value and all(isinstance(p, dict) and p.get("type") == "text" for p in value):
        value = "".join(part["text"] for part in value if isinstance(part.get("text"), str))
    if not isinstance(value, str):
        raise BadRow("missing_content", f"turn {number}: {text}: expected text, found {kind(value)}")
    return value


def _calls(row: dict[str, Any], number: int) -> list[Turn]:
    found = row.get("tool_calls") or ([row["function_call"]] if row.get("function_call") else [])
    if not isinstance(found, list):
        raise BadRow("tool_call_invalid", f"turn {number}: tool_calls: expected a list, found {kind(found)}")
    return [_call(call, number) for call in found]


def _call(call: Any, number: int) -> Turn:
    """OpenAI's form; arguments as an object, as chat templates take them."""
    function = call.get("function", call) if isinstance(call, dict) else None
    if not isinstance(function, dict) or not isinstance(function.get("name"), str):
        raise BadRow("tool_call_invalid", f"turn {number}: a tool call needs function.name")
    arguments = _parsed(function.get("arguments", {}), number)
    if not isinstance(arguments, dict):
        raise BadRow("tool_call_invalid", f"turn {number}: arguments: expected an object, found {kind(arguments)}")
    found: Turn = {"type": "function", "function": {"name": function["name"], "arguments": arguments}}
    if isinstance(call.get("id"), str):
        found["id"] = call["id"]
    return found


def _parsed(value: Any, number: int) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return parse_json(value)
    except ValueError as fault:
        raise BadRow("tool_call_invalid", f"turn {number}: arguments are not JSON: {fault}") from None


def tools_of(content: dict[str, Any]) -> list[Turn] | None:
    """The functions a row may call: a list, or a JSON string of one.

    Raises:
        BadRow: neither.
    """
    value = content.get("tools") or content.get("functions")
    if not value:
        return None
    try:
        found = parse_json(value) if isinstance(value, str) else value
    except ValueError as fault:
        raise BadRow("tool_call_invalid", f"tools: not JSON: {fault}") from None
    if not isinstance(found, list) or not all(isinstance(tool, dict) for tool in found):
        raise BadRow("tool_call_invalid", f"tools: expected a list of objects, found {kind(found)}")
    return found or None
