"""What `prepare` keeps, what it rejects, and what it says."""

import json
from pathlib import Path
from typing import Any

import pytest

from tunegate.core.errors import DataError
from tunegate.core.settings import Columns, Prepare
from tunegate.prepare.stage import prepare
from tunegate.records.example import read_examples


def chat(question: str, answer: str, **more: Any) -> dict[str, Any]:
    turns = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    return {"messages": turns, **more}


def lines(path: Path, *rows: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        "\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows) + "\n", encoding="utf-8"
    )


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    root = tmp_path / "raw"
    lines(root / "train" / "a.jsonl", *(chat(f"question {n}", f"answer {n}", id=f"t{n}") for n in range(20)))
    lines(root / "validation" / "a.jsonl", *(chat(f"checked {n}", "yes") for n in range(5)))
    lines(root / "test" / "a.jsonl", *(chat(f"asked {n}", "yes") for n in range(5)))
    lines(tmp_path / "general" / "train" / "a.jsonl", *(chat(f"general {n}", "well") for n in range(3)))
    lines(tmp_path / "tasks" / "a.jsonl", {"question": "Is water wet?", "answer": "yes"})
    return root


def run(raw: Path, **settings: Any) -> dict[str, Any]:
    home = raw.parent
    chosen = Prepare.model_validate({"max_reject_rate": 0.5, **settings})
    return prepare(raw, home / "general", home / "tasks", home / "out", chosen)


def rejects(raw: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (raw.parent / "out" / "rejects.jsonl").read_text().splitlines()]


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ('{"messages": [', "json_invalid"),
        ('{"a": 1, "a": 2}', "json_invalid"),
        ({"messages": [{"role": "assistant", "content": "x"}]}, "role_order"),
        ({"messages": []}, "role_order"),
        (chat("  ", "x"), "empty_turn"),
        (chat("x", " "), "empty_answer"),
        ({"text": "x"}, "format_unknown"),
        ([1], "format_unknown"),
        ({"messages": [{"role": "robot", "content": "x"}]}, "format_unknown"),
        ({"instruction": 3, "output": "x"}, "format_unknown"),
        (chat("QUESTION   1", "Answer 1!"), "duplicate"),
        (chat("Asked 1?", "no"), "leaked_test"),
        (chat("checked 2", "no"), "leaked_validation"),
    ],
)
def test_a_bad_row_is_rejected_with_file_line_and_code(raw: Path, bad: Any, code: str) -> None:
    lines(raw / "train" / "b.jsonl", chat("sound", "row"), bad)
    found = run(raw)
    assert [(r["file"], r["line"], r["code"]) for r in rejects(raw)] == [("train/b.jsonl", 2, code)]
    assert found["files"]["train/b.jsonl"]["rejected"] == {code: 1}
    assert len(read_examples(raw.parent / "out" / "train.jsonl")) == 21


def test_bytes_that_are_no_utf8_are_a_reject_and_not_a_traceback(raw: Path) -> None:
    (raw / "train" / "b.jsonl").write_bytes(b'{"messages": "\xff"}\n')
    run(raw)
    assert rejects(raw)[0]["code"] == "encoding"


def test_all_formats_give_the_same_example(raw: Path) -> None:
    lines(raw / "test" / "chat.jsonl", chat("hello there", "hi"))
    lines(
        raw / "test" / "share.jsonl",
        {"conversations": [{"from": "human", "value": "hello you"}, {"from": "gpt", "value": "hi"}]},
    )
    (raw / "test" / "alpaca.json").write_text(json.dumps([{"instruction": "hello", "input": "me", "output": "hi"}]))
    (raw / "test" / "table.csv").write_text('said,label\n"hello, all",hi\n')
    found = run(raw, columns=Columns(prompt="said", answer="label").model_dump())
    expected = {"chat.jsonl": "chat", "share.jsonl": "sharegpt", "alpaca.json": "alpaca", "table.csv": "columns"}
    assert {name: found["files"][f"test/{name}"]["formats"] for name in expected} == {
        name: {form: 1} for name, form in expected.items()
    }
    said = {example.prompt[0].content for example in read_examples(raw.parent / "out" / "test.jsonl")}
    assert {"hello there", "hello you", "hello\n\nme", "hello, all"} < said


def test_rows_are_kept_or_rejected_and_never_lost(raw: Path) -> None:
    lines(raw / "train" / "b.jsonl", "{", chat("asked 0", "x"), chat("question 1", "answer 1"), chat("new", "row"))
    found = run(raw)
    for counts in found["files"].values():
        assert counts["rows"] == counts["kept"] + sum(counts["rejected"].values())
    assert len(rejects(raw)) == 3


def test_too_many_rejects_fail_with_the_rejects_left_to_read(raw: Path) -> None:
    lines(raw / "train" / "b.jsonl", "{", "{")
    with pytest.raises(DataError, match=r"rejected \(2 json_invalid\); prepare.max_reject_rate allows 1\.0%"):
        run(raw, max_reject_rate=0.01)
    assert len(rejects(raw)) == 2
    assert not (raw.parent / "out" / "train.jsonl").exists()


def test_all_missing_folders_are_named_at_once(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    with pytest.raises(DataError) as caught:
        run(tmp_path / "raw")
    assert "raw/train: no such folder" in caught.value.message
    assert "raw/test: no such folder" in caught.value.message
    assert "general/train: no such folder" in caught.value.message
    assert "tasks: no such folder" in caught.value.message


def test_an_empty_test_split_is_an_error(raw: Path) -> None:
    (raw / "test" / "a.jsonl").write_text("\n")
    with pytest.raises(DataError, match="no clean rows in test"):
        run(raw)


def test_answers_are_held_against_the_schema(raw: Path) -> None:
    (raw / "schema.json").write_text('{"type": "object", "required": ["a"]}')
    lines(raw / "train" / "b.jsonl", chat("one", '{"a": 1}'), chat("two", '{"b": 1}'))
    for split in ("train", "validation", "test"):
        lines(raw / split / "a.jsonl", chat(f"{split} fine", '{"a": 2}'))
    run(raw, answer_schema="schema.json")
    assert [(r["code"], r["reason"]) for r in rejects(raw)] == [
        ("schema_invalid", "the answer: 'a' is a required property")
    ]


def test_without_a_validation_folder_old_rows_stay_where_they_were(raw: Path) -> None:
    for path in (raw / "validation").iterdir():
        path.unlink()
    (raw / "validation").rmdir()
    run(raw, validation_share=0.3)
    before = {example.id for example in read_examples(raw.parent / "out" / "validation.jsonl")}
    lines(raw / "train" / "b.jsonl", *(chat(f"later {n}", "x", id=f"l{n}") for n in range(30)))
    run(raw, validation_share=0.3)
    after = {example.id for example in read_examples(raw.parent / "out" / "validation.jsonl")}
    assert before
    assert {name for name in after if name.startswith("t")} == before


def test_what_a_general_task_asks_is_kept_out_of_train_and_replay(raw: Path) -> None:
    lines(raw.parent / "tasks" / "t.jsonl", {"question": "What is the capital of Peru?", "answer": "Lima"})
    lines(
        raw.parent / "general" / "train" / "g.jsonl", chat("what is the CAPITAL of Peru", "Lima"), chat("fine", "row")
    )
    lines(raw / "train" / "b.jsonl", chat("What is the capital of Peru", "Lima"))
    found = run(raw)
    assert [reject["code"] for reject in rejects(raw)] == ["contaminated_general", "contaminated_general"]
    assert found["replay"]["kept"] == 4


def test_the_same_input_gives_the_same_bytes(raw: Path) -> None:
    run(raw)
    first = {path.name: path.read_bytes() for path in (raw.parent / "out").iterdir()}
    run(raw)
    assert {path.name: path.read_bytes() for path in (raw.parent / "out").iterdir()} == first
