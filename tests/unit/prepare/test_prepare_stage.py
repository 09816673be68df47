"""What `prepare` keeps, what it rejects, and what it says."""

import json
from pathlib import Path
from typing import Any

import pytest
from prepare_run import chat, file_of, lines, rejects_of, rows_of, run_prepare

from tunegate.core.data_settings import Prepare
from tunegate.core.errors import DataError
from tunegate.records.data_report import DataReport
from tunegate.records.example import read_examples


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    root = tmp_path / "raw"
    lines(root / "train" / "a.jsonl", *(chat(f"question {n}", f"answer {n}", id=f"t{n}") for n in range(20)))
    lines(root / "validation" / "a.jsonl", *(chat(f"checked {n}", "yes") for n in range(5)))
    lines(root / "test" / "a.jsonl", *(chat(f"asked {n}", "yes") for n in range(5)))
    lines(tmp_path / "general" / "train" / "a.jsonl", *(chat(f"general {n}", "well") for n in range(3)))
    lines(tmp_path / "tasks" / "a.jsonl", {"question": "Is water wet?", "answer": "yes"})
    return root


def run(raw: Path, **settings: Any) -> DataReport:
    return run_prepare(raw.parent, Prepare.model_validate({"max_reject_rate": 0.5, **settings}))


def rejects(raw: Path) -> list[dict[str, Any]]:
    return rejects_of(raw.parent)


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ('{"messages": [', "json_invalid"),
        ('{"a": 1, "a": 2}', "json_invalid"),
        ({"messages": [{"role": "assistant", "content": "x"}]}, "role_order"),
        ({"messages": []}, "missing_messages_list"),
        (chat("  ", "x"), "empty_turn"),
        (chat("x", " "), "empty_answer"),
        ({"text": "x"}, "format_unknown"),
        ([1], "data_type"),
        ({"messages": [{"role": "robot", "content": "x"}]}, "unrecognized_role"),
        ({"instruction": ["x"], "output": "x"}, "missing_content"),
        (chat("Asked 1?", "no"), "leaked_test"),
        (chat("checked 2", "no"), "leaked_validation"),
    ],
)
def test_a_bad_row_is_rejected_with_file_line_and_code(raw: Path, bad: Any, code: str) -> None:
    lines(raw / "train" / "b.jsonl", chat("sound", "row"), bad)
    found = run(raw)
    assert [(r["file"], r["line"], r["code"]) for r in rejects(raw)] == [("train/b.jsonl", 2, code)]
    assert file_of(found, "train/b.jsonl").rejected == {code: 1}
    assert len(read_examples(raw.parent / "out" / "data" / "train.jsonl")) == 21


def test_of_two_copies_one_stays_whatever_their_order(raw: Path) -> None:
    for twice in (("question 1", "QUESTION   1"), ("QUESTION   1", "question 1")):
        lines(raw / "train" / "a.jsonl", *(chat(f"other {n}", "yes") for n in range(9)), chat(twice[0], "yes"))
        lines(raw / "train" / "b.jsonl", chat(twice[1], "yes"))
        run(raw)
        gone = [(r["code"], r["row"]["messages"][0]["content"]) for r in rejects(raw)]
        assert gone == [("duplicate", "QUESTION   1")]


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
    found = run(raw, columns={"prompt": "said", "answer": "label"})
    expected = {"chat.jsonl": "chat", "share.jsonl": "sharegpt", "alpaca.json": "alpaca", "table.csv": "columns"}
    assert {name: file_of(found, f"test/{name}").formats for name in expected} == {
        name: {form: 1} for name, form in expected.items()
    }
    said = {example.prompt[0].content for example in read_examples(raw.parent / "out" / "data" / "test.jsonl")}
    assert {"hello there", "hello you", "hello\n\nme", "hello, all"} < said


def test_rows_are_kept_or_rejected_and_never_lost(raw: Path) -> None:
    lines(raw / "train" / "b.jsonl", "{", chat("asked 0", "x"), chat("question 1", "answer 1"), chat("new", "row"))
    found = run(raw)
    for file in found.files:
        assert file.rows == file.kept + sum(file.rejected.values())
    assert sum(file.kept for file in found.files) == sum(split.kept for split in found.splits.values())
    assert len(rejects(raw)) == 3


def test_too_many_rejects_fail_with_the_rejects_left_to_read(raw: Path) -> None:
    lines(raw / "train" / "b.jsonl", "{", "{")
    with pytest.raises(DataError, match=r"rejected \(2 json_invalid\); prepare.max_reject_rate allows 1\.0%"):
        run(raw, max_reject_rate=0.01)
    assert len(rejects(raw)) == 2
    assert not (raw.parent / "out" / "data" / "train.jsonl").exists()


def test_all_missing_folders_are_named_at_once(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    with pytest.raises(DataError) as caught:
        run(tmp_path / "raw")
    assert "raw/train: no such folder" in caught.value.message
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
    before = {example.id for example in read_examples(raw.parent / "out" / "data" / "validation.jsonl")}
    lines(raw / "train" / "b.jsonl", *(chat(f"later {n}", "x", id=f"l{n}") for n in range(30)))
    run(raw, validation_share=0.3)
    after = {example.id for example in read_examples(raw.parent / "out" / "data" / "validation.jsonl")}
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
    assert found.splits["replay"].kept == 4


def test_the_same_input_gives_the_same_bytes(raw: Path) -> None:
    run(raw)
    first = everything(raw.parent / "out")
    run(raw)
    assert everything(raw.parent / "out") == first
    assert {"data/train.jsonl", "report/data-report.html", "report/rejects.jsonl", "metrics.json"} < first.keys()
    assert not [name for name in first if "spool" in name or name.startswith(".")]


def everything(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_workers_and_one_process_write_the_same_bytes(raw: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines(raw / "train" / "b.jsonl", *(chat(f"many {n} words", f"answer {n}") for n in range(3000)), "{", "[1]")
    run(raw)
    alone = everything(raw.parent / "out")
    monkeypatch.setattr("tunegate.prepare.stage.worker_count", lambda _: 2)
    run(raw)
    assert everything(raw.parent / "out") == alone


def test_the_order_of_files_does_not_change_the_splits(raw: Path) -> None:
    for split in ("validation", "test"):
        (raw / split / "a.jsonl").unlink()
        (raw / split).rmdir()
    rows = [chat(f"question {n} about {n * 7}", f"answer {n % 5}") for n in range(300)]
    rows += [chat(f"QUESTION {n} about {n * 7}!", f"answer {n % 5}") for n in range(0, 300, 9)]
    sides = []
    for order in (rows, rows[::-1]):
        lines(raw / "train" / "a.jsonl", *order[:150])
        lines(raw / "train" / "b.jsonl", *order[150:])
        run(raw, test_share=0.2, validation_share=0.2)
        sides.append({split: {row["messages"][0]["content"] for row in rows_of(raw.parent, split)}
                      for split in ("train", "validation", "test")})  # fmt: skip
    assert sides[0] == sides[1]
    assert min(len(side) for side in sides[0].values()) > 20


def test_near_duplicates_go_from_train_and_stay_in_a_given_test(raw: Path) -> None:
    long = "please tell me when my order of a red bicycle with two bells will come to the house of my aunt in Riga"
    lines(raw / "train" / "b.jsonl", chat(long, "soon", id="one"), chat(f"{long} today", "soon", id="two"),
          chat(f"{long} today", "never", id="other answer"))  # fmt: skip
    other = "what does the small print of the second contract that my uncle signed in May say about a late payment"
    lines(raw / "test" / "b.jsonl", chat(other, "much"), chat(f"then {other}", "much"))
    found = run(raw)
    assert [(r["code"], r["file"]) for r in rejects(raw)] == [("near_duplicate", "train/b.jsonl")]
    assert found.splits["test"].kept == 7
    assert [said for said in found.warnings if said.startswith("test: 1 pairs of near-duplicates")]
    assert found.duplicates.near == 1
    only_told = run(raw, duplicates={"action": "report"})
    assert (only_told.duplicates.near, rejects(raw)) == (2, [])


def test_a_row_of_train_that_nearly_asks_what_test_asks_is_a_leak(raw: Path) -> None:
    long = "please tell me when my order of a red bicycle with two bells will come to the house of my aunt in Riga"
    lines(raw / "test" / "b.jsonl", chat(long, "soon"))
    lines(raw / "train" / "b.jsonl", chat(f"{long} today", "another answer"))
    found = run(raw)
    assert [(r["code"], "Jaccard" in r["reason"]) for r in rejects(raw)] == [("leaked_test", True)]
    assert (found.contamination["test"].by_near, found.contamination["test"].by_words) == (1, 0)
    with pytest.raises(DataError, match=r"meet held-out rows \(1 of test\); prepare.contamination.action is fail"):
        run(raw, contamination={"action": "fail"})
    assert rejects(raw), "the rejects stay to be read"


def test_thirteen_words_of_an_answer_are_a_leak_unless_answers_are_house_style(raw: Path) -> None:
    said = "we are sorry to hear that and will send you a new one by the end of this week at the latest"
    lines(raw / "test" / "b.jsonl", chat("first question", said))
    lines(raw / "train" / "b.jsonl", chat("quite another matter", f"Dear Sir, {said}"))
    found = run(raw)
    assert [(r["code"], found.contamination["test"].by_words) for r in rejects(raw)] == [("leaked_test", 1)]
    run(raw, contamination={"answers": False})
    assert rejects(raw) == []


def test_words_that_many_rows_share_are_boilerplate_and_no_leak(raw: Path) -> None:
    said = "thank you for your message we have read it and will answer within two working days"
    lines(raw / "test" / "b.jsonl", chat(f"{said} alpha", "x"))
    lines(raw / "train" / "b.jsonl", *(chat(f"{n} wolves met {n + 1} bears near {n + 2} lakes {said}", "y")
                                       for n in range(5)))  # fmt: skip
    run(raw)
    assert {r["code"] for r in rejects(raw)} == {"leaked_test"}
    run(raw, contamination={"common": 4})
    assert rejects(raw) == []


def test_rows_of_another_template_are_named(raw: Path) -> None:
    lines(raw / "train" / "b.jsonl", *(chat(f"new question {n}", "yes") for n in range(40)),
          chat("what now", "yes", "You are a clerk."), chat("and this", '{"a": 1}'))  # fmt: skip
    run(raw)
    said = [(r["code"], r["reason"]) for r in rejects(raw)]
    assert [code for code, _ in said] == ["template_mismatch", "template_mismatch"]
    assert said[0][1].startswith("a system turn, plain text as answer; 97.2% of the rows have no system turn")


def test_a_pair_among_chats_is_named_and_a_dataset_of_pairs_is_fine(raw: Path) -> None:
    pair = {"prompt": "better?", "chosen": "yes", "rejected": "no"}
    lines(raw / "train" / "b.jsonl", pair)
    assert run(raw).kind == "chat"
    assert [r["code"] for r in rejects(raw)] == ["kind_mismatch"]
    for split in ("train", "validation", "test"):
        lines(raw / split / "a.jsonl", *({**pair, "prompt": f"{split} {n}"} for n in range(4)))
    assert run(raw).kind == "preference"
    assert rows_of(raw.parent, "train")[0]["chosen"] == [{"content": "yes", "role": "assistant"}]
