"""What a reviewer types becomes the row, if the rules of the adapter allow it."""

import json
from pathlib import Path
from typing import Any

import pytest
from review_project import SCHEMA, chat, turn

from tunegate.core.data_settings import Prepare
from tunegate.core.errors import DataError
from tunegate.records.example import Kind
from tunegate.review.edits import Rules, edited

PAIR = {"prompt": [turn("user", "q")], "chosen": [turn("assistant", "good")], "rejected": [turn("assistant", "bad")]}
FEEDBACK = {"prompt": [turn("user", "q")], "completion": [turn("assistant", "a")], "label": True}
CALL = {"role": "assistant", "content": "", "tool_calls": [{"function": {"name": "f", "arguments": {}}}]}


@pytest.fixture
def rules(tmp_path: Path) -> Rules:
    (tmp_path / "schema.json").write_text(json.dumps(SCHEMA))
    return Rules.load(Prepare(answer_schema="schema.json"), tmp_path)


def messages(found: list[Any]) -> list[tuple[str, str]]:
    return [tuple(fault) for fault in found]


@pytest.mark.parametrize(
    ("kind", "row", "typed", "wanted"),
    [
        ("chat", chat("q", "a"), {"messages.1": "b"}, chat("q", "b")),
        ("chat", chat("q", '{"x":1}'), {"messages.0": "p", "messages.1": '{"x": 2}'}, chat("p", '{"x":2}')),
        ("preference", PAIR, {"rejected.0": "worse"}, {**PAIR, "rejected": [turn("assistant", "worse")]}),
        ("feedback", FEEDBACK, {"completion.0": "b"}, {**FEEDBACK, "completion": [turn("assistant", "b")]}),
        ("chat", chat("q", "a"), {"messages.7": "x", "nonsense": "y"}, chat("q", "a")),
    ],
)
def test_texts_change_and_nothing_else(kind: Kind, row: dict[str, Any], typed: dict[str, str], wanted: object) -> None:
    assert edited(kind, row, typed, None) == wanted


def test_the_label_of_feedback_changes() -> None:
    assert edited("feedback", FEEDBACK, {}, label=False) == {**FEEDBACK, "label": False}
    assert "label" not in edited("chat", chat("q", "a"), {}, label=False)


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        ('{"intent": "a", "priority": "high"}', None),
        ('{"intent": "a", "priority": "urgent"}', 'priority: "urgent" is none of "high", "normal", "low"'),
        ('{"priority": "high"}', "'intent' is a required property"),
        ("{", "Not JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        ('{"intent": NaN, "priority": "high"}', "Not JSON: NaN is not a number"),
        ("  ", "Must not be empty."),
        ("half \ud800", "Holds half of a surrogate pair, which no file can store."),
    ],
)
def test_the_answer_must_fit_the_schema(rules: Rules, answer: str, fault: str | None) -> None:
    found = messages(rules.faults("chat", chat("question", answer)))
    assert found == ([("messages.1", fault)] if fault else [])


def test_all_faults_are_said_each_beside_its_field(rules: Rules) -> None:
    found = messages(rules.faults("chat", chat("", '{"priority": 1, "more": 2}')))
    assert [field for field, _ in found] == ["messages.0", *["messages.1"] * 3]


def test_only_the_answer_is_held_against_the_schema(rules: Rules) -> None:
    row = {
        "messages": [turn("system", "s"), *chat("q", "no JSON", "q", '{"intent": "a", "priority": "low"}')["messages"]]
    }
    assert rules.faults("chat", row) == []


def test_labels_pairs_and_calls() -> None:
    labelled = Rules(labels=("yes", "no"))
    assert messages(labelled.faults("chat", chat("q", "maybe"))) == [("messages.1", "Must be one of: yes, no")]
    assert labelled.faults("chat", chat("q", "no")) == []
    same = {**PAIR, "rejected": PAIR["chosen"]}
    assert messages(Rules().faults("preference", same)) == [("", "The better and the worse answer are the same.")]
    assert Rules().faults("chat", {"messages": [turn("user", "q"), CALL]}) == []


@pytest.mark.parametrize("schema", ["", "{", '{"type": 3}', '{"$ref": "http://example.com/s"}', '{"pattern": "("}'])
def test_a_schema_that_is_none_is_said_before_the_page_opens(tmp_path: Path, schema: str) -> None:
    (tmp_path / "schema.json").write_text(schema)
    with pytest.raises(DataError, match=r"schema\.json"):
        Rules.load(Prepare(answer_schema="schema.json"), tmp_path)
