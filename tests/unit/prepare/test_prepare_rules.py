"""What a row must be to be trained on. The rows that break a rule are in tests/broken; here is what the rules allow."""

import pickle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunegate.core.data_settings import Prepare
from tunegate.core.errors import DataError, ModelError
from tunegate.prepare.control_tokens import WELL_KNOWN, ControlTokens
from tunegate.prepare.formats import parse
from tunegate.prepare.tokens import TokenCounter
from tunegate.prepare.turn_order import call_fault, order_fault
from tunegate.prepare.validate import Rules, load_schema

SCHEMA = '{"type": "object", "required": ["intent"]}'


def row(question: str = "q", answer: str = "a", **more: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": question}, {"role": "assistant", "content": answer}], **more}


def fault(rules: Rules, content: dict[str, Any]) -> str:
    found = rules.fault(parse(content, None))
    return f"{found.code}: {found.reason}" if found else ""


def turns(*roles: str) -> list[dict[str, Any]]:
    """Turns by their roles; `calls` is an assistant that calls."""
    call = {"type": "function", "function": {"name": "f", "arguments": {}}}
    return [
        {"role": "assistant", "content": "", "tool_calls": [call, call]}
        if role == "calls"
        else {"role": role, "content": "x"}
        for role in roles
    ]


@pytest.mark.parametrize(
    "roles",
    [
        "user assistant",
        "system user assistant user assistant",
        "user calls tool assistant",
        "user calls tool tool calls tool assistant user assistant",
        "system user calls",
    ],
)
def test_conversations_as_they_are_led_are_allowed(roles: str) -> None:
    said = turns(*roles.split())
    assert (order_fault(said), call_fault(said)) == ("", "")


@given(st.lists(st.sampled_from(["system", "user", "assistant", "tool", "calls"]), max_size=7))
def test_an_allowed_order_is_one_that_the_grammar_writes(roles: list[str]) -> None:
    import re

    signs = "".join({"system": "s", "user": "u", "assistant": "a", "tool": "t", "calls": "c"}[role] for role in roles)
    grammar = re.fullmatch(r"s?(u(ct+)*a)*u(ct+)*[ac]", signs)
    assert (order_fault(turns(*roles)) == "") == bool(grammar)


def test_answers_of_tools_are_matched_by_their_ids() -> None:
    def call(*ids: str) -> dict[str, Any]:
        return {"role": "assistant", "content": "", "tool_calls": [{"id": number, "function": {}} for number in ids]}

    def tool(number: str) -> dict[str, Any]:
        return {"role": "tool", "content": "x", "tool_call_id": number}

    done = {"role": "assistant", "content": "done"}
    assert call_fault([call("1", "2"), tool("2"), tool("1"), done]) == ""
    assert call_fault([call("1", "2"), tool("2"), done]) == "turn 3: the call 1 has no answer yet"
    assert call_fault([call("1"), tool("3"), done]) == "turn 2 answers the call 3, which nobody made"


def test_answers_fit_the_schema_whatever_the_kind_of_row(tmp_path: Path) -> None:
    (tmp_path / "schema.json").write_text(SCHEMA)
    rules = Rules(Prepare(), load_schema(tmp_path / "schema.json"), None)
    good, bad = '{"intent": "x"}', '{"other": 1}'
    assert fault(rules, row(answer=good)) == ""
    assert fault(rules, row(answer=bad)) == "schema_invalid: the answer: 'intent' is a required property"
    assert fault(rules, row(answer="x")).startswith("schema_invalid: the answer is not JSON")
    assert fault(rules, {"prompt": "q", "chosen": good, "rejected": bad}) == ""
    assert fault(rules, {"prompt": "q", "chosen": bad, "rejected": good}).startswith("schema_invalid")
    assert fault(rules, {"prompt": "q", "completion": bad, "label": False}) == ""
    assert fault(rules, {"prompt": "q", "completion": bad, "label": True}).startswith("schema_invalid")


@pytest.mark.parametrize(
    ("text", "said"),
    [("{", "not valid JSON"), ('{"type": "thing"}', "not a JSON Schema"), ('{"$ref": "http://x.test/s"}', "cannot be")],
)
def test_a_schema_that_is_none_is_one_clear_error(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "schema.json").write_text(text)
    with pytest.raises(DataError, match=said):
        load_schema(tmp_path / "schema.json")


@given(st.text(max_size=30), st.sampled_from(WELL_KNOWN), st.text(max_size=30))
def test_a_control_token_is_found_wherever_it_stands(before: str, token: str, after: str) -> None:
    assert ControlTokens(None).found(["fine", before + token + after])


def test_the_tokenizer_says_which_tokens_are_control_tokens(tiny_base: Path) -> None:
    tokens = TokenCounter.load(tiny_base)
    assert "<|user|>" in tokens.special
    own, known = Rules(Prepare(), None, tokens), Rules(Prepare(), None, None)
    assert fault(own, row("a <|user|> b")).startswith("special_token_in_content: <|user|> in a text")
    assert (fault(own, row("[INST]")), fault(known, row("<s>old</s>"))) == ("", "")
    assert fault(known, row("[INST]")).startswith("special_token_in_content")


def test_rows_over_max_tokens_are_overlong_and_rows_at_it_are_not(tiny_base: Path) -> None:
    tokens = TokenCounter.load(tiny_base)
    question, answer = "The camera is late. " * 5, "ünïcödé"
    count = sum(tokens.count([question, answer]))
    at, over = (Rules(Prepare(max_tokens=most), None, tokens) for most in (count, count - 1))
    assert fault(at, row(question, answer)) == ""
    assert fault(over, row(question, answer)) == f"overlong: {count} tokens, max_tokens allows {count - 1}"
    assert fault(over, {"prompt": question, "chosen": "x", "rejected": answer}).startswith("overlong")


@given(st.text(st.characters(max_codepoint=127), max_size=60))
def test_ascii_text_has_no_more_tokens_than_signs(text: str) -> None:
    """The reason why short rows need not be counted."""
    import tokenizers

    path = Path(__file__).parents[3] / "examples" / "support" / "base" / "tokenizer.json"
    assert len(tokenizers.Tokenizer.from_file(str(path)).encode(text, add_special_tokens=False).ids) <= len(text)


def test_a_token_counter_travels_to_a_worker_by_its_path(tiny_base: Path) -> None:
    tokens = TokenCounter.load(tiny_base)
    sent = pickle.loads(pickle.dumps(tokens))  # noqa: S301 - our own bytes
    assert (sent.count(["The camera"]), sent.special) == (tokens.count(["The camera"]), tokens.special)
    rules = pickle.loads(pickle.dumps(Rules(Prepare(max_tokens=1), None, tokens)))  # noqa: S301 - our own bytes
    assert fault(rules, row()).startswith("overlong")


def test_a_folder_without_a_tokenizer_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"tokenizer\.json: no such file"):
        TokenCounter.load(tmp_path)
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(ModelError, match=r"tokenizer\.json: not a tokenizer"):
        TokenCounter.load(tmp_path)
