"""Tool calls in the forms that people have, as OpenAI's form with the arguments as an object."""

from typing import Any

from tunegate.prepare.badrow import BadRow, kind_of, unpacked

Call = dict[str, Any]


def calls_of(value: Any, where: str) -> list[Call]:
    """The calls of one turn.

    Raises:
        BadRow: `tool_call_invalid`.
    """
    found = unpacked(value)
    if isinstance(found, dict):
        found = [found]
    if not isinstance(found, list) or not found:
        raise BadRow("tool_call_invalid", f"{where}: tool_calls: expected a list of calls, found {kind_of(value)}")
    return [_call(call, f"{where}: tool call {number}") for number, call in enumerate(found, 1)]


def _call(call: Any, where: str) -> Call:
    if not isinstance(call, dict):
        raise BadRow("tool_call_invalid", f"{where}: expected an object, found {kind_of(call)}")
    function = call.get("function", call)
    if not isinstance(function, dict):
        raise BadRow("tool_call_invalid", f"{where}: function: expected an object, found {kind_of(function)}")
    name = function.get("name")
    if not isinstance(name, str) or not name.strip():
        raise BadRow("tool_call_invalid", f"{where}: no function name")
    if call.get("type", "function") not in ("function", None):
        raise BadRow("tool_call_invalid", f"{where}: type {call['type']!s:.40}; only functions are known")
    found: Call = {"type": "function", "function": {"name": name, "arguments": _arguments(function, where)}}
    if isinstance(call.get("id"), str) and call["id"]:
        found["id"] = call["id"]
    return found


def _arguments(function: dict[str, Any], where: str) -> dict[str, Any]:
    given = function.get("arguments", function.get("parameters"))
    if given is None or given == "":
        return {}
    value = unpacked(given)
    if not isinstance(value, dict):
        found = "text that is not JSON" if value is None else kind_of(value)
        raise BadRow("tool_call_invalid", f"{where}: arguments: expected a JSON object, found {found}")
    return value


def tools_of(content: dict[str, Any]) -> list[dict[str, Any]] | None:
    """The functions that a row offers (`tools`, or OpenAI's older `functions`), each `{"type": "function", ...}`.

    Raises:
        BadRow: `tool_call_invalid`.
    """
    given = content.get("tools") or content.get("functions")
    if not given or (isinstance(given, str) and not given.strip()):
        return None
    tools = unpacked(given)
    if not isinstance(tools, list):
        raise BadRow("tool_call_invalid", f"tools: expected a list of functions, found {kind_of(given)}")
    return [_tool(tool, number) for number, tool in enumerate(tools, 1)] or None


def _tool(tool: Any, number: int) -> dict[str, Any]:
    tool = unpacked(tool)
    function = tool.get("function", tool) if isinstance(tool, dict) else None
    if not isinstance(function, dict) or not isinstance(function.get("name"), str):
        raise BadRow("tool_call_invalid", f"tools: number {number} is no function with a name")
    return {"type": "function", "function": function} if function is tool else tool
