"""What is written of a rejected row: the row without file and line, whatever else in it looks like them."""

import json
from pathlib import Path

from prepare_run import chat, lines, rejects_of, run_prepare

from tunegate.core.data_settings import Prepare

SOURCE = {"file": "their.jsonl", "line": 7}
TOOL = {"type": "function", "function": {"name": "find", "parameters": {"type": "object", "source": SOURCE}}}


def test_a_row_comes_back_without_our_source_but_with_its_own(tmp_path: Path) -> None:
    said = f'"source":{json.dumps(SOURCE)}, "line":3}} é'
    plain, tools = chat("one", said, id="plain"), chat("two", "no", id="tools", tools=[TOOL])
    others = [chat(f"question {number}", f"answer {number}") for number in range(6)]
    lines(tmp_path / "raw/train/a.jsonl", *others, plain, tools, {**plain, "id": "copy"}, {**tools, "id": "copied"})
    lines(tmp_path / "raw/validation/a.jsonl", chat("hold", "out"))
    lines(tmp_path / "raw/test/a.jsonl", chat("keep", "away"))
    lines(tmp_path / "general/train/a.jsonl", chat("any", "thing"))
    (tmp_path / "tasks").mkdir()
    run_prepare(tmp_path, Prepare())
    found = rejects_of(tmp_path)
    assert [(reject["line"], reject["code"]) for reject in found] == [(9, "duplicate"), (10, "duplicate")]
    assert [reject["row"].keys() & {"source", "tools"} for reject in found] == [set(), {"tools"}]
    assert found[0]["row"]["messages"] == plain["messages"]
    assert found[1]["row"]["tools"] == [TOOL]
