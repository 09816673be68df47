"""What each metric gives for right, wrong and broken answers."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunegate.core.errors import DataError, SettingsError
from tunegate.core.settings import Evaluate
from tunegate.evaluate.metrics import exact_match, field, json_valid, make_metrics, rouge_l, schema_valid, style

SCHEMA = {"type": "object", "required": ["product"], "properties": {"product": {"enum": ["camera"]}}}


@pytest.mark.parametrize(
    ("answer", "valid"),
    [('{"a": 1}', 1), ("3", 1), ("null", 1), ("", 0), ('{"a": 1', 0), ('{"a": 1, "a": 2}', 0), ("NaN", 0)],
)
def test_json_is_strict(answer: str, valid: int) -> None:
    assert json_valid(answer, "") == valid


@pytest.mark.parametrize(
    ("answer", "valid"),
    [('{"product": "camera"}', 1), ('{"product": "boat"}', 0), ("{}", 0), ("camera", 0), ("null", 0)],
)
def test_schema(answer: str, valid: int) -> None:
    assert schema_valid(SCHEMA)(answer, "") == valid


def test_a_field_of_the_answer() -> None:
    product = field("product")
    reference = '{"product": "camera", "priority": null}'
    assert product('{"product": "camera"}', reference) == 1
    assert product('{"product": "router"}', reference) == 0
    assert product("no json", reference) == product("[1]", reference) == product("{}", reference) == 0
    assert field("priority")("{}", reference) == 0, "a missing field is not null"


def test_a_name_that_is_no_metric_and_no_field() -> None:
    with pytest.raises(DataError, match="metric blue: the reference has no such field"):
        field("blue")("{}", "plain text")


def test_style_is_the_share_of_rules_kept() -> None:
    assert style(["^Hello", r"\.$"])("Hello there.", "") == 1
    assert style(["^Hello", r"\.$"])("Hi there.", "") == 0.5


def test_rouge_l_by_hand() -> None:
    assert rouge_l("the cat sat", "the cat sat on the mat") == pytest.approx(2 * (3 / 3) * (3 / 6) / (1 + 3 / 6))


@given(st.text(max_size=40))
def test_an_answer_equal_to_its_reference(text: str) -> None:
    assert exact_match(text, text) == 1
    assert 0 <= rouge_l(text, text) <= 1
    assert json_valid(text, text) in {0.0, 1.0}


def test_settings_that_do_not_fit(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"evaluate\.style is empty"):
        make_metrics(Evaluate(metrics=("style",)), tmp_path)
    with pytest.raises(SettingsError, match="unterminated"):
        make_metrics(Evaluate(metrics=("style",), style=("[",)), tmp_path)
    with pytest.raises(SettingsError, match=r"evaluate\.answer_schema is not set"):
        make_metrics(Evaluate(metrics=("schema_valid",)), tmp_path)
    (tmp_path / "schema.json").write_text('{"type": "nothing"}')
    with pytest.raises(DataError, match="not a JSON schema"):
        make_metrics(Evaluate(metrics=("schema_valid",), answer_schema="schema.json"), tmp_path)
