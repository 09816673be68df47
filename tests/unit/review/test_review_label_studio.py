"""To Label Studio and back: the same decisions; what is wrong is said all at once, and then nothing is imported."""

import json
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from review_project import KEY, chat, decisions, make_project, queued, ticket, tickets, tunegate, turn

from tunegate.core.data_settings import Prepare
from tunegate.core.errors import BusyError, DataError
from tunegate.records.example import Kind
from tunegate.records.review import PLACE, Decision
from tunegate.records.review_queue import QueuedRow
from tunegate.review.edits import edited
from tunegate.review.label_studio import export, labelling
from tunegate.review.label_studio_import import import_decisions
from tunegate.web.journal import Journal

FREE = Prepare()
CHAT = chat("q", "a", "q2", '{"x": 1}')
PAIR = {"prompt": [turn("user", "q")], "chosen": [turn("assistant", "good")], "rejected": [turn("assistant", "bad")]}
FEEDBACK = {"prompt": [turn("user", "q")], "completion": [turn("assistant", "a")], "label": True}
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


def decision(entry: QueuedRow, verdict: str, reviewer: str = "Ann", **more: Any) -> Decision:
    said = {"id": entry.id, "content": entry.content, "verdict": verdict, "reviewer": reviewer, "at": datetime.now(UTC)}
    return Decision.model_validate(said | more)


def record(root: Path, said: Sequence[Decision]) -> Path:
    path = root / "datasets" / KEY / PLACE
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(each.to_line() for each in said))
    return path


def annotated(root: Path, *results: tuple[str, str], **more: Any) -> Path:
    """An export of Label Studio in which the first row got these results."""
    export(root, KEY, "all", root / "out.json")
    tasks = json.loads((root / "out.json").read_text())
    made = [
        {
            "from_name": name,
            "to_name": "answer",
            "type": "x",
            "value": {"choices" if name == "verdict" else "text": [value]},
        }
        for name, value in results
    ]
    tasks[0] |= {"id": 7, "annotations": [{"id": 1, "result": made, "lead_time": 3.2, **more}], "predictions": []}
    (root / "in.json").write_text(json.dumps(tasks))
    return root / "in.json"


@given(st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize(("kind", "row"), [("chat", CHAT), ("preference", PAIR), ("feedback", FEEDBACK)])
def test_the_round_trip_gives_the_same_decisions(
    tmp_path: Path, kind: Kind, row: dict[str, Any], data: st.DataObject
) -> None:
    entry = queued("r", row, kind=kind)
    make_project(tmp_path, [entry])
    names = {"chat": ["messages.0", "messages.3"], "preference": ["prompt.0", "chosen.0", "rejected.0"]}
    fields = names.get(kind, ["prompt.0", "completion.0"])
    typed = data.draw(st.dictionaries(st.sampled_from(fields), TEXT.filter(str.strip), min_size=1))
    after = edited(kind, row, typed, data.draw(st.none() | st.booleans()))
    if after == row or (kind == "preference" and after["chosen"] == after["rejected"]):
        return
    said = [
        decision(entry, "rejected", "Ann", reason=data.draw(TEXT).strip()),
        decision(entry, "edited", "Ben Ortiz", row=after),
        decision(entry, "approved", "Cem"),
    ]
    path = record(tmp_path, said)
    export(tmp_path, KEY, "all", tmp_path / "out.json")
    before = path.read_text()
    assert "0 decisions added" in import_decisions(tmp_path, KEY, FREE, tmp_path / "out.json")
    path.unlink()
    import_decisions(tmp_path, KEY, FREE, tmp_path / "out.json")
    assert path.read_text() == before


def test_the_standing_decisions_are_exported_and_the_rest_is_prefilled(tmp_path: Path) -> None:
    rows = tickets(3)
    make_project(tmp_path, rows)
    record(tmp_path, [decision(rows[0], "approved"), decision(rows[1], "approved"), decision(rows[1], "withdrawn")])
    done = tunegate(tmp_path, "review", "export", KEY, "out.json")
    assert (done.returncode, done.stderr) == (0, "")
    tasks = json.loads((tmp_path / "out.json").read_text())
    assert [len(task["annotations"]) for task in tasks] == [1, 0, 0]
    prefilled = tasks[2]["predictions"][0]["result"][0]
    assert (prefilled["from_name"], prefilled["value"]["text"]) == ("edit", [tasks[2]["data"]["answer"]])
    assert tasks[2]["data"]["answer"] == '{\n  "intent": "intent_2",\n  "priority": "low"\n}'


@pytest.mark.parametrize("kind", ["chat", "preference", "feedback"])
def test_the_labelling_set_up_names_what_tasks_hold(tmp_path: Path, kind: Kind) -> None:
    row = {"chat": CHAT, "preference": PAIR, "feedback": FEEDBACK}[kind]
    make_project(tmp_path, [queued("r", row, kind=kind)])
    export(tmp_path, KEY, "all", tmp_path / "out.json")
    view = ET.fromstring((tmp_path / "out.xml").read_text())  # noqa: S314 - our own file
    assert ET.tostring(view) == ET.tostring(ET.fromstring(labelling(kind)))  # noqa: S314 - our own text
    data = json.loads((tmp_path / "out.json").read_text())[0]["data"]
    assert {tag.get("value", "")[1:] for tag in view if tag.get("value", "").startswith("$")} <= data.keys()
    named = {tag.get("name") for tag in view}
    assert {tag.get("toName") for tag in view if tag.get("toName")} <= named


def test_what_was_decided_there_is_recorded_under_the_name_of_who_did(tmp_path: Path) -> None:
    make_project(tmp_path, tickets(2))
    who = {"id": 4, "first_name": "Eva", "last_name": "Novak", "email": "eva@example.com"}
    edit = '{"intent": "other", "priority": "low"}'
    source = annotated(
        tmp_path, ("verdict", "edited"), ("edit", edit), completed_by=who, created_at="2026-01-02T03:04:05.000006Z"
    )
    done = tunegate(tmp_path, "review", "import", KEY, str(source))
    assert (done.returncode, done.stdout[:17]) == (0, "1 decisions added")
    (found,) = decisions(tmp_path)
    assert (found.id, found.verdict, found.reviewer) == ("t-0", "edited", "Eva Novak")
    assert found.at == datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)
    assert found.row == {"messages": [ticket(0)["messages"][0], turn("assistant", edit)]}


def test_an_annotation_that_was_changed_there_is_not_the_first_reviewers_any_more(tmp_path: Path) -> None:
    rows = tickets(1)
    make_project(tmp_path, rows)
    record(tmp_path, [decision(rows[0], "approved")])
    export(tmp_path, KEY, "all", tmp_path / "out.json")
    tasks = json.loads((tmp_path / "out.json").read_text())
    tasks[0]["annotations"][0]["result"][0]["value"]["choices"] = ["rejected"]
    tasks[0]["annotations"][0]["completed_by"] = 3
    (tmp_path / "in.json").write_text(json.dumps(tasks))
    import_decisions(tmp_path, KEY, FREE, tmp_path / "in.json")
    assert [(each.reviewer, each.verdict) for each in decisions(tmp_path)] == [
        ("Ann", "approved"),
        ("Label Studio user 3", "rejected"),
    ]


@pytest.mark.parametrize(
    ("results", "words"),
    [
        ([], "verdict is missing; expected one of approved, edited, rejected"),
        ([("verdict", "good")], "verdict is good"),
        ([("verdict", "edited")], "edited, but nothing was changed: choose approved"),
        (
            [("verdict", "approved"), ("edit", '{"intent": "x", "priority": "low"}')],
            "approved, but the answer was changed",
        ),
        ([("verdict", "edited"), ("edit", '{"priority": "no"}')], "'intent' is a required property"),
        ([("verdict", "edited"), ("row", "{")], "Expecting property name"),
        ([("verdict", "edited"), ("row", '{"messages": []}')], "row: only texts may change"),
    ],
)
def test_an_annotation_with_a_fault_is_named(tmp_path: Path, results: list[tuple[str, str]], words: str) -> None:
    make_project(tmp_path, tickets(2))
    source = annotated(tmp_path, *results)
    with pytest.raises(DataError) as raised:
        import_decisions(tmp_path, KEY, Prepare(answer_schema="schema.json"), source)
    assert "task 1 (t-0), annotation 1: " in raised.value.message
    assert words in raised.value.message
    assert decisions(tmp_path) == ()


def test_all_faults_are_said_at_once_and_nothing_is_imported(tmp_path: Path) -> None:
    make_project(tmp_path, tickets(3))
    tasks = json.loads(annotated(tmp_path, ("verdict", "approved")).read_text())
    tasks[1]["data"]["id"] = "unknown"
    tasks[2] = {"data": {}}
    (tmp_path / "in.json").write_text(json.dumps([*tasks, 5]))
    done = tunegate(tmp_path, "review", "import", KEY, "in.json")
    assert done.returncode == 11
    assert "in.json: 3 fault(s):" in done.stderr
    for words in (
        "task 2: no row 'unknown'",
        "task 3: data.id: Field required",
        "task 4: (whole)",
        "nothing was imported",
    ):
        assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert decisions(tmp_path) == ()


def test_a_skipped_task_decides_nothing(tmp_path: Path) -> None:
    make_project(tmp_path, tickets(1))
    assert "0 decisions added" in import_decisions(tmp_path, KEY, FREE, annotated(tmp_path, was_cancelled=True))


@pytest.mark.parametrize("content", ["", "{}", "null", "[", "3"])
def test_a_file_that_is_no_export_is_said(tmp_path: Path, content: str) -> None:
    make_project(tmp_path, tickets(1))
    (tmp_path / "in.json").write_text(content)
    with pytest.raises(DataError, match=r"in\.json: not"):
        import_decisions(tmp_path, KEY, FREE, tmp_path / "in.json")


def test_while_the_page_is_open_nothing_is_imported(tmp_path: Path) -> None:
    make_project(tmp_path, tickets(1))
    source = annotated(tmp_path, ("verdict", "approved"))
    with Journal(tmp_path / "datasets" / KEY / PLACE, Decision, next_step=""):
        done = tunegate(tmp_path, "review", "import", KEY, str(source))
        assert done.returncode == BusyError.exit_code
    assert decisions(tmp_path) == ()
