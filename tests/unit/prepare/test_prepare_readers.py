"""Files that people really have, read as rows: lines, positions, chunks. The broken ones are in test_prepare_broken."""

import csv
import gzip
import io
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from tunegate.core.errors import DataError
from tunegate.prepare.containers import container_of
from tunegate.prepare.rawrow import CHUNK
from tunegate.prepare.readers import DataFile, RawRow, data_files, read_chunks, read_rows
from tunegate.prepare.streams import lines

ROW = {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}
ROWS = [{"text": f"question {n}", "label": f"intent {n % 7}"} for n in range(5000)]


def file(tmp_path: Path, name: str, content: bytes) -> DataFile:
    (tmp_path / name).write_bytes(content)
    return DataFile(tmp_path / name, f"train/{name}", container_of(name))


def rows(tmp_path: Path, name: str, content: bytes) -> list[RawRow]:
    return list(read_rows(file(tmp_path, name, content)))


def as_csv(delimiter: str) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerows([("text", "label"), *((row["text"], row["label"]) for row in ROWS)])
    return text.getvalue().encode()


def as_parquet() -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(ROWS), out, row_group_size=1700)
    return out.getvalue()


KINDS: dict[str, Callable[[], bytes]] = {
    "jsonl": lambda: b"\n".join(json.dumps(row).encode() for row in ROWS),
    "ndjson": lambda: b"\r\n".join(json.dumps(row).encode() for row in ROWS),
    "json": lambda: json.dumps(ROWS, indent=1).encode(),
    "csv": lambda: as_csv(","),
    "tsv": lambda: as_csv("\t"),
    "parquet": as_parquet,
}
PACKINGS: dict[str, Callable[[bytes], bytes]] = {"": bytes, ".gz": gzip.compress, ".zst": zstd.compress}


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_container_gives_the_same_rows_in_chunks_that_travel(tmp_path: Path, kind: str, packing: str) -> None:
    data = file(tmp_path, f"a.{kind}{packing}", PACKINGS[packing](KINDS[kind]()))
    chunks = list(read_chunks(data, size=640))
    assert all(len(chunk.rows()) <= 640 for chunk in chunks)
    sent = [pickle.loads(pickle.dumps(chunk)) for chunk in chunks]  # noqa: S301 - our own bytes
    found = [row for chunk in sent for row in chunk.rows()]
    assert [row.content for row in found] == ROWS
    assert {(row.file, row.code) for row in found} == {(data.name, "")}
    first = 2 if kind in ("csv", "tsv") else 1
    assert [row.line for row in found] == list(range(first, first + len(ROWS)))


def test_a_chunk_ends_by_its_bytes_too(tmp_path: Path) -> None:
    big = json.dumps({"text": "word " * 200_000, "label": "b"}).encode()
    chunks = list(read_chunks(file(tmp_path, "a.jsonl", b"\n".join([big] * 12))))
    assert [len(chunk.rows()) for chunk in chunks] == [5, 5, 2]
    assert len(big) * 4 < CHUNK < len(big) * 5


def test_the_lines_of_a_json_lines_file_are_physical(tmp_path: Path) -> None:
    line = json.dumps(ROW).encode()
    found = rows(tmp_path, "a.jsonl", line + b"\r\n\r\n" + line + b"\rnot json\n\n" + line)
    assert [(row.line, row.code) for row in found] == [(1, ""), (3, ""), (4, "json_invalid"), (6, "")]


def test_table_rows_know_the_line_they_start_at(tmp_path: Path) -> None:
    found = rows(tmp_path, "a.csv", b'text,label\r\n"two\nlines",x\r\n\r\nshort\r\nlast,"say ""y"""\r\n')
    assert [(row.line, row.code) for row in found] == [(2, ""), (5, "ragged"), (6, "")]
    assert found[0].content == {"text": "two\nlines", "label": "x"}
    assert found[2].content == {"text": "last", "label": 'say "y"'}


def test_a_rejected_row_is_kept_as_it_stood(tmp_path: Path) -> None:
    broken, latin = rows(tmp_path, "a.jsonl", b'{"a": 1, "a": 2}\n{"a": "f\xfcr"}')
    assert (broken.content, broken.reason) == (
        '{"a": 1, "a": 2}',
        "not valid JSON: the key 'a' stands twice in one object",
    )
    assert (latin.content, latin.code) == ('{"a": "f\ufffdr"}', "encoding")
    (ragged,) = rows(tmp_path, "a.csv", b"text,label\nyes, please,b\n")
    assert (ragged.content, ragged.reason) == (["yes", " please", "b"], "found 3 columns, expected 2: text, label")


def test_the_place_of_a_fault_in_an_array_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"expected , or \] after element 2 at byte 11$"):
        rows(tmp_path, "a.json", b"[{}, {}   {}]")


def test_nested_parquet_comes_back_without_the_keys_that_arrow_adds(tmp_path: Path) -> None:
    import datetime as dt
    from decimal import Decimal

    call = {"id": "1", "function": {"name": "f", "arguments": {"x": 1}}}
    given: list[dict[str, Any]] = [
        {"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "tool_calls": [call]}], "at": None},
        {"messages": [{"role": "tool", "content": "r", "tool_call_id": "1"}], "at": dt.datetime(2026, 1, 2)},  # noqa: DTZ001
    ]
    table = pa.Table.from_pylist(given).append_column("price", pa.array([Decimal("1.50"), None]))
    table = table.append_column("pairs", pa.array([[("k", "v")], None], pa.map_(pa.string(), pa.string())))
    pq.write_table(table, tmp_path / "a.parquet")
    found = [row.content for row in read_rows(DataFile(tmp_path / "a.parquet", "a", "parquet"))]
    assert found == [
        {**given[0], "price": "1.50", "pairs": [["k", "v"]]},
        {"messages": given[1]["messages"], "at": "2026-01-02T00:00:00", "price": None, "pairs": None},
    ]


def test_files_of_all_kinds_are_found_in_one_order(tmp_path: Path) -> None:
    names = ["b.jsonl", "a/z.csv.gz", "a/b/c.parquet", "a.json.zst", "c.NDJSON", "d.tsv"]
    for name in [*names, "README.md", ".hidden", ".cache/x.bin"]:
        (tmp_path / "train" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "train" / name).touch()
    found = {data.name: data.container for data in data_files(tmp_path, "train")}
    assert list(found) == [
        "train/a/b/c.parquet",
        "train/a/z.csv.gz",
        "train/a.json.zst",
        "train/b.jsonl",
        "train/c.NDJSON",
        "train/d.tsv",
    ]
    assert list(found.values()) == ["parquet", "csv+gz", "json+zst", "jsonl", "jsonl", "tsv"]


CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@given(st.lists(st.tuples(CELL, st.sampled_from("xyz")), max_size=6))
def test_what_a_csv_writer_writes_is_read_back(pairs: list[tuple[str, str]]) -> None:
    import tempfile

    text = io.StringIO(newline="")
    csv.writer(text).writerows([("text", "label"), *pairs])
    with tempfile.TemporaryDirectory() as folder:
        found = rows(Path(folder), "a.csv", text.getvalue().encode())
    assert [(row.content["text"], row.content["label"]) for row in found] == pairs


@given(st.lists(st.sampled_from([b"\r", b"\n", b"ab", b"\r\n", b""]), max_size=12).map(b"".join), st.integers(1, 5))
def test_lines_are_the_same_however_the_blocks_are_cut(content: bytes, size: int) -> None:
    blocks = [content[at : at + size] for at in range(0, len(content), size)]
    assert list(lines(blocks)) == content.splitlines(keepends=True)
