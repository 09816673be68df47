"""A text, an id or what a row says is found in every kind of file; what cannot be read is said, never passed over."""

import csv
import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunegate.trace import reading
from tunegate.trace.query import Query, said_by
from tunegate.trace.scan import Scan, scan

ALICE = 'My name is Alice Müller,\nand the router is "broken" \\ dead.'
ROWS: list[dict[str, Any]] = [{"id": "one", "text": "nothing here"}, {"id": "two", "text": ALICE}]


def find(name: str, content: bytes, query: Query) -> Scan:
    return scan(name, io.BytesIO(content), query)


def text(said: str, *, ignore_case: bool = False) -> Query:
    query = Query(ignore_case=ignore_case)
    return query._replace(texts=(query.plain(said),))


def lines(rows: list[Any], *, ascii_only: bool = False) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=ascii_only) + "\n" for row in rows).encode()


def table(rows: list[dict[str, Any]], delimiter: str) -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, fieldnames=list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue().encode()


def zst(content: bytes) -> bytes:
    from backports import zstd

    return zstd.compress(content)


def parquet(rows: list[dict[str, Any]]) -> bytes:
    import pyarrow as pa
    from pyarrow import parquet as file

    sink = io.BytesIO()
    file.write_table(pa.Table.from_pylist(rows), sink)
    return sink.getvalue()


FILES: dict[str, bytes] = {
    "a.jsonl": lines(ROWS),
    "escaped.jsonl": lines(ROWS, ascii_only=True),
    "bom.jsonl": b"\xef\xbb\xbf" + lines(ROWS),
    "windows.jsonl": lines(ROWS).replace(b"\n", b"\r\n"),
    "latin.jsonl": lines(ROWS).decode().encode("cp1252"),
    "a.ndjson": lines(ROWS),
    "a.json": json.dumps(ROWS).encode(),
    "indented.json": json.dumps(ROWS, indent=2).encode(),
    "a.csv": table(ROWS, ","),
    "a.tsv": table(ROWS, "\t"),
    "a.jsonl.gz": gzip.compress(lines(ROWS)),
    "a.jsonl.zst": zst(lines(ROWS)),
    "a.csv.gz": gzip.compress(table(ROWS, ",")),
    "a.parquet": parquet(ROWS),
}
PLACES = {"a.csv": 3, "a.tsv": 3, "a.csv.gz": 3}  # below the header


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("query", [text("Alice Müller,\nand"), text('"broken" \\ dead'), Query(ids=frozenset({"two"})),
                                   text("ALICE MÜLLER", ignore_case=True), text("Alice Mu\u0308ller")])  # fmt: skip
def test_the_row_is_found_and_only_the_row(name: str, query: Query) -> None:
    found = find(name, FILES[name], query)
    assert found.fault == ""
    assert [hit.number for hit in found.hits] == [PLACES.get(name, 2)]
    assert found.hits[0].ids == ("two",)


@pytest.mark.parametrize("name", FILES)
def test_what_is_not_there_is_not_found(name: str) -> None:
    for query in (text("Bob"), text("alice"), Query(ids=frozenset({"three", "on"}))):
        assert find(name, FILES[name], query).hits == []


def test_a_page_and_a_picture_are_searched_as_text() -> None:
    page = b'<p>ok</p>\n<td>Alice M&uuml;ller &amp; Bob</td><script>["Alice M\\u00fcller"]</script>'
    assert [hit.number for hit in find("report.html", page, text("Alice Müller & Bob")).hits] == [2]
    assert find("a.png", b"\x89PNG\r\n\x1a\n\x00\xff Alice\x00", text("Alice")).hits != []
    assert find("wide.txt", "one\nAlice Müller\n".encode("utf-16"), text("Alice Müller")).hits[0].number == 2


def test_a_row_that_was_kept_broken_is_searched_too() -> None:
    broken = json.dumps({"messages": [{"role": "user", "content": 'Alice "Müller"'}]})[:-3]
    reject = {"code": "json_invalid", "file": "train/a.jsonl", "line": 7, "reason": "cut", "row": broken}
    found = find("rejects.jsonl", lines([reject], ascii_only=True), text('Alice "Müller"'))
    assert [(hit.number, hit.source) for hit in found.hits] == [(1, ("train/a.jsonl", 7))]
    assert find("a.jsonl", broken.encode(), text('Alice "Müller"')).hits != []


def test_what_a_clean_row_says_finds_it_in_every_raw_form() -> None:
    clean = {"id": "x", "messages": [{"role": "system", "content": "Sort."},
                                     {"role": "user", "content": "Sort this.\n\nMy bill is too high, says Bob."},
                                     {"role": "assistant", "content": "billing and payments"}]}  # fmt: skip
    said = Query(said=frozenset({said_by(clean, Query())}))
    alpaca = {"instruction": "Sort this.", "input": "My bill is too high, says Bob.", "output": "billing and payments"}
    other = {**alpaca, "output": "something else entirely"}
    assert [hit.number for hit in find("a.json", json.dumps([other, alpaca]).encode(), said).hits] == [2]
    assert [hit.number for hit in find("a.csv", table([other, alpaca], ","), said).hits] == [3]


def test_short_rows_are_compared_as_whole_lines() -> None:
    clean = {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yes"}]}
    said = Query(said=frozenset({said_by(clean, Query())}))
    rows = [{"q": "Hi", "a": "Yes"}, {"q": "This is it", "a": "Yesterday"}]
    assert [hit.number for hit in find("a.jsonl", lines(rows), said).hits] == [1]


def test_synthetic_rows_are_told_with_their_seeds() -> None:
    rows = [{"id": "s1", "origin": {"seeds": ["two", "x"]}}, {"id": "s2", "origin": {"seeds": ["y"]}}, {"id": "s3"}]
    found = find("train.jsonl", lines(rows), text("nobody"))
    assert [(row.number, row.id, row.seeds) for row in found.synthetic] == [(1, "s1", ("two", "x")), (2, "s2", ("y",))]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl.gz", gzip.compress(lines(ROWS))[:-12]),
        ("a.jsonl.gz", lines(ROWS)),
        ("a.jsonl.zst", zst(lines(ROWS))[:-6]),
        ("a.jsonl.zst", lines(ROWS)),
        ("a.parquet", parquet(ROWS)[:-9]),
        ("a.parquet", b"PAR1"),
    ],
)
def test_what_cannot_be_read_to_its_end_is_a_fault_and_not_nothing(name: str, content: bytes) -> None:
    assert "damaged" in find(name, content, text("Alice")).fault


def test_a_field_larger_than_memory_allows_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LONGEST", 1000)
    assert "damaged" in find("a.csv", b'q\n"' + b"x" * 5000 + b'"\n', text("Alice")).fault


@pytest.mark.parametrize("name", ["long.jsonl", "long.json", "long.txt"])
def test_a_line_larger_than_a_piece_is_searched_across_its_pieces(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LONGEST", 1000)
    monkeypatch.setattr(reading, "OVERLAP", 100)
    for before in range(950, 1010):
        row = json.dumps([{"text": "y" * before + "Alice Müller" + "z" * 3000}])
        assert find(name, row.encode() + b"\nnext\n", text("Alice Müller")).hits, before


WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)
NEEDLES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"), min_size=1, max_size=12)


@given(before=WORDS, needle=NEEDLES, after=WORDS, ascii_only=st.booleans(), ignore_case=st.booleans())
def test_any_text_is_found_however_it_is_written(
    before: str,
    needle: str,
    after: str,
    ascii_only: bool,  # noqa: FBT001 - drawn
    ignore_case: bool,  # noqa: FBT001 - drawn
) -> None:
    query = Query(ignore_case=ignore_case)
    said = before + needle + after
    if query.plain(needle) not in query.plain(said):  # a mark that joins with what stands beside it
        return
    query = query._replace(texts=(query.plain(needle),))
    row = {"text": said}
    assert find("a.jsonl", lines([row], ascii_only=ascii_only), query).hits
    assert find("a.json", json.dumps([row], indent=1, ensure_ascii=ascii_only).encode(), query).hits
    assert find("a.csv", table([row], ","), query).hits


@given(
    st.lists(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=5),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
        )
    )
)
def test_no_json_breaks_the_search(rows: list[Any]) -> None:
    content = "".join(json.dumps(row) + "\n" for row in rows).encode()
    found = find("a.jsonl", content, Query(ids=frozenset({"i"}), texts=("q",)))
    assert found.fault == ""


@given(st.binary(max_size=200), st.sampled_from(["a.jsonl", "a.json", "a.csv", "a.txt", "a.jsonl.gz", "a.parquet"]))
def test_no_bytes_break_the_search(content: bytes, name: str) -> None:
    assert isinstance(find(name, content, text("Alice")).fault, str)


def test_files_are_not_held_in_memory(tmp_path: Path) -> None:
    import tracemalloc

    path = tmp_path / "big.jsonl"
    path.write_bytes(lines([{"id": str(at), "text": "x" * 1000} for at in range(20_000)]))
    tracemalloc.start()
    with path.open("rb") as stream:
        assert [hit.number for hit in scan("big.jsonl", stream, Query(ids=frozenset({"19999"}))).hits] == [20_000]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000  # of 20 MB
