"""Broken and odd files and rows, with what `prepare` says of each: a code for a row, or one clear error for the file.

Each case is one file in `train/`. A `Case` has the file's name, its bytes, and either the codes of its rows in order
("" for a row that is kept) or words of the error that names the file.
"""

import gzip
import io
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from backports import zstd


class Case(NamedTuple):
    """One broken input."""

    what: str
    file: str
    content: bytes
    codes: list[str] | None = None
    error: str = ""


U, A = {"role": "user", "content": "hello"}, {"role": "assistant", "content": "hi"}
CHAT = {"messages": [U, A]}
LINE = json.dumps(CHAT).encode()


def row(what: str, content: Any, code: str) -> Case:
    """A JSONL file with one row that is rejected under `code`."""
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    return Case(what, "a.jsonl", text + b"\n", [code])


def turn(**more: Any) -> dict[str, Any]:
    """A turn of the user with something else in it."""
    return {"role": "user", "content": "hello", **more}


def chat(*turns: Any, **more: Any) -> dict[str, Any]:
    """A chat row."""
    return {"messages": list(turns), **more}


def lines() -> Iterator[Case]:
    """Lines that are no JSON, or not strictly."""
    yield row("not JSON", b"hello", "json_invalid")
    yield row("cut off", LINE[:-5], "json_invalid")
    yield row("two objects on a line", LINE + b" " + LINE, "json_invalid")
    yield row("single quotes", b"{'messages': []}", "json_invalid")
    yield row("trailing comma", b'{"messages": [],}', "json_invalid")
    yield row("a comment", b'{"messages": []} // none', "json_invalid")
    yield row("NaN", b'{"messages": NaN}', "json_invalid")
    yield row("infinity", b'{"messages": -Infinity}', "json_invalid")
    yield row("a number too large", b'{"messages": 1e999}', "json_invalid")
    yield row("an integer of 5000 digits", b'{"messages": ' + b"9" * 5000 + b"}", "json_invalid")
    yield row("a key twice", b'{"messages": [], "messages": []}', "json_invalid")
    yield row("a key twice inside", b'{"messages": [{"role": "user", "role": "user"}]}', "json_invalid")
    yield row("a raw NUL", b'{"messages": "\x00"}', "json_invalid")
    yield row("a raw tab in a text", b'{"messages": "\t"}', "json_invalid")
    yield row("100,000 brackets", b"[" * 100_000, "json_invalid")
    yield row("nested 150 deep", b'{"a": ' * 150 + b"1" + b"}" * 150, "json_invalid")
    yield row("bytes that are no UTF-8", b'{"messages": "\xff"}', "encoding")
    yield row("Latin-1", '{"messages": "\u00fc"}'.encode("latin-1"), "encoding")
    yield row("overlong UTF-8", b'{"messages": "\xc0\xaf"}', "encoding")
    yield row("half a surrogate pair", b'{"messages": "\\ud800"}', "encoding")
    yield row("the other half", b'{"messages": "\\udc00 x"}', "encoding")
    yield row("half a surrogate pair in a key", b'{"\\ud800": 1}', "encoding")
    yield row("an escaped NUL", b'{"messages": "\\u0000"}', "encoding")
    yield row("an empty object", {}, "format_unknown")


def shapes() -> Iterator[Case]:
    """JSON that is no row of any format."""
    for what, content in (("a list", [1]), ("a text", "hello"), ("a number", 7), ("null", None), ("true", True)):
        yield row(what, content, "data_type")
    yield row("keys of no format", {"title": "x", "body": "y"}, "format_unknown")
    yield row("only a text", {"text": "x"}, "format_unknown")
    yield row("only an instruction", {"instruction": "x"}, "format_unknown")
    yield row("only a prompt", {"prompt": "x"}, "format_unknown")
    yield row("only a chosen side", {"chosen": "x"}, "format_unknown")
    wrong: list[tuple[str, Any]] = [
        ("null", None), ("a text", "hello"), ("a number", 3), ("an object", {}), ("empty", [])]  # fmt: skip
    for name, value in wrong:
        yield row(f"messages: {name}", {"messages": value}, "missing_messages_list")
    yield row("conversations: empty", {"conversations": []}, "missing_messages_list")
    yield row("conversations: a text", {"conversations": "hello"}, "missing_messages_list")


def turns() -> Iterator[Case]:
    """Turns with faults."""
    yield row("a turn without role", chat({"content": "x"}, A), "message_missing_key")
    yield row("a turn without content", chat({"role": "user"}, A), "message_missing_key")
    yield row("a turn with a foreign key", chat(turn(colour="red"), A), "message_unrecognized_key")
    yield row("role: robot", chat({"role": "robot", "content": "x"}, A), "unrecognized_role")
    yield row("role: a number", chat({"role": 1, "content": "x"}, A), "unrecognized_role")
    yield row("role: null", chat({"role": None, "content": "x"}, A), "message_missing_key")
    yield row("role: empty", chat({"role": "", "content": "x"}, A), "unrecognized_role")
    yield row("content: a number", chat(turn(content=3), A), "missing_content")
    yield row("content: null", chat(turn(content=None), A), "missing_content")
    yield row("content: an object", chat(turn(content={"text": "x"}), A), "missing_content")
    yield row("content: true", chat(turn(content=True), A), "missing_content")
    martian, number = {"from": "martian", "value": "x"}, {"from": "human", "value": 1}
    yield row("an unknown speaker", {"conversations": [martian, {"from": "gpt", "value": "y"}]}, "unrecognized_role")
    yield row("value: a number", {"conversations": [number, {"from": "gpt", "value": "y"}]}, "missing_content")
    yield row("no value", {"conversations": [{"from": "human"}, {"from": "gpt", "value": "y"}]}, "message_missing_key")


def orders() -> Iterator[Case]:
    """Roles in an order that no template knows, and turns that say nothing."""
    system = {"role": "system", "content": "be kind"}
    yield row("swapped roles", chat(A, U), "role_order")
    yield row("user twice", chat(U, U, A), "role_order")
    yield row("assistant twice", chat(U, A, A), "role_order")
    yield row("system last", chat(U, A, system), "role_order")
    yield row("system twice", chat(system, system, U, A), "role_order")
    yield row("ends with the user", chat(U, A, U), "role_order")
    yield row("only the user", chat(U), "example_missing_assistant_message")
    yield row("only the system", chat(system), "example_missing_assistant_message")
    yield row("a tool that nobody called", chat(U, {"role": "tool", "content": "x"}, A), "role_order")
    for what, text in (("nothing", ""), ("space", "  \n "), ("zero-width space", "\u200b")):
        yield row(f"the question is {what}", chat(turn(content=text), A), "empty_turn")
        yield row(f"the answer is {what}", chat(U, {"role": "assistant", "content": text}), "empty_answer")
    yield row("an empty turn inside", chat(U, A, turn(content=""), A), "empty_turn")
    for token in ("<|im_start|>", "<|im_end|>", "<|eot_id|>", "<|endoftext|>", "<start_of_turn>", "[INST]"):
        yield row(f"{token} in a question", chat(turn(content=f"x {token} y"), A), "special_token_in_content")
    yield row("<|im_end|> in an answer", chat(U, {"role": "assistant", "content": "x<|im_end|>"}),
              "special_token_in_content")  # fmt: skip


def calls() -> Iterator[Case]:
    """Tool calls with faults."""

    def calling(call: Any) -> dict[str, Any]:
        said = {"role": "assistant", "content": "", "tool_calls": call}
        return chat(U, said, {"role": "tool", "content": "4", "tool_call_id": "1"}, A)

    good = {"id": "1", "type": "function", "function": {"name": "add", "arguments": '{"a": 1}'}}
    yield Case("a sound call", "a.jsonl", json.dumps(calling([good])).encode(), [""])
    yield row("a call without function", calling([{"id": "1"}]), "tool_call_invalid")
    yield row("a call without name", calling([{"function": {"arguments": "{}"}}]), "tool_call_invalid")
    yield row(
        "arguments that are no JSON", calling([{"function": {"name": "f", "arguments": "{"}}]), "tool_call_invalid"
    )
    yield row(
        "arguments that are a list", calling([{"function": {"name": "f", "arguments": "[]"}}]), "tool_call_invalid"
    )
    yield row("calls that are a text", calling("add"), "tool_call_invalid")
    yield row("tools that are no JSON", chat(U, A, tools="{"), "tool_call_invalid")
    yield row("tools that are a number", chat(U, A, tools=3), "tool_call_invalid")


def others() -> Iterator[Case]:
    """Rows of the other formats."""
    yield row("alpaca: output missing", {"instruction": "x", "input": ""}, "format_unknown")
    yield row("alpaca: instruction a list", {"instruction": ["x"], "output": "y"}, "missing_content")
    yield row("alpaca: output null", {"instruction": "x", "output": None}, "example_missing_assistant_message")
    yield row("alpaca: output empty", {"instruction": "x", "output": ""}, "empty_answer")
    yield row("completion: a list", {"prompt": "x", "completion": [1]}, "message_missing_key")
    yield row("completion: null", {"prompt": "x", "completion": None}, "example_missing_assistant_message")
    yield row("pair: the same answers", {"prompt": "x", "chosen": "y", "rejected": "y"}, "chosen_equals_rejected")
    yield row("pair: an empty side", {"prompt": "x", "chosen": "y", "rejected": " "}, "empty_answer")
    yield row("pair: a number", {"prompt": "x", "chosen": "y", "rejected": 3}, "missing_content")
    talks = {"chosen": "\n\nHuman: a\n\nAssistant: b", "rejected": "\n\nHuman: c\n\nAssistant: d"}
    yield row("pair: talks that share nothing", talks, "prompt_mismatch")
    yield row("pair: lists that share nothing", {"chosen": [U, A], "rejected": [turn(content="other"), A]},
              "prompt_mismatch")  # fmt: skip
    yield row("pair: one text, one list, among chats", {"prompt": "x", "chosen": "y", "rejected": [A]}, "kind_mismatch")
    yield row("feedback: label maybe", {"prompt": "x", "completion": "y", "label": "maybe"}, "label_invalid")
    yield Case(
        "feedback: a label of null is none", "a.jsonl", b'{"prompt": "x", "completion": "y", "label": null}', [""]
    )
    yield row("columns: label a list", {"text": "x", "label": ["y"]}, "message_missing_key")
    yield row("a pair among chats", {"prompt": "x", "chosen": "y", "rejected": "z"}, "kind_mismatch")


def tables() -> Iterator[Case]:
    """CSV and TSV."""
    yield Case("ragged rows", "a.csv", b"text,label\nshort\nsound,x\none,two,three\n", ["ragged", "", "ragged"])
    yield Case("a break inside quotes", "a.csv", b'text,label\n"two\nlines",x\n', [""])
    yield Case("Windows line ends", "a.csv", b"text,label\r\nfirst,x\r\n\r\nsecond,y\r\n", ["", ""])
    yield Case("a byte order mark", "a.csv", b"\xef\xbb\xbftext,label\nfirst,x\n", [""])
    yield Case("a NUL in a cell", "a.csv", b"text,label\na\x00b,x\n", ["encoding"])
    yield Case("bytes that are no UTF-8", "a.csv", b"text,label\n\xff\xfe,x\nsound,y\n", ["encoding", ""])
    yield Case("an empty cell", "a.csv", b"text,label\n,x\nfirst,\n", ["empty_turn", "empty_answer"])
    yield Case("only a head", "a.csv", b"text,label\n", [])
    yield Case("numbers as labels", "a.tsv", b"text\tlabel\nfirst\t3\n", [""])
    yield Case("columns of no format", "a.csv", b"title,body\nx,y\n", ["format_unknown"])
    yield Case("a quote without end", "a.csv", b'text,label\nfirst,x\n"open,y\nthird,z\n', error="a.csv:3")
    yield Case("a quote inside", "a.csv", b'text,label\n"a"b,x\n', error="a.csv:2")
    yield Case("a column twice", "a.csv", b"text,text\nx,y\n", error="header")
    yield Case("a column without name", "a.csv", b"text,\nx,y\n", error="header")
    yield Case("UTF-16", "a.csv", "text,label\nx,y\n".encode("utf-16"), error="UTF-16")


def files() -> Iterator[Case]:
    """Files as a whole."""
    yield Case("empty", "a.jsonl", b"", [])
    yield Case("blank lines", "a.jsonl", b"\n  \n\r\n", [])
    yield Case("a byte order mark", "a.jsonl", b"\xef\xbb\xbf" + LINE, [""])
    yield Case("mixed line ends", "a.jsonl", LINE + b"\r\n{\n" + b"[1]\r" + b"{}\n", ["", "json_invalid", "data_type",
                                                                                     "format_unknown"])  # fmt: skip
    yield Case("no newline at the end", "a.jsonl", b"{\n" + LINE, ["json_invalid", ""])
    yield Case("UTF-16", "a.jsonl", LINE.decode().encode("utf-16"), error="UTF-16")
    yield Case("a line of 10 MB", "a.jsonl", json.dumps(chat(turn(content="word " * 2_000_000), A)).encode(), [""])
    yield Case("a gzip file named .jsonl", "a.jsonl", gzip.compress(LINE), error="gzip")
    yield Case("array: no array", "a.json", b'{"rows": []}', error="expected an array")
    yield Case("array: a row a line", "a.json", LINE + b"\n" + LINE, error="array")
    yield Case("array: empty file", "a.json", b"", error="a.json")
    yield Case("array: no end", "a.json", b"[" + LINE + b",", error="a.json")
    yield Case("array: a row without end", "a.json", b"[" + LINE[:-3], error="a.json")
    yield Case("array: more after the end", "a.json", b"[" + LINE + b"] x", error="a.json")
    yield Case("array: a broken element", "a.json", b"[{'a': 1}, " + LINE + b"]", ["json_invalid", ""])
    yield Case(
        "array: elements of all kinds", "a.json", b'[1, null, "x", [], {}]', ["data_type"] * 4 + ["format_unknown"]
    )
    yield Case("array: none", "a.json", b"[]", [])
    yield Case("gzip: sound", "a.jsonl.gz", gzip.compress(LINE), [""])
    yield Case("gzip: cut off", "a.jsonl.gz", gzip.compress(LINE * 1)[:-9], error="a.jsonl.gz")
    yield Case("gzip: not gzip", "a.jsonl.gz", LINE, error="a.jsonl.gz")
    yield Case("gzip: empty", "a.jsonl.gz", b"", error="a.jsonl.gz")
    yield Case("zst: sound", "a.csv.zst", zstd.compress(b"text,label\nx,y\n"), [""])
    yield Case("zst: cut off", "a.jsonl.zst", zstd.compress(LINE)[:-4], error="a.jsonl.zst")
    yield Case("zst: not zst", "a.jsonl.zst", LINE, error="a.jsonl.zst")
    yield Case("a file of another kind", "a.xlsx", b"PK\x03\x04", error="not a kind of file that is read")
    yield Case("a file without ending", "data", LINE, error="not a kind of file that is read")
    yield Case("Markdown is no data", "README.md", b"# hello", [])


def parquet_bytes(columns: dict[str, list[Any]]) -> bytes:
    """A Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    stream = io.BytesIO()
    pq.write_table(pa.table(columns), stream)
    return stream.getvalue()


def parquets() -> Iterator[Case]:
    """Parquet."""
    sound = parquet_bytes({"messages": [[U, A]]})
    yield Case("parquet: sound", "a.parquet", sound, [""])
    yield Case(
        "parquet: wrong types", "a.parquet", parquet_bytes({"messages": [1.5, 2.5]}), ["missing_messages_list"] * 2
    )
    yield Case("parquet: nulls", "a.parquet", parquet_bytes({"text": ["x", None], "label": ["y", "z"]}),
               ["", "missing_content"])  # fmt: skip
    yield Case("parquet: no column that fits", "a.parquet", parquet_bytes({"a": [1]}), ["format_unknown"])
    yield Case("parquet: NaN as a label", "a.parquet", parquet_bytes({"text": ["x"], "label": [float("nan")]}),
               ["example_missing_assistant_message"])  # fmt: skip
    yield Case("parquet: cut off", "a.parquet", sound[:-20], error="a.parquet")
    yield Case("parquet: no parquet", "a.parquet", LINE, error="a.parquet")
    yield Case("parquet: empty", "a.parquet", b"", error="a.parquet")


GROUPS = (lines, shapes, turns, orders, calls, others, tables, files, parquets)
CASES = [case for group in GROUPS for case in group()]
