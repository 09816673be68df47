"""Each format as people publish it, and the canonical turns that come of it."""

import json
from typing import Any

import pytest

from tunegate.core.data_settings import Columns, Prepare
from tunegate.prepare.formats import BadRow, Parsed, format_for, parse

Turn = dict[str, Any]
TALK = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]
OTHER = [TALK[0], {"role": "assistant", "content": "b"}]


def said(turns: list[Turn]) -> list[str]:
    """Turns in short: `user: q`."""
    return [f"{turn['role']}: {turn['content']}" for turn in turns]


def talk(parsed: Parsed) -> list[str]:
    """A chat in short."""
    return said([*parsed.prompt, *parsed.answers[0]])


QA = ["user: q", "assistant: a"]
CHATS: list[tuple[str, dict[str, Any], list[str]]] = [
    ("chat", {"messages": TALK}, QA),
    ("chat", {"messages": json.dumps(TALK)}, QA),
    ("chat", {"messages": TALK, "prompt": "q", "prompt_id": "x"}, QA),
    ("chat", {"messages": TALK, "system": "s"}, ["system: s", *QA]),
    ("chat", {"messages": [{"role": "developer", "content": "s"}, *TALK]}, ["system: s", *QA]),
    ("chat", {"messages": [{"role": "user", "content": [{"type": "text", "text": "q"}]}, TALK[1]]}, QA),
    ("chat", {"messages": [*TALK, *TALK]}, [*QA, *QA]),
    ("chat", {"messages": [{"role": "user", "content": "q", "name": "eve"}, {**TALK[1], "weight": 1}]}, QA),
    ("sharegpt", {"conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}]}, QA),
    ("sharegpt", {"conversations": [{"from": "user", "value": "q"}, {"from": "bing", "value": "a"}], "system": "s"},
     ["system: s", *QA]),
    ("sharegpt", {"conversations": [{"from": "system", "value": "s"}, {"from": "human", "value": "q"},
                                    {"from": "chatgpt", "value": "a"}], "system": "other"}, ["system: s", *QA]),
    ("sharegpt", {"conversations": TALK}, QA),
    ("alpaca", {"instruction": "i", "input": "x", "output": "a"}, ["user: i\n\nx", "assistant: a"]),
    ("alpaca", {"instruction": "q", "input": "", "output": "a"}, QA),
    ("alpaca", {"instruction": "q", "output": "a", "system": "s", "history": [["q0", "a0"]]},
     ["system: s", "user: q0", "assistant: a0", *QA]),
    ("alpaca", {"instruction": "i", "context": "x", "response": "a", "category": "qa"},
     ["user: i\n\nx", "assistant: a"]),
    ("completion", {"prompt": "q", "completion": "a"}, QA),
    ("completion", {"prompt": [TALK[0]], "completion": [TALK[1]]}, QA),
    ("completion", {"prompt": "q", "response": "a"}, QA),
    ("completion", {"question": "q", "answer": "a"}, QA),
    ("completion", {"question": "q", "context": "x", "answer": "a"}, ["user: q\n\nx", "assistant: a"]),
    ("completion", {"system_prompt": "s", "question": "q", "response": "a"}, ["system: s", *QA]),
    ("columns", {"text": "q", "label": "a"}, QA),
    ("columns", {"text": "q", "category": "a"}, QA),
    ("columns", {"text": "q", "label": 3}, ["user: q", "assistant: 3"]),
    ("columns", {"text": "q", "label": 3, "label_text": "a"}, QA),
    ("columns", {"text": "q", "label": True}, ["user: q", "assistant: true"]),
    ("alpaca", {"messages": None, "text": None, "instruction": "q", "output": "a"}, QA),
]  # fmt: skip


@pytest.mark.parametrize(("form", "row", "expected"), CHATS)
def test_a_chat_is_understood_in_every_form(form: str, row: dict[str, Any], expected: list[str]) -> None:
    parsed = parse(row, None)
    assert (parsed.form, parsed.kind, parsed.label, talk(parsed)) == (form, "chat", None, expected)


H, A = "\n\nHuman: ", "\n\nAssistant: "
PAIRS: list[tuple[str, dict[str, Any], list[str]]] = [
    ("preference", {"prompt": "q", "chosen": "a", "rejected": "b"}, ["user: q"]),
    ("preference", {"prompt": [TALK[0]], "chosen": [TALK[1]], "rejected": [OTHER[1]]}, ["user: q"]),
    ("preference", {"chosen": TALK, "rejected": OTHER}, ["user: q"]),
    ("preference", {"prompt": "q", "chosen": TALK, "rejected": OTHER, "messages": TALK}, ["user: q"]),
    ("preference", {"prompt": "q", "chosen": "a", "rejected": "b", "system": "s"}, ["system: s", "user: q"]),
    ("preference", {"prompt": f"{H}q{A}", "chosen": " a", "rejected": "b"}, ["user: q"]),
    ("preference", {"chosen": [*TALK, *TALK], "rejected": [*TALK, *OTHER]}, [*QA, "user: q"]),
    ("transcript", {"chosen": f"{H}q{A}a", "rejected": f"{H}q{A}b"}, ["user: q"]),
    ("transcript", {"chosen": f"{H}p{A}o{H}q{A}a", "rejected": f"{H}p{A}o{H}q{A}b"},
     ["user: p", "assistant: o", "user: q"]),
]  # fmt: skip


@pytest.mark.parametrize(("form", "row", "asked"), PAIRS)
def test_a_pair_is_understood_in_every_form(form: str, row: dict[str, Any], asked: list[str]) -> None:
    parsed = parse(row, None)
    assert (parsed.form, parsed.kind, said(parsed.prompt)) == (form, "preference", asked)
    assert [said(side)[0].replace(": ", ":").replace(" ", "") for side in parsed.answers] == [
        "assistant:a",
        "assistant:b",
    ]


def test_answers_that_part_early_go_on_for_several_turns() -> None:
    parsed = parse({"chosen": f"{H}q{A}a{H}more{A}c", "rejected": f"{H}q{A}b"}, None)
    assert (said(parsed.prompt), said(parsed.answers[0])) == (
        ["user: q"],
        ["assistant: a", "user: more", "assistant: c"],
    )
    assert said(parsed.answers[1]) == ["assistant: b"]


@pytest.mark.parametrize(("given", "label"), [(True, True), (0, False), ("TRUE", True), ("false", False), ("1", True)])
def test_feedback_has_its_label(given: Any, label: bool) -> None:  # noqa: FBT001 - a parameter of the test
    parsed = parse({"prompt": "q", "completion": "a", "label": given}, None)
    assert (parsed.form, parsed.kind, parsed.label, talk(parsed)) == ("feedback", "feedback", label, QA)


ARGUMENTS = {"city": "Köln", "days": 2}
CALL = {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": ARGUMENTS}}
CALLS: list[dict[str, Any]] = [
    {"role": "assistant", "content": None, "tool_calls": [CALL]},
    {"role": "assistant", "tool_calls": [{"id": "c1", "type": "function", "index": 0, "function": {
        "name": "weather", "arguments": json.dumps(ARGUMENTS)}}]},
    {"role": "assistant", "content": "", "tool_calls": json.dumps([CALL])},
]  # fmt: skip


@pytest.mark.parametrize("turn", CALLS)
def test_tool_calls_are_kept_with_their_arguments_as_an_object(turn: Turn) -> None:
    answer = {"role": "tool", "name": "weather", "content": "rain", "tool_call_id": "c1"}
    tool = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}
    parsed = parse({"messages": [TALK[0], turn, answer, TALK[1]], "tools": json.dumps([tool])}, None)
    assert parsed.prompt == [TALK[0], {"role": "assistant", "content": "", "tool_calls": [CALL]}, answer]
    assert parsed.answers == [[TALK[1]]]
    assert parsed.tools == [tool]


def test_sharegpt_calls_and_openai_s_older_ones_are_the_same_calls() -> None:
    call = {"name": "weather", "arguments": ARGUMENTS}
    share = [{"from": "human", "value": "q"}, {"from": "function_call", "value": json.dumps(call)},
             {"from": "observation", "value": "rain"}, {"from": "gpt", "value": "a"}]  # fmt: skip
    named = {**call, "arguments": json.dumps(ARGUMENTS)}
    older = [TALK[0], {"role": "assistant", "content": None, "function_call": named},
             {"role": "function", "name": "weather", "content": "rain"}, TALK[1]]  # fmt: skip
    function = {"name": "weather", "description": "d"}
    one = parse({"conversations": share, "tools": [function]}, None)
    two = parse({"messages": older, "functions": [function]}, None)
    assert one.prompt[1] == two.prompt[1]
    assert one.prompt[1]["tool_calls"] == [{"type": "function", "function": call}]
    assert one.tools == two.tools == [{"type": "function", "function": function}]


def test_columns_that_params_names_come_first() -> None:
    row = {"instruction": "i", "output": "o", "said": "s", "meant": "m", "cluster": 7, "id": "row-1"}
    found = parse(row, Columns(prompt="said", answer="meant", family="cluster"))
    assert (found.form, talk(found)) == ("columns", ["user: s", "assistant: m"])
    assert (found.id, found.family) == ("row-1", "7")
    assert parse(row, None).form == "alpaca"


def test_columns_name_pairs_and_feedback_too() -> None:
    row = {"q": "q", "good": "a", "bad": "b", "liked": "false"}
    pair = parse(row, Columns(prompt="q", chosen="good", rejected="bad"))
    assert (pair.kind, [side[0]["content"] for side in pair.answers]) == ("preference", ["a", "b"])
    liked = parse(row, Columns(prompt="q", answer="bad", label="liked"))
    assert (liked.kind, liked.label, talk(liked)) == ("feedback", False, ["user: q", "assistant: b"])


def test_params_names_the_format_of_files_by_pattern() -> None:
    content = {"columns": {"prompt": "text", "answer": "label"}, "formats": [
        {"files": "train/old*.csv", "format": "alpaca"},
        {"files": "*.csv", "format": "columns", "columns": {"prompt": "a", "answer": "b"}},
        {"files": "test/*", "format": "columns"}]}  # fmt: skip
    settings = Prepare.model_validate(content)
    usual, own = Columns(prompt="text", answer="label"), Columns(prompt="a", answer="b")
    assert format_for(settings, "train/old-1.csv") == ("alpaca", None)
    assert format_for(settings, "train/new.csv") == ("columns", own)
    assert format_for(settings, "test/a.jsonl") == ("columns", usual)
    assert format_for(settings, "train/a.jsonl") == (None, usual)
    row = {"messages": TALK, "instruction": "i", "output": "o"}
    assert (parse(row, None).form, parse(row, None, "alpaca").form) == ("chat", "alpaca")


@pytest.mark.parametrize("where", [{"family": "f"}, {"metadata": {"family": "f"}}, {"metadata": 3, "family": " f "}])
def test_the_family_is_found_where_people_put_it(where: dict[str, object]) -> None:
    assert parse({"messages": TALK, **where}, None).family == "f"


def test_a_reason_says_what_was_found_and_what_was_expected() -> None:
    with pytest.raises(BadRow, match=r"found the keys answer, frage; expected those of a format in docs/data\.md"):
        parse({"frage": "q", "answer": "a"}, None)
    with pytest.raises(BadRow, match=r"messages: turn 2: role robot; known are system, developer, user"):
        parse({"messages": [TALK[0], {"role": "robot", "content": "a"}]}, None)
