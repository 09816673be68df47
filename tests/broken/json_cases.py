"""JSONL and JSON arrays that are broken as files or as JSON."""

import json

from broken.case import GOOD, PAIR, Broken, line

DEEP = b'{"messages": ' + b"[" * 100_000
LEVELS = b'{"metadata": ' + b"[" * 150 + b"]" * 150 + b"," + GOOD[1:]


def _array(*elements: bytes, end: bytes = b"]") -> bytes:
    return b"[" + b",\n".join(elements) + end


LINES = (
    line("cut in the middle of a row", GOOD[:-9], "json_invalid"),
    line("a word", b"not json at all", "json_invalid"),
    line("a comma after the last key", GOOD[:-1] + b",}", "json_invalid"),
    line("single quotes", GOOD.replace(b'"', b"'"), "json_invalid"),
    line("a comment", GOOD + b" // checked", "json_invalid"),
    line("two rows in a line", GOOD + GOOD, "json_invalid"),
    line("two rows with a comma", GOOD + b"," + GOOD, "json_invalid"),
    line("an unquoted key", GOOD.replace(b'"messages"', b"messages"), "json_invalid"),
    line("NaN", b'{"score": NaN, ' + GOOD[1:], "json_invalid"),
    line("infinity", b'{"score": -Infinity, ' + GOOD[1:], "json_invalid"),
    line("a number over all floats", b'{"score": 1e999, ' + GOOD[1:], "json_invalid"),
    line("a number of 5,000 digits", b'{"score": ' + b"9" * 5000 + b", " + GOOD[1:], "json_invalid"),
    line("a number with a leading zero", b'{"score": 007, ' + GOOD[1:], "json_invalid"),
    line("a key twice", b'{"messages": [], ' + GOOD[1:], "json_invalid"),
    line("a key twice in a turn", GOOD.replace(b'"role": "user"', b'"role": "user", "role": "user"'), "json_invalid"),
    line("100,000 brackets", DEEP, "json_invalid"),
    line("150 levels", LEVELS, "json_invalid"),
    line("a tab in a string", GOOD.replace(b"a question", b"a\tquestion"), "json_invalid"),
    line("a NUL byte in a string", GOOD.replace(b"a question", b"a\0question"), "json_invalid"),
    line("an escaped NUL", GOOD.replace(b"a question", b"a\\u0000question"), "encoding"),
    line("an unknown escape", GOOD.replace(b"a question", b"a\\xquestion"), "json_invalid"),
    line("a high surrogate alone", GOOD.replace(b"a question", b"\\ud83d"), "encoding"),
    line("a low surrogate alone", GOOD.replace(b"a question", b"\\uDE00 there"), "encoding"),
    line("surrogates in the wrong order", GOOD.replace(b"a question", b"\\ude00\\ud83d"), "encoding"),
    line("a surrogate in a key", b'{"\\ud800": 1, ' + GOOD[1:], "encoding"),
    line("surrogates as UTF-8", GOOD.replace(b"a question", b"\xed\xa0\xbd\xed\xb8\x80"), "encoding"),
    line("Latin-1", GOOD.replace(b"a question", "für".encode("latin-1")), "encoding"),
    line("an overlong UTF-8 sequence", GOOD.replace(b"a question", b"\xc0\xaf"), "encoding"),
    line("a byte 0xFF", GOOD + b"\xff", "encoding"),
    line("half a UTF-8 sign at the end", GOOD.replace(b"a question", "é".encode()[:1]), "encoding"),
    line("an array as a row", b"[" + GOOD + b"]", "data_type"),
    line("a number as a row", b"42", "data_type"),
    line("a text as a row", b'"a question"', "data_type"),
    line("null as a row", b"null", "data_type"),
    line("an empty object", b"{}", "format_unknown"),
    Broken("a row of 17 MB", "a.jsonl", lambda: b'{"a": "' + b"x" * (17 << 20) + b'"}\n' + GOOD, ("overlong", "")),
)

FILES = (
    Broken("a surrogate pair", "a.jsonl", GOOD.replace(b"a question", b"\\ud83d\\ude00"), ("",)),
    Broken("a byte order mark", "a.jsonl", b"\xef\xbb\xbf" + GOOD + b"\n" + GOOD, ("", "")),
    Broken("a second byte order mark", "a.jsonl", GOOD + b"\n\xef\xbb\xbf" + GOOD, ("", "")),
    Broken("mixed newlines", "a.jsonl", GOOD + b"\r\n" + GOOD + b"\r" + GOOD + b"\n\r\n\n" + GOOD, ("", "", "", "")),
    Broken("no newline at the end", "a.jsonl", GOOD + b"\n" + GOOD, ("", "")),
    Broken("lines of space", "a.jsonl", b"  \n\t\n" + GOOD + b"\n \r\n", ("",)),
    Broken("a line separator in a text", "a.jsonl", GOOD.replace(b"a question", "a\u2028b\x85".encode()), ("",)),
    Broken("an empty file", "a.jsonl", b"", ()),
    Broken("only newlines", "a.jsonl", b"\n\n\n", ()),
    Broken(
        "a line of 10 MB", "a.jsonl", lambda: GOOD.replace(b"a question", b"word " * 2_000_000) + b"\n" + GOOD, ("", "")
    ),
    Broken(
        "an object over many lines",
        "a.jsonl",
        json.dumps(PAIR, indent=1).encode(),
        ("json_invalid",) * 4 + ("json_invalid",) * 8,
    ),
    Broken("an array as JSONL", "a.jsonl", _array(GOOD, GOOD), ("json_invalid", "json_invalid")),
    Broken("UTF-16 with its mark", "a.jsonl", GOOD.decode().encode("utf-16"), error="not UTF-8: it looks like UTF-16"),
    Broken("UTF-16 without a mark", "a.jsonl", GOOD.decode().encode("utf-16-be"), error="looks like UTF-16 or UTF-32"),
    Broken("UTF-32", "a.jsonl", GOOD.decode().encode("utf-32"), error="looks like UTF-16 or UTF-32"),
    Broken("a block of NUL", "a.jsonl", b"\0" * 4096, error="looks like UTF-16 or UTF-32"),
    Broken("a zip file", "a.jsonl", b"PK\x03\x04" + b"x" * 99, error="is a zip file"),
    Broken("an SQLite file", "a.jsonl", b"SQLite format 3\0" + b"x" * 99, error="is an SQLite database"),
    Broken("Parquet under another name", "a.jsonl", b"PAR1" + b"x" * 99, error=r"its name should end in \.parquet"),
    Broken("gzip under another name", "a.jsonl", b"\x1f\x8b\x08" + b"x" * 99, error=r"its name should end in \.gz"),
)

BAD = b'{"messages": "\xff"}'
ARRAYS = (
    Broken("an array", "a.json", _array(GOOD, GOOD), ("", "")),
    Broken("an array with a byte order mark", "a.json", b"\xef\xbb\xbf\r\n" + _array(GOOD) + b"\n", ("",)),
    Broken("an empty array", "a.json", b" [ ] ", ()),
    Broken("an array on many lines", "a.json", json.dumps([PAIR, PAIR], indent=2).encode(), ("", "")),
    Broken(
        "elements of all types",
        "a.json",
        _array(b"1", b'"x"', b"null", b"true", b"-2.5e3", b"[]", GOOD),
        ("data_type",) * 6 + ("",),
    ),
    Broken("one element is not JSON", "a.json", _array(GOOD, b'{"a": nope}', GOOD), ("", "json_invalid", "")),
    Broken("one element is not UTF-8", "a.json", _array(GOOD, BAD, GOOD), ("", "encoding", "")),
    Broken("one element has a key twice", "a.json", _array(GOOD, b'{"a": 1, "a": 1}', GOOD), ("", "json_invalid", "")),
    Broken("one element has NaN", "a.json", _array(GOOD, b'{"a": NaN}', GOOD), ("", "json_invalid", "")),
    Broken("one element is a word", "a.json", _array(GOOD, b"nope", GOOD), ("", "json_invalid", "")),
    Broken(
        "one element has half a surrogate pair",
        "a.json",
        _array(b'{"text": "\\udc00", "label": "b"}', GOOD),
        ("encoding", ""),
    ),
    Broken(
        "brackets and quotes in texts", "a.json", _array(GOOD.replace(b"a question", b'}]{[\\"],\\\\'), GOOD), ("", "")
    ),
    Broken(
        "a forgotten quote", "a.json", _array(GOOD.replace(b'an answer"', b"an answer"), GOOD), ("json_invalid", "")
    ),
    Broken(
        "a forgotten bracket in an element",
        "a.json",
        _array(GOOD.replace(b"]", b""), GOOD),
        ("json_invalid",),
        "the array has no end",
    ),
    Broken(
        "a bracket too many in an element",
        "a.json",
        _array(GOOD + b"}", GOOD),
        ("",),
        "expected , or ] after element 1",
    ),
    Broken("no end", "a.json", _array(GOOD, GOOD, end=b""), ("", ""), "the array has no end"),
    Broken("cut in an element", "a.json", _array(GOOD, GOOD[:40], end=b""), ("",), "element 2 begins"),
    Broken("cut after a comma", "a.json", _array(GOOD, b"", end=b""), ("",), "element 2 begins"),
    Broken("a comma after the last element", "a.json", _array(GOOD, b""), ("",), "expected an element"),
    Broken("two commas", "a.json", _array(GOOD, b"", GOOD), ("",), "expected an element"),
    Broken("no comma", "a.json", b"[" + GOOD + b"\n" + GOOD + b"]", ("",), "expected , or ] after element 1"),
    Broken("two arrays", "a.json", _array(GOOD) + _array(GOOD), ("",), "something stands after the array"),
    Broken("a row a line as .json", "a.json", GOOD + b"\n" + GOOD, error="a row a line"),
    Broken(
        "one object as .json",
        "a.json",
        b'{"rows": [' + GOOD + b"]}",
        error="expected an array of rows, found one object",
    ),
    Broken("an empty .json", "a.json", b"", error="an empty file, expected an array"),
    Broken("a number as .json", "a.json", b"42", error="expected an array of rows"),
    Broken("100,000 brackets as .json", "a.json", b"[" * 100_000, error="the array has no end"),
    Broken("150 levels in an element", "a.json", _array(LEVELS, GOOD), ("json_invalid", "")),
    Broken(
        "an element of 10 MB",
        "a.json",
        lambda: _array(GOOD.replace(b"a question", b"word " * 2_000_000), GOOD),
        ("", ""),
    ),
    Broken(
        "an element of 33 MB",
        "a.json",
        lambda: _array(GOOD, GOOD.replace(b"a question", b"x" * (33 << 20))),
        ("",),
        "element 2 has more than 16 MB",
    ),
    Broken("UTF-16 as .json", "a.json", _array(GOOD).decode().encode("utf-16"), error="looks like UTF-16"),
)
CASES = (*LINES, *FILES, *ARRAYS)
