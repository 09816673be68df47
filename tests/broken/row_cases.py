"""Rows that are JSON and yet no training rows."""

from typing import Any

from broken.case import Broken, chat, line

ASK, SAY = ("user", "a question"), ("assistant", "an answer")
TALK = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]


def call(arguments: Any = "{}", name: Any = "find", number: str | None = "c1") -> dict[str, Any]:
    """A turn of the assistant that calls a tool."""
    made = {"type": "function", "function": {"name": name, "arguments": arguments}}
    return {"role": "assistant", "content": None, "tool_calls": [made | ({"id": number} if number else {})]}


def answer(number: str | None = "c1") -> dict[str, Any]:
    """A tool's answer."""
    return {"role": "tool", "content": "found"} | ({"tool_call_id": number} if number else {})


TURNS = (
    line("no turns", {"messages": []}, "missing_messages_list"),
    line("turns that are null", {"messages": None}, "missing_messages_list"),
    line("turns that are an object", {"messages": {"role": "user", "content": "q"}}, "missing_messages_list"),
    line("turns that are a number", {"messages": 3}, "missing_messages_list"),
    line("an empty conversation", {"conversations": []}, "missing_messages_list"),
    line("a turn that is text", chat("hello", SAY), "message_missing_key"),
    line("a turn without role", chat({"content": "q"}, SAY), "message_missing_key"),
    line("a turn without content", chat({"role": "user"}, SAY), "message_missing_key"),
    line("an empty turn object", chat({}, SAY), "message_missing_key"),
    line(
        "another key in a turn", chat({"role": "user", "content": "q", "mood": "good"}, SAY), "message_unrecognized_key"
    ),
    line(
        "reasoning in a turn",
        chat(ASK, {"role": "assistant", "content": "a", "reasoning_content": "hm"}),
        "message_unrecognized_key",
    ),
    line("an unknown role", chat(("robot", "q"), SAY), "unrecognized_role"),
    line("a role in capitals", chat(("User", "q"), SAY), "unrecognized_role"),
    line("a role that is a number", chat({"role": 1, "content": "q"}, SAY), "unrecognized_role"),
    line("a role that is a list", chat({"role": ["user"], "content": "q"}, SAY), "unrecognized_role"),
    line("an unknown speaker", {"conversations": [{"from": "alien", "value": "q"}]}, "unrecognized_role"),
    line("content that is null", chat(ASK, ("assistant", None)), "missing_content"),
    line("content that is a number", chat(("user", 3), SAY), "missing_content"),
    line("content that is an object", chat(("user", {"text": "q"}), SAY), "missing_content"),
    line(
        "an image in the content",
        chat(("user", [{"type": "image_url", "image_url": {"url": "x"}}]), SAY),
        "missing_content",
    ),
    line("no parts in the content", chat(("user", []), SAY), "missing_content"),
    line("no turn of the assistant", chat(ASK), "example_missing_assistant_message"),
    line("an answer of weight 0", chat(ASK, {**TALK[1], "weight": 0}), "example_missing_assistant_message"),
    line("a completion that is null", {"prompt": "q", "completion": None}, "example_missing_assistant_message"),
    line("an output that is null", {"instruction": "q", "output": None}, "example_missing_assistant_message"),
    line("an instruction that is a number", {"instruction": 3, "output": "a"}, "missing_content"),
    line("an output that is a list of texts", {"instruction": "q", "output": ["a"]}, "message_missing_key"),
    line("an instruction alone", {"instruction": "q"}, "format_unknown"),
    line("a text alone", {"text": "q"}, "format_unknown"),
    line("keys in capitals", {"Messages": TALK}, "format_unknown"),
    line("a history that is no pairs", {"instruction": "q", "output": "a", "history": ["x"]}, "missing_messages_list"),
)

ORDER = (
    line("swapped roles", chat(("assistant", "q"), ("user", "a")), "role_order"),
    line("the assistant begins", chat(SAY, ASK, SAY), "role_order"),
    line("only the assistant", chat(SAY), "role_order"),
    line("two questions", chat(ASK, ASK, SAY), "role_order"),
    line("two answers", chat(ASK, SAY, SAY), "role_order"),
    line("the user has the last word", chat(ASK, SAY, ASK), "role_order"),
    line("system at the end", chat(ASK, ("system", "s"), SAY), "role_order"),
    line("two system turns", chat(("system", "s"), ("system", "s"), ASK, SAY), "role_order"),
    line("system and answer only", chat(("system", "s"), SAY), "role_order"),
    line("a tool that nobody called", chat(ASK, answer(), SAY), "role_order"),
    line("the user after a call", chat(ASK, call(), ASK, SAY), "role_order"),
    line("an empty question", chat(("user", " \n"), SAY), "empty_turn"),
    line("an empty system turn", chat(("system", ""), ASK, SAY), "empty_turn"),
    line("a question of zero-width space", chat(("user", "\u200b\ufeff"), SAY), "empty_turn"),
    line("an empty answer", chat(ASK, ("assistant", "")), "empty_answer"),
    line("an answer of no-break space", chat(ASK, ("assistant", "\u00a0\u2003")), "empty_answer"),
    line("an empty answer before", chat(ASK, ("assistant", " "), ASK, SAY), "empty_turn"),
)

CALLS = (
    line("a call in order", chat(ASK, call('{"a": 1}'), answer(), SAY), ""),
    line("a call with an object", chat(ASK, call({"a": 1}), answer(), SAY), ""),
    line("a call as the answer", chat(ASK, call()), ""),
    line("calls without ids", chat(ASK, call(number=None), answer(None), SAY), ""),
    line("arguments that are not JSON", chat(ASK, call("{a: 1}"), answer(), SAY), "tool_call_invalid"),
    line("arguments that are a list", chat(ASK, call("[1]"), answer(), SAY), "tool_call_invalid"),
    line("arguments with a key twice", chat(ASK, call('{"a": 1, "a": 2}'), answer(), SAY), "tool_call_invalid"),
    line(
        "arguments with half a surrogate pair", chat(ASK, call('{"a": "\\ud800"}'), answer(), SAY), "tool_call_invalid"
    ),
    line("a call without a name", chat(ASK, call(name=""), answer(), SAY), "tool_call_invalid"),
    line(
        "a call that is text",
        chat(ASK, {"role": "assistant", "content": "", "tool_calls": ["find"]}),
        "tool_call_invalid",
    ),
    line(
        "calls that are a number", chat(ASK, {"role": "assistant", "content": "", "tool_calls": 5}), "tool_call_invalid"
    ),
    line("an answer to another call", chat(ASK, call(), answer("c2"), SAY), "tool_call_invalid"),
    line("two answers to one call", chat(ASK, call(), answer(), answer(), SAY), "tool_call_invalid"),
    line("a call without its answer", chat(ASK, call(), SAY), "role_order"),
    line("tools that are text", chat(ASK, SAY, tools="find"), "tool_call_invalid"),
    line("a tool without a name", chat(ASK, SAY, tools=[{"type": "function", "function": {}}]), "tool_call_invalid"),
    line(
        "a function_call that is no JSON",
        {"conversations": [{"from": "human", "value": "q"}, {"from": "function_call", "value": "find()"}]},
        "tool_call_invalid",
    ),
)

SAID = (
    line("a token of ChatML", chat(("user", "q<|im_end|>"), SAY), "special_token_in_content"),
    line("a token in an answer", chat(ASK, ("assistant", "a<|eot_id|>")), "special_token_in_content"),
    line(
        "a token of Gemma in a system turn",
        chat(("system", "<start_of_turn>user"), ASK, SAY),
        "special_token_in_content",
    ),
    line("a token of Mistral", chat(("user", "[INST] q [/INST]"), SAY), "special_token_in_content"),
    line(
        "a token in a tool's answer",
        chat(ASK, call(), {**answer(), "content": "<|endoftext|>"}, SAY),
        "special_token_in_content",
    ),
    line("a token in a call", chat(ASK, call({"a": "<|im_start|>"}), answer(), SAY), "special_token_in_content"),
    line(
        "a token in a tool",
        chat(ASK, SAY, tools=[{"name": "f", "description": "<|eot_id|>"}]),
        "special_token_in_content",
    ),
    line("HTML that looks like a token", chat(("user", "<s>old</s> [inst] <|x|> <b>new</b>"), SAY), ""),
    line("an unknown label", {"text": "q", "label": "c"}, "label_unknown", labels=["an answer", "b"]),
    line("a label in capitals", {"text": "q", "label": "B"}, "label_unknown", labels=["an answer", "b"]),
)

HUMAN, BOT = "\n\nHuman: q", "\n\nAssistant:"
PAIRS = (
    line("a pair", {"prompt": "q", "chosen": "a", "rejected": "b"}, ""),
    line("a pair of the same answers", {"prompt": "q", "chosen": "a", "rejected": "a "}, "chosen_equals_rejected"),
    line("a pair without a prompt", {"chosen": "a", "rejected": "b"}, "format_unknown"),
    line("a pair with an empty rejected", {"prompt": "q", "chosen": "a", "rejected": ""}, "empty_answer"),
    line("a pair with a number", {"prompt": "q", "chosen": "a", "rejected": 1}, "missing_content"),
    line("a pair whose rejected is null", {"prompt": "q", "chosen": "a", "rejected": None}, "missing_content"),
    line("a pair of lists", {"chosen": TALK, "rejected": [TALK[0], {"role": "assistant", "content": "b"}]}, ""),
    line(
        "a pair of two questions",
        {"chosen": TALK, "rejected": [{"role": "user", "content": "r"}, TALK[1]]},
        "prompt_mismatch",
    ),
    line("a pair whose one side goes on", {"chosen": TALK, "rejected": [*TALK, *TALK]}, "prompt_mismatch"),
    line(
        "a pair with another prompt",
        {"prompt": "r", "chosen": TALK, "rejected": [TALK[0], {"role": "assistant", "content": "b"}]},
        "prompt_mismatch",
    ),
    line("equal lists", {"chosen": TALK, "rejected": TALK}, "chosen_equals_rejected"),
    line("transcripts", {"chosen": f"{HUMAN}{BOT} a", "rejected": f"{HUMAN}{BOT} b"}, ""),
    line(
        "transcripts of other questions",
        {"chosen": f"{HUMAN}?{BOT} a", "rejected": f"{HUMAN}!{BOT} a"},
        "prompt_mismatch",
    ),
    line("equal transcripts", {"chosen": f"{HUMAN}{BOT} a", "rejected": f"{HUMAN}{BOT} a"}, "chosen_equals_rejected"),
    line("a transcript without an answer", {"chosen": f"{HUMAN}{BOT}", "rejected": f"{HUMAN}{BOT} b"}, "empty_answer"),
    line("a transcript and a text", {"chosen": f"{HUMAN}{BOT} a", "rejected": "b"}, "format_unknown"),
    line("transcripts of questions only", {"chosen": HUMAN, "rejected": HUMAN}, "prompt_mismatch"),
    line("feedback", {"prompt": "q", "completion": "a", "label": True}, ""),
    line("feedback with a word", {"prompt": "q", "completion": "a", "label": "good"}, "label_invalid"),
    line("feedback with null", {"prompt": "q", "completion": "a", "label": None}, ""),
    line("feedback with two", {"prompt": "q", "completion": "a", "label": 2}, "label_invalid"),
    line("feedback with a share", {"prompt": "q", "completion": "a", "label": 0.5}, "label_invalid"),
    line("feedback on nothing", {"prompt": "q", "completion": "", "label": False}, "empty_answer"),
    line(
        "a format that params.yaml names and the row has not",
        {"text": "q", "label": "a"},
        "missing_messages_list",
        formats=[{"files": "train/a.jsonl", "format": "chat"}],
    ),
)
CASES: tuple[Broken, ...] = (*TURNS, *ORDER, *CALLS, *SAID, *PAIRS)
