"""Whatever stands in a file: no traceback, no hang, no row lost. Rows or one DataError; a row is parsed or has a code.

`FUZZ=20 pytest ...` tries twenty times as many (docs/decisions/0008-readers.md says what that found).
"""

import gzip
import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from backports import zstd
from hypothesis import given, settings
from hypothesis import strategies as st

from tunegate.core.data_settings import Columns, Prepare
from tunegate.core.errors import DataError
from tunegate.core.files import dump_json
from tunegate.prepare.codes import CODES
from tunegate.prepare.containers import container_of
from tunegate.prepare.formats import FORMS, BadRow, parse
from tunegate.prepare.json_array import elements
from tunegate.prepare.readers import DataFile, RawRow, read_chunks
from tunegate.prepare.validate import Rules
from tunegate.records.example import Message

TIMES = int(os.environ.get("FUZZ", "1"))
PIECES = rb"""{ } [ ] " \ , : 1 a null \ud800 "text" {"text":"a","label":"b"} "a""b" text,label a,b""".split()
PIECES += [
    b"\n",
    b"\r",
    b" ",
    b"\t",
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b"text,label\n",
    b"text\tlabel\n",
    b"a,b\n",
    b"a\tb\n",
]
BYTES = st.binary(max_size=60) | st.lists(st.sampled_from(PIECES), max_size=30).map(b"".join)
TEXT_KINDS = ["a.jsonl", "a.json", "a.csv", "a.tsv"]
PACKINGS: dict[str, Callable[[bytes], bytes]] = {".gz": gzip.compress, ".zst": zstd.compress}

ROLES = ["user", "assistant", "human", "gpt", "system", "tool", "function_call", "function"]
TEXTS = [
    "f",
    "{}",
    "[]",
    "",
    " ",
    "true",
    "\n\nHuman: q\n\nAssistant: a",
    '{"name": "f", "arguments": "{}"}',
    "<|im_end|>",
]
WORDS = st.sampled_from([*ROLES, *TEXTS])
KEYS = st.sampled_from(
    [
        "messages",
        "conversations",
        "role",
        "content",
        "from",
        "value",
        "tool_calls",
        "function",
        "name",
        "arguments",
        "tool_call_id",
        "id",
        "type",
        "instruction",
        "input",
        "output",
        "history",
        "prompt",
        "completion",
        "chosen",
        "rejected",
        "label",
        "text",
        "category",
        "question",
        "answer",
        "tools",
        "system",
        "metadata",
        "family",
        "weight",
        "function_call",
    ]
)
PLAIN = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5)
)
JSON = st.recursive(
    PLAIN | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=20,
)
TURN = st.fixed_dictionaries(
    {"role": WORDS, "content": WORDS | JSON}, optional={"tool_calls": JSON, "name": JSON, "tool_call_id": WORDS}
)
TURNS = st.lists(TURN, max_size=5)
ROW = JSON | st.fixed_dictionaries(
    {}, optional={"messages": TURNS, "prompt": WORDS | TURNS, "completion": WORDS | TURNS, "chosen": WORDS | TURNS,
                  "rejected": WORDS | TURNS, "label": JSON, "tools": JSON, "system": JSON})  # fmt: skip
COLUMNS = st.sampled_from([None, Columns(prompt="text", answer="label", family="id"),
                           Columns(prompt="prompt", chosen="chosen", rejected="rejected"),
                           Columns(prompt="prompt", answer="completion", label="label")])  # fmt: skip


def read(name: str, content: bytes, size: int = 2000) -> tuple[list[RawRow], str]:
    """The rows of a file, and the message of its error."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        found: list[RawRow] = []
        try:
            for chunk in read_chunks(DataFile(path, "a", container_of(name)), size):
                found.extend(chunk.rows())
        except DataError as fault:
            return found, fault.message.replace(folder, "") if fault.next_step else "no next step"
    return found, ""


def check(rows: list[RawRow]) -> None:
    """Each row can be written, and has a code that is known, or can be parsed and judged without a traceback."""
    rules = Rules(Prepare(), None, None)
    for row in rows:
        dump_json(row._asdict()).encode("utf-8")
        if row.code:
            assert row.code in CODES
            assert row.reason
        else:
            judge(row.content, None, rules)


def judge(content: Any, columns: Columns | None, rules: Rules, form: Any = None) -> str:
    """The code of a content."""
    try:
        parsed = parse(content, columns, form)
    except BadRow as bad:
        return bad.code if bad.reason else "no reason"
    for turn in [*parsed.prompt, *(turn for side in parsed.answers for turn in side)]:
        assert Message.model_validate(turn).plain() == {**turn}
    assert parsed.prompt
    assert all(parsed.answers)
    found = rules.fault(parsed)
    return found.code if found else ""


@pytest.mark.parametrize("name", TEXT_KINDS)
@given(content=BYTES)
@settings(max_examples=200 * TIMES, deadline=None)
def test_any_bytes_give_rows_or_one_error(name: str, content: bytes) -> None:
    rows, error = read(name, content)
    check(rows)
    assert read(name, content, size=1) == (rows, error)
    assert error != "no next step"
    if name == "a.jsonl" and not error:
        lines = content.removeprefix(b"\xef\xbb\xbf").splitlines()
        assert [row.line for row in rows] == [number for number, line in enumerate(lines, 1) if line.strip()]


@given(rows=st.lists(JSON, max_size=6), indent=st.sampled_from([None, 0, 2]), blocks=st.integers(1, 9))
@settings(max_examples=200 * TIMES, deadline=None)
def test_every_element_of_an_array_is_a_row_however_it_is_cut(rows: list[Any], indent: int | None, blocks: int) -> None:
    raw = json.dumps(rows, indent=indent, ensure_ascii=False).encode("utf-8", "surrogatepass")
    parts = iter([raw[at : at + blocks] for at in range(0, len(raw), blocks)])
    found = list(elements(Path("a.json"), parts))
    assert [number for number, _ in found] == list(range(1, len(rows) + 1))
    assert [json.loads(part.decode("utf-8", "surrogatepass")) for _, part in found] == rows


@given(content=BYTES, blocks=st.integers(1, 9))
@settings(max_examples=300 * TIMES, deadline=None)
def test_an_array_is_cut_the_same_in_small_and_large_blocks(content: bytes, blocks: int) -> None:
    def cut(size: int) -> tuple[list[tuple[int, bytes]], str]:
        found: list[tuple[int, bytes]] = []
        try:
            found.extend(elements(Path("a"), iter([raw[at : at + size] for at in range(0, len(raw), size)])))
        except DataError as fault:
            return found, fault.message
        return found, ""

    raw = b"[" + content
    assert cut(blocks) == cut(1000)


@pytest.mark.parametrize("packing", PACKINGS)
@given(rows=st.lists(st.text(max_size=20), max_size=30), cut=st.floats(0, 1))
@settings(max_examples=100 * TIMES, deadline=None)
def test_what_stands_before_a_cut_is_read_and_the_cut_is_said(packing: str, rows: list[str], cut: float) -> None:
    raw = b"\n".join(json.dumps({"text": row, "label": "x"}).encode() for row in rows)
    packed = PACKINGS[packing](raw)
    whole, _ = read("a.jsonl", raw)
    found, error = read(f"a.jsonl{packing}", packed[: int(cut * len(packed))])
    assert (error == "") == (int(cut * len(packed)) == len(packed))
    assert found[:-1] == whole[: max(0, len(found) - 1)]  # the last may be half a row


@pytest.mark.parametrize("packing", PACKINGS)
@given(content=BYTES, at=st.integers(0, 200), bit=st.integers(0, 7))
@settings(max_examples=100 * TIMES, deadline=None)
def test_a_flipped_bit_in_a_packed_file_is_no_traceback(packing: str, content: bytes, at: int, bit: int) -> None:
    packed = bytearray(PACKINGS[packing](content))
    packed[at % len(packed)] ^= 1 << bit
    check(read(f"a.jsonl{packing}", bytes(packed))[0])


@given(rows=st.lists(st.dictionaries(KEYS, st.text(max_size=5) | st.integers(-9, 9), max_size=4), max_size=5))
@settings(max_examples=100 * TIMES, deadline=None)
def test_any_table_in_parquet_gives_its_rows(rows: list[dict[str, Any]]) -> None:
    keys = sorted({key for row in rows for key in row})
    table = pa.table({key: [str(row.get(key, "")) for row in rows] for key in keys})
    out = io.BytesIO()
    pq.write_table(table, out)
    found, error = read("a.parquet", out.getvalue())
    check(found)
    assert (len(found), error) == (table.num_rows, "")


@given(at=st.integers(0, 10_000), bit=st.integers(0, 7), cut=st.integers(0, 3000))
@settings(max_examples=150 * TIMES, deadline=None)
def test_damaged_parquet_is_no_traceback(at: int, bit: int, cut: int) -> None:
    raw = bytearray(PARQUET)
    raw[at % len(raw)] ^= 1 << bit
    rows, error = read("a.parquet", bytes(raw[: len(raw) - cut]))
    check(rows)
    assert error or len(rows) == 40


def _parquet() -> bytes:
    turns = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([{"messages": turns, "id": str(n)} for n in range(40)]), out)
    return out.getvalue()


PARQUET = _parquet()


@given(content=ROW, columns=COLUMNS, form=st.sampled_from([None, *FORMS]))
@settings(max_examples=400 * TIMES, deadline=None)
def test_whatever_a_row_holds_it_is_understood_or_refused_in_words(content: Any, columns: Any, form: Any) -> None:
    rules = Rules(Prepare(labels=("a",), max_tokens=5), None, None)
    code = judge(content, columns, rules, form)
    assert not code or code in CODES
    if isinstance(content, dict):
        again = json.loads(json.dumps(content))
        assert judge(again, columns, rules, form) == code
