"""To Label Studio and back: the same ratings, no side in the file, all faults at once and then nothing imported."""

import json
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from human_project import KEY, make_project, marks
from review_project import tunegate

from tunegate.core.errors import DataError
from tunegate.human.files import VOTES, files_of, new, read_pairs, read_votes
from tunegate.human.label_studio import export, import_votes, labelling
from tunegate.records.human import CRITERIA, Said, Vote
from tunegate.web.journal import Journal


@pytest.fixture
def root(tmp_path: Path) -> Path:
    make_project(tmp_path, 40)
    new(tmp_path, KEY, "baseline", 20, 3)
    return tmp_path


def record(root: Path) -> tuple[Vote, ...]:
    files, said = files_of(root, KEY), ("a", "tie", "b")
    words: tuple[Said, ...] = ("a", "tie", "b")
    votes = tuple(
        Vote(
            item=pair.item,
            rater="Ann",
            at=datetime.now(UTC),
            marks=marks(words[n % 3], safety="tie", style=words[n % 2]),
        )
        for n, pair in enumerate(read_pairs(files))
    )
    assert said == words
    with Journal(files.votes, Vote, next_step=VOTES) as journal:
        journal.append(*votes)
    return votes


def answered(root: Path, results: list[dict[str, Any]], **more: Any) -> Path:
    """An export of Label Studio in which the first task got these results."""
    export(root, KEY, root / "out.json")
    tasks = json.loads((root / "out.json").read_text())
    tasks[0]["annotations"] = [{"id": 1, "result": results, "completed_by": 4, **more}]
    (root / "in.json").write_text(json.dumps(tasks))
    return root / "in.json"


def choice(name: str, value: str) -> dict[str, Any]:
    return {"from_name": name, "to_name": "a", "type": "choices", "value": {"choices": [value]}}


def pairwise(side: str) -> dict[str, Any]:
    return {"from_name": "overall", "to_name": "a", "type": "pairwise", "value": {"selected": side}}


def test_there_and_back_are_the_same_ratings(root: Path) -> None:
    votes = record(root)
    export(root, KEY, root / "out.json")
    files_of(root, KEY).votes.unlink()
    assert import_votes(root, KEY, root / "out.json").startswith(f"{len(votes)} ratings added")
    assert {vote.to_line() for vote in read_votes(files_of(root, KEY))} == {vote.to_line() for vote in votes}
    assert import_votes(root, KEY, root / "out.json").startswith("0 ratings added")


def test_the_tasks_hold_what_raters_see_and_nothing_else(root: Path) -> None:
    export(root, KEY, root / "out.json")
    tasks = json.loads((root / "out.json").read_text())
    assert {name for task in tasks for name in task["data"]} == {"item", "prompt", "a", "b"}
    assert [task["data"]["a"] for task in tasks] == [pair.a for pair in read_pairs(files_of(root, KEY))]
    tree = ET.fromstring(labelling())  # noqa: S314 - our own text
    names = {node.get("name") for node in tree.iter() if node.get("name")}
    assert {"overall", "overall_tie", "a", "b", "prompt", *CRITERIA} == names
    assert next(tree.iter("Pairwise")).get("toName") == "a,b"


def test_a_rating_made_there_is_taken(root: Path) -> None:
    results = [pairwise("right"), *(choice(name, "A") for name in CRITERIA)]
    source = answered(root, results, created_at="2026-11-03T10:00:00Z")
    assert import_votes(root, KEY, source).startswith("1 ratings added")
    (vote,) = read_votes(files_of(root, KEY))
    assert (vote.rater, vote.marks) == ("Label Studio user 4", marks("a").model_copy(update={"overall": "b"}))
    assert vote.at.isoformat() == "2026-11-03T10:00:00+00:00"
    assert import_votes(root, KEY, source, "Ann").startswith("1 ratings added")


def test_all_faults_are_named_and_nothing_is_imported(root: Path) -> None:
    source = answered(root, [pairwise("right"), choice("style", "A")])
    tasks = json.loads(source.read_text())
    tasks[1]["data"]["item"] = "unknown"
    full = [choice(name, "A") for name in CRITERIA]
    tasks[2]["annotations"] = [{"result": [pairwise("left"), choice("overall_tie", "tie"), *full]}]
    source.write_text(json.dumps([*tasks, {"data": {}}]))
    with pytest.raises(DataError) as caught:
        import_votes(root, KEY, source)
    for words in (
        "no answer to correctness, completeness, safety",
        "no pair 'unknown'",
        "a tie and a side at once",
        f"task {len(tasks) + 1}: data.item",
    ):
        assert words in caught.value.message
    assert read_votes(files_of(root, KEY)) == ()


def test_the_commands(root: Path) -> None:
    done = tunegate(root, "human", "export", KEY, "tasks.json")
    assert (done.returncode, (root / "tasks.xml").exists()) == (0, True)
    assert tunegate(root, "human", "import", KEY, "tasks.json").stdout.startswith("0 ratings added")
    assert tunegate(root, "human", "import", KEY, "none.json").returncode == 11
