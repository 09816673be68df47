"""Packed files and Parquet that are broken. They are made when the tests run, since nobody could read them."""

import gzip
import io
from collections.abc import Callable
from typing import Any

from broken.case import GOOD, PAIR, Broken

ROWS = b"".join(GOOD.replace(b"a question", f"question {n} {n * 7919 % 1000}".encode()) + b"\n" for n in range(200))
GZ = gzip.compress(ROWS, mtime=0)


def _zst(content: bytes) -> bytes:
    from backports import zstd

    return zstd.compress(content, options={zstd.CompressionParameter.checksum_flag: 1})


def _bomb_gz() -> bytes:
    """20 MB of newlines."""
    return gzip.compress(GOOD + b"\n" * (20 << 20) + GOOD, mtime=0)


def _row_bomb() -> bytes:
    """One row of 100 MB."""
    return gzip.compress(GOOD + b'\n{"a": "' + b"x" * (100 << 20) + b'"}\n' + GOOD, mtime=0)


def _flipped(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :]


PACKED = (
    Broken("gzip", "a.jsonl.gz", GZ, ("",) * 200),
    Broken("two gzip members", "a.jsonl.gz", GZ + GZ, ("",) * 400),
    Broken("a byte order mark in gzip", "a.jsonl.gz", gzip.compress(b"\xef\xbb\xbf" + GOOD), ("",)),
    Broken("gzip without its last bytes", "a.jsonl.gz", GZ[:-4], ("",) * 200, "cut off: the gz data has no end"),
    Broken(
        "gzip with a wrong checksum", "a.jsonl.gz", GZ[:-8] + b"\0\0\0\0" + GZ[-4:], ("",) * 200, "damaged or not gzip"
    ),
    Broken("gzip with something after it", "a.jsonl.gz", GZ + b"hello", ("",) * 200, "damaged or not gzip"),
    Broken("gzip cut in its header", "a.jsonl.gz", GZ[:5], error="cut off: the gz data has no end"),
    Broken("plain text called .gz", "a.jsonl.gz", ROWS, error="damaged or not gzip"),
    Broken("an empty .gz", "a.jsonl.gz", b"", error="an empty file is not gz"),
    Broken("zstd called .gz", "a.jsonl.gz", lambda: _zst(ROWS), error="damaged or not gzip"),
    Broken("gzip in gzip", "a.jsonl.gz", gzip.compress(GZ), error="is packed with gzip"),
    Broken("UTF-16 in gzip", "a.jsonl.gz", gzip.compress(GOOD.decode().encode("utf-16")), error="looks like UTF-16"),
    Broken("20 MB of newlines in gzip", "a.jsonl.gz", _bomb_gz, ("", "")),
    Broken("a row of 100 MB in gzip", "a.jsonl.gz", _row_bomb, ("", "overlong", "")),
    Broken("zstd", "a.jsonl.zst", lambda: _zst(ROWS), ("",) * 200),
    Broken("two zstd frames", "a.jsonl.zst", lambda: _zst(ROWS) + _zst(ROWS), ("",) * 400),
    Broken(
        "zstd without its last bytes",
        "a.jsonl.zst",
        lambda: _zst(ROWS)[:-3],
        ("",) * 200,
        "cut off: the zst data has no end",
    ),
    Broken(
        "zstd with a flipped byte",
        "a.jsonl.zst",
        lambda: _flipped(_zst(ROWS), 300),
        error="damaged or not zstd|cut off",
    ),
    Broken("plain text called .zst", "a.jsonl.zst", ROWS, error="damaged or not zstd"),
    Broken("an empty .zst", "a.jsonl.zst", b"", error="an empty file is not zst"),
    Broken("a packed table that is ragged", "a.csv.gz", gzip.compress(b"text,label\na\nb,c\n"), ("ragged", "")),
    Broken("a packed array without its end", "a.json.zst", lambda: _zst(b"[" + GOOD), ("",), "the array has no end"),
)


def _parquet(rows: list[Any], **columns: Any) -> Callable[[], bytes]:
    def make() -> bytes:
        import pyarrow as pa
        import pyarrow.parquet as pq

        table = pa.table(columns) if columns else pa.Table.from_pylist(rows)
        out = io.BytesIO()
        pq.write_table(table, out)
        return out.getvalue()

    return make


def _typed(column: str, kind: str, values: list[Any]) -> Callable[[], bytes]:
    """A table of `text` and one column of a type by its name."""

    def make() -> bytes:
        import pyarrow as pa

        types = {
            "float": pa.float64(),
            "binary": pa.binary(),
            "int": pa.int64(),
            "date": pa.date32(),
            "null": pa.null(),
        }
        return _parquet([], text=["a"] * len(values), **{column: pa.array(values, types[kind])})()

    return make


def _not_utf8() -> bytes:
    """A column that says it is text and is not."""
    import pyarrow as pa

    bad = pa.Array.from_buffers(pa.string(), 2, pa.array([b"a", b"\xff"], pa.binary()).buffers())
    return _parquet([], text=bad, label=["b", "c"])()


def _two_columns() -> bytes:
    import pyarrow as pa

    out = io.BytesIO()
    import pyarrow.parquet as pq

    pq.write_table(pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"])], names=["text", "text"]), out)
    return out.getvalue()


TOOLS = [PAIR, {"messages": [{"role": "user", "content": "q", "name": None},
                             {"role": "assistant", "content": None, "tool_calls": [
                                 {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]},
                             {"role": "tool", "content": "r", "tool_call_id": "1"},
                             {"role": "assistant", "content": "done"}]}]  # fmt: skip
SOUND = _parquet([PAIR] * 3)
PARQUET = (
    Broken("Parquet", "a.parquet", SOUND, ("", "", "")),
    Broken("keys that Arrow adds", "a.parquet", _parquet(TOOLS), ("", "")),
    Broken("Parquet without its end", "a.parquet", lambda: SOUND()[:-20], error="not a readable Parquet file"),
    Broken(
        "Parquet without its middle", "a.parquet", lambda: SOUND()[:40] + SOUND()[-300:], error="not a readable Parquet"
    ),
    Broken(
        "Parquet with a damaged page", "a.parquet", lambda: _flipped(SOUND(), 42), error="not a readable Parquet file"
    ),
    Broken("text called .parquet", "a.parquet", GOOD, error="not a readable Parquet file"),
    Broken("an empty .parquet", "a.parquet", b"", error="not a readable Parquet file"),
    Broken("Parquet in gzip", "a.parquet.gz", lambda: gzip.compress(SOUND()), ("", "", "")),
    Broken("Parquet in a cut gzip", "a.parquet.gz", lambda: gzip.compress(SOUND())[:-9], error="cut off"),
    Broken("Parquet in zstd", "a.parquet.zst", lambda: _zst(SOUND()), ("", "", "")),
    Broken("a column of numbers for turns", "a.parquet", _parquet([], messages=[1, 2]), ("missing_messages_list",) * 2),
    Broken("turns as JSON text", "a.parquet", _parquet([], messages=["[]", "x"]), ("missing_messages_list",) * 2),
    Broken("a column of nulls", "a.parquet", _typed("label", "null", [None]), ("example_missing_assistant_message",)),
    Broken(
        "NaN in a column of labels",
        "a.parquet",
        _typed("label", "float", [float("nan"), 1.5]),
        ("example_missing_assistant_message", "missing_content"),
    ),
    Broken("infinity in a column", "a.parquet", _typed("label", "float", [float("inf")]), ("json_invalid",)),
    Broken("labels that are numbers", "a.parquet", _typed("label", "int", [0, 76]), ("", "")),
    Broken("labels that are bytes", "a.parquet", _typed("label", "binary", [b"b", b"\xff"]), ("", "encoding")),
    Broken("labels that are days", "a.parquet", _typed("label", "date", [1, 2]), ("", "")),
    Broken("a text that is not UTF-8", "a.parquet", _not_utf8, ("", "encoding")),
    Broken("a NUL in Parquet", "a.parquet", _parquet([], text=["a\0b", "a"], label=["b", "c"]), ("encoding", "")),
    Broken("two columns of one name", "a.parquet", _two_columns, error="two columns are called text"),
    Broken("Parquet without rows", "a.parquet", _parquet([], text=[], label=[]), ()),
)
CASES = (*PACKED, *PARQUET)
