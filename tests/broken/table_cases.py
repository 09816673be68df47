"""CSV and TSV that are broken."""

from broken.case import Broken

HEAD = b"text,label\n"


def _csv(*rows: bytes, head: bytes = HEAD) -> bytes:
    return head + b"".join(rows)


TABLES = (
    Broken("a table", "a.csv", _csv(b"a,b\n", b"c,d"), ("", "")),
    Broken("a table with a byte order mark", "a.csv", b"\xef\xbb\xbf" + _csv(b"a,b\n"), ("",)),
    Broken("a header only", "a.csv", HEAD, ()),
    Broken("an empty table", "a.csv", b"", ()),
    Broken("blank lines in a table", "a.csv", b"\n\r\n" + _csv(b"\n", b"a,b\n", b"  \n"), ("",)),
    Broken("too few cells", "a.csv", _csv(b"a\n", b"a,b\n"), ("ragged", "")),
    Broken("too many cells", "a.csv", _csv(b"a,b,c\n", b"a,b\n"), ("ragged", "")),
    Broken("a comma in a text without quotes", "a.csv", _csv(b"yes, please,b\n"), ("ragged",)),
    Broken("a comma at each end", "a.csv", _csv(b"a,b,\n", b"c,d,\n"), ("ragged", "ragged")),
    Broken(
        "mixed newlines in a table", "a.csv", _csv(b"a,b\r\n", b"c,d\r", b"e,f\n", head=b"text,label\r"), ("", "", "")
    ),
    Broken("newlines and commas in quotes", "a.csv", _csv(b'"a\r\n,""\n",b\n', b"c,d\n"), ("", "")),
    Broken("a quote inside a text", "a.csv", _csv(b'5" pipe,b\n'), ("",)),
    Broken("NUL in a table", "a.csv", _csv(b"a\0,b\n", b"c,d\n"), ("encoding", "")),
    Broken("Latin-1 in a table", "a.csv", _csv("für,b\n".encode("latin-1"), b"c,d\n"), ("encoding", "")),
    Broken("Latin-1 in a header", "a.csv", "für,label\na,b\n".encode("latin-1"), error="the header: not UTF-8"),
    Broken("UTF-16 table", "a.csv", _csv(b"a,b\n").decode().encode("utf-16"), error="looks like UTF-16"),
    Broken(
        "a quote never closed",
        "a.csv",
        _csv(b"a,b\n", b'"never closed,b\n', b"c,d\n" * 9),
        ("",),
        r"a\.csv:3: .* never closed",
    ),
    Broken(
        "a quote never closed in 40 MB",
        "a.csv",
        lambda: _csv(b"a,b\n", b'"open,b\n', b"some text here,b\n" * 2_400_000),
        ("",),
        r"a\.csv:3: .* is a quote missing",
    ),
    Broken(
        "text after a closing quote",
        "a.csv",
        _csv(b"a,b\n", b'"a"b,c\n', b"d,e\n"),
        ("",),
        r"a\.csv:3: not a readable table",
    ),
    Broken(
        "a line of 17 MB in a table",
        "a.csv",
        lambda: _csv(b"a,b\n", b"x," * (17 << 19)),
        ("",),
        "a line has more than 16 MB",
    ),
    Broken("a field of 10 MB", "a.tsv", lambda: b"text\tlabel\n" + b"word " * 2_000_000 + b"\tb\n", ("",)),
    Broken("a column twice", "a.csv", b"text,text\na,b\n", error="must name each column once"),
    Broken("a column without a name", "a.csv", b"text,label,\na,b,c\n", error="must name each column once"),
    Broken("row numbers of pandas", "a.csv", b",text,label\n0,a,b\n", ("",)),
    Broken("spaces in the header", "a.csv", b"text, label\na,b\n", ("",)),
    Broken("semicolons", "a.csv", b"text;label\na;b\n", error="the header has one column, 'text;label'"),
    Broken("tabs in a .csv", "a.csv", b"text\tlabel\na\tb\n", error="the header has one column"),
    Broken("commas in a .tsv", "a.tsv", _csv(b"a,b\n"), error="the header has one column"),
    Broken("no header", "a.csv", b"where is my card,card_arrival\nhello,greeting\n", ("format_unknown",)),
    Broken("other columns", "a.csv", b"said,meant\na,b\n", ("format_unknown",)),
    Broken(
        "a mapping to a column that is not there",
        "a.csv",
        b"said,meant\na,b\n",
        ("format_unknown",),
        settings={"columns": {"prompt": "spoken", "answer": "meant"}},
    ),
    Broken(
        "a mapping whose answer is not there",
        "a.csv",
        b"said,meant\na,b\n",
        ("example_missing_assistant_message",),
        settings={"columns": {"prompt": "said", "answer": "intent"}},
    ),
    Broken("an empty label", "a.csv", _csv(b"a,\n", b"a,b\n"), ("empty_answer", "")),
    Broken("an empty text", "a.csv", _csv(b" ,b\n"), ("empty_turn",)),
    Broken("numbers as text", "a.csv", _csv(b"1,2\n", b"1.5,nan\n"), ("", "")),
    Broken(
        "feedback in a table",
        "a.csv",
        b"prompt,completion,label\np,c,True\np,c,0\np,c,maybe\np,c,\n",
        ("", "", "label_invalid", "label_invalid"),
    ),
    Broken(
        "turns as JSON text in a cell",
        "a.csv",
        b'messages,id\n"[{""role"": ""user"", ""content"": ""q""}, {""role"": ""assistant"", ""content"": ""a""}]",1\n'
        b"hello,2\n"
        b'"[{""role"": ""user"", ""role"": ""user""}]",3\n',
        ("", "missing_messages_list", "missing_messages_list"),
    ),
)
CASES = TABLES
