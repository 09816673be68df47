"""Splits stay apart and stay put: leaks in every form, division without a validation folder, counts that add up."""

import json
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prepare_run import rejects_of, rows_of, run_prepare

from tunegate.core.data_settings import Prepare
from tunegate.records.data_report import DataReport
from tunegate.records.example import read_examples

LENIENT = Prepare(max_reject_rate=1.0, validation_share=0.3, template_share=1.0)


def row(question: str, answer: str, system: str = "", **more: Any) -> str:
    turns = [("system", system)] if system else []
    turns += [("user", question), ("assistant", answer)]
    return json.dumps({"messages": [{"role": role, "content": text} for role, text in turns], **more})


def lay(root: Path, files: dict[str, list[str]]) -> None:
    basis = {
        "raw/test/a.jsonl": [row("held out", "yes")],
        "general/train/a.jsonl": [row("general", "row")],
        "tasks/a.jsonl": [json.dumps({"question": "q", "choices": ["one long enough choice " * 4]})],
    }
    for name, content in {**basis, **files}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("\n".join(content) + "\n", encoding="utf-8")


def go(root: Path, chosen: Prepare = LENIENT) -> DataReport:
    return run_prepare(root, chosen)


def ids(root: Path, split: str) -> list[str]:
    return [row["id"] for row in rows_of(root, split)]


def rejects(root: Path) -> list[dict[str, Any]]:
    return rejects_of(root)


def many(count: int, start: str = "t") -> list[str]:
    return [row(f"question {start} {n}", "yes", id=f"{start}{n}") for n in range(count)]


def test_a_leak_is_found_whatever_the_system_turn(tmp_path: Path) -> None:
    lay(tmp_path, {"raw/train/a.jsonl": [*many(20), row("Held  OUT?", "no", "You are a clerk.", id="leak")]})
    go(tmp_path)
    assert [(r["code"], r["row"]["id"]) for r in rejects(tmp_path)] == [("leaked_test", "leak")]


def test_a_validation_row_that_test_asks_is_dropped_from_validation(tmp_path: Path) -> None:
    train = [*many(20), *(row(f"held out {n}", "no", id=f"x{n}") for n in range(20))]
    lay(tmp_path, {"raw/train/a.jsonl": train, "raw/test/a.jsonl": [row(f"held out {n}", "yes") for n in range(20)]})
    found = go(tmp_path)
    assert Counter(r["code"] for r in rejects(tmp_path)) == {"leaked_test": 20}
    assert found.splits["test"].kept == 20
    assert found.splits["train"].kept + found.splits["validation"].kept == 20


def test_replay_asks_nothing_that_test_asks(tmp_path: Path) -> None:
    lay(tmp_path, {"raw/train/a.jsonl": many(20), "general/train/a.jsonl": [row("held out", "x"), row("fine", "x")]})
    go(tmp_path)
    assert [(r["file"], r["code"]) for r in rejects(tmp_path)] == [("general/train/a.jsonl", "leaked_test")]
    assert len(ids(tmp_path, "replay")) == 1


def test_thirteen_words_of_a_choice_are_contamination(tmp_path: Path) -> None:
    said = "one long enough choice " * 4
    lay(tmp_path, {"raw/train/a.jsonl": [*many(20), row("repeat", f"he said: {said}", id="bad"),
                                         row("repeat less", said[:40], id="fine")]})  # fmt: skip
    go(tmp_path)
    assert [(r["code"], r["row"]["id"]) for r in rejects(tmp_path)] == [("contaminated_general", "bad")]


def test_the_system_prompt_of_params_goes_to_rows_without_one(tmp_path: Path) -> None:
    lay(tmp_path, {"raw/train/a.jsonl": [*many(20), row("other", "x", "Own.", id="own")]})
    go(tmp_path, LENIENT.model_copy(update={"system": "Given."}))
    every = [
        example for split in ("train", "validation") for example in read_examples(tmp_path / f"out/data/{split}.jsonl")
    ]
    said = {example.id: example.messages[0].content for example in every}
    assert said.pop("own") == "Own."
    assert set(said.values()) == {"Given."}


@given(before=st.integers(5, 60), later=st.integers(0, 60), families=st.integers(1, 40))
@settings(max_examples=15, deadline=None)
def test_rows_added_later_move_no_old_row_and_families_stay_whole(before: int, later: int, families: int) -> None:
    rows = [row(f"question {n}", "yes", id=f"old{n}", family=f"f{n % families}") for n in range(before)]
    more = [row(f"later {n}", "yes", id=f"new{n}") for n in range(later)]
    with TemporaryDirectory() as one, TemporaryDirectory() as two:
        sides = []
        for root, files in ((one, {"z.jsonl": rows}), (two, {"z.jsonl": rows, "a.jsonl": more})):
            lay(Path(root), {f"raw/train/{name}": content for name, content in files.items() if content})
            sides.append(_side(Path(root)))
        assert {name: side for name, side in sides[1].items() if name.startswith("old")} == sides[0]
        assert len({(int(name[3:]) % families, side) for name, side in sides[0].items()}) == min(families, before)


def _side(root: Path) -> dict[str, str]:
    from tunegate.core.errors import DataError

    try:
        go(root)
    except DataError:  # all families on one side: too few rows to divide, said as such
        found = json.loads((root / "out/report/report.json").read_text())["splits"]
        side = "train" if found["train"]["kept"] else "validation"
        text = "".join(path.read_text() for path in sorted((root / "raw/train").iterdir()))
        return {json.loads(line)["id"]: side for line in text.splitlines()}
    return {name: split for split in ("train", "validation") for name in ids(root, split)}


@pytest.mark.parametrize(
    ("rows", "warning"),
    [
        ([row("question t 1", "no", id="c")], "train: conflicting_answers: 1 prompts have more than one answer"),
        ([row("x", "y", "One."), row("y", "y")], "train: 2 different system prompts"),
        ([row("x", "y", id="t1")], "1 ids stand more than once, first t1"),
        ([row("x", "y"), '{"instruction": "a", "output": "b"}'], "train/b.jsonl: rows of 2 formats: alpaca, chat"),
        ([""], "train/b.jsonl: no rows"),
        ([row("x", "y", family="f")], "test: 1 of 1 families are also in train"),
    ],
)
def test_what_a_person_should_look_at_is_a_warning_and_no_reject(tmp_path: Path, rows: list[str], warning: str) -> None:
    lay(tmp_path, {"raw/train/a.jsonl": many(20), "raw/train/b.jsonl": rows, "raw/validation/a.jsonl": [row("v", "w")],
                   "raw/test/a.jsonl": [row("held out", "yes", family="f")]})  # fmt: skip
    found = go(tmp_path)
    assert not rejects(tmp_path)
    assert [said for said in found.warnings if said.startswith(warning)], found.warnings
