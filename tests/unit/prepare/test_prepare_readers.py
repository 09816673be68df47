"""Files that people really have: each gives rows, rows with a code, or one clear error. Never a traceback."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunegate.core.errors import DataError
from tunegate.core.settings import Columns
from tunegate.prepare.formats import parse
from tunegate.prepare.readers import RawRow, data_files, read_rows

ROW = {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}
LINE = json.dumps(ROW)
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(["messages", "conversations", "instruction", "input", "output", "text", "label", "id",
                         "metadata", "family", "role", "content", "from", "value"]), inner, max_size=6),
    max_leaves=12,
)  # fmt: skip


def rows(tmp_path: Path, name: str, content: bytes) -> list[RawRow]:
    (tmp_path / name).write_bytes(content)
    return list(read_rows(tmp_path / name, name))


@pytest.mark.parametrize(
    ("content", "codes"),
    [
        (LINE.encode(), [""]),
        (f"\ufeff{LINE}\r\n\r\n{LINE}\r\n".encode(), ["", ""]),
        (b'{"a": "\xff"}\n' + LINE.encode(), ["encoding", ""]),
        (LINE.encode("utf-16"), ["encoding"]),
        (b'{"a": "\\ud800"}', ["encoding"]),
        (b'{"a": "\\ud83d\\ude00"}', [""]),
        (b'{"a": "\x00"}', ["json_invalid"]),
        (b'{"a": NaN}', ["json_invalid"]),
        (b'{"a": 1, "a": 2}', ["json_invalid"]),
        (b"[" * 100_000, ["json_invalid"]),
        (b'{"a": ' + b"9" * 5000 + b"}", ["json_invalid"]),
        (b"not json at all", ["json_invalid"]),
        (b"", []),
    ],
)
def test_a_line_is_a_row_or_a_code(tmp_path: Path, content: bytes, codes: list[str]) -> None:
    assert [row.code for row in rows(tmp_path, "a.jsonl", content)] == codes


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.json", b'{"rows": []}', "expected an array"),
        ("a.json", LINE.encode() + b"\n" + LINE.encode(), "not valid JSON"),
        ("a.json", b"", "not valid JSON"),
        ("a.json", b"[" * 100_000, "not valid JSON"),
        ("a.json", b'["\xff"]', "not UTF-8"),
        ("a.csv", b"text,label\na,\xff\n", "not UTF-8"),
        ("a.csv", b"text,text\na,b\n", "name each column once"),
        ("a.csv", b"text,\na,b\n", "name each column once"),
        ("a.csv", b'text,label\nx,y\n"never closed,b\nc,d\n', r"a\.csv:3: not a readable table"),
        ("a.tsv", b'text\tlabel\n"a"b\tc\n', r"a\.tsv:2: not a readable table"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_clear_error(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    with pytest.raises(DataError, match=said) as caught:
        rows(tmp_path, name, content)
    assert caught.value.next_step


def test_table_rows_know_the_line_they_start_at(tmp_path: Path) -> None:
    found = rows(tmp_path, "a.csv", b'text,label\r\n"two\nlines",x\r\n\r\nshort\r\nlast,"say ""y"""\r\n')
    assert [(row.line, row.code) for row in found] == [(2, ""), (5, "format_unknown"), (6, "")]
    assert found[0].content == {"text": "two\nlines", "label": "x"}
    assert found[2].content == {"text": "last", "label": 'say "y"'}


def test_a_field_of_a_megabyte_is_read(tmp_path: Path) -> None:
    (row,) = rows(tmp_path, "a.tsv", b"text\tlabel\n" + b"x" * 1_000_000 + b"\ty\n")
    assert len(row.content["text"]) == 1_000_000


def test_folders_are_read_whole_and_what_is_not_read_is_said(tmp_path: Path) -> None:
    for name in ("b.jsonl", "inner/a.csv", "README.md", ".hidden"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert [path.name for path in data_files(tmp_path)] == ["b.jsonl", "a.csv"]
    (tmp_path / "c.parquet").touch()
    (tmp_path / "d.jsonl.gz").touch()
    with pytest.raises(DataError, match=r"c\.parquet: not a kind(.|\n)*d\.jsonl\.gz: not a kind"):
        data_files(tmp_path)


@given(content=JSON, columns=st.sampled_from([None, Columns(prompt="text", answer="label", family="id")]))
def test_whatever_a_row_holds_it_is_understood_or_refused_in_words(content: object, columns: Columns | None) -> None:
    turns, reason = [], ""
    try:
        turns = parse(content, columns).turns
    except ValueError as fault:
        reason = str(fault)
    assert reason or {role for role, _ in turns} <= {"system", "user", "assistant"}


@given(st.lists(st.tuples(st.text(st.characters(exclude_categories=["Cs"])), st.sampled_from("xyz")), max_size=6))
def test_what_a_csv_writer_writes_is_read_back(pairs: list[tuple[str, str]]) -> None:
    import csv
    import io
    import tempfile

    text = io.StringIO(newline="")
    csv.writer(text).writerows([("text", "label"), *pairs])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_bytes(text.getvalue().encode())
        found = [(row.content["text"], row.content["label"]) for row in read_rows(path, "a.csv")]
    assert found == pairs


def test_columns_that_params_names_come_first() -> None:
    row = {"instruction": "i", "output": "o", "said": "s", "meant": "m", "cluster": 7, "id": "row-1"}
    found = parse(row, Columns(prompt="said", answer="meant", family="cluster"))
    assert (found.form, found.turns) == ("columns", [("user", "s"), ("assistant", "m")])
    assert (found.id, found.family) == ("row-1", "7")
    assert parse(row, None).form == "alpaca"
    assert parse({"text": "t", "label": "l"}, None).form == "columns"


@pytest.mark.parametrize("where", [{"family": "f"}, {"metadata": {"family": "f"}}, {"metadata": 3, "family": "f"}])
def test_the_family_is_found_where_people_put_it(where: dict[str, object]) -> None:
    assert parse({**ROW, **where}, None).family == "f"
