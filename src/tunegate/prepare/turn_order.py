"""The order of turns: (system) user assistant user assistant ..., with tool turns after tool calls."""

from collections.abc import Sequence

from tunegate.prepare.turns import Turn

EXPECTED = "(system) user assistant, in turn, with tool turns after tool calls"


def order_fault(turns: Sequence[Turn]) -> str:
    """What is wrong with the order of roles, or nothing. The turns end with the assistant."""
    after = "system"
    for number, turn in enumerate(turns):
        role = turn["role"]
        if role == "user":
            fits = after in ("system", "assistant")
        elif role == "assistant":
            fits = after in ("user", "tool")
        elif role == "tool":
            fits = after in ("calls", "tool")
        else:
            fits = number == 0
        if not fits:
            return f"{_shown(turns)}; turn {number + 1} does not fit; expected {EXPECTED}"
        after = "calls" if "tool_calls" in turn else role
    return "" if after in ("assistant", "calls") else f"{_shown(turns)}; expected {EXPECTED}"


def _shown(turns: Sequence[Turn]) -> str:
    roles = [turn["role"] for turn in turns]
    return "found " + (" ".join(roles[:8]) + (" ..." if len(roles) > 8 else "") or "no turns")


def call_fault(turns: Sequence[Turn]) -> str:
    """What is wrong with the answers of tools, or nothing. Calls without an id are answered in their order."""
    waiting: list[str | None] = []
    for number, turn in enumerate(turns, 1):
        if turn["role"] == "tool":
            given = turn.get("tool_call_id")
            if not waiting or (given is not None and given not in waiting and None not in waiting):
                return f"turn {number} answers the call {given or '(no id)'}, which nobody made"
            waiting.remove(given if given in waiting else waiting[0])
        else:
            if open_calls := [call for call in waiting if call is not None]:
                return f"turn {number}: the call {open_calls[0]} has no answer yet"
            waiting = [call.get("id") for call in turn.get("tool_calls", ())]
    return ""
