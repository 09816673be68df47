"""Files are whole or absent, JSON is strict, digests follow the bytes."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunegate.core.files import atomic, digest_tree, dump_json, list_files, parse_json, write_text

PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
JSON = st.recursive(PLAIN, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))


def interrupted(path: Path) -> None:
    with atomic(path) as stream:
        stream.write(b"new")
        raise RuntimeError


def test_a_failed_write_leaves_the_old_file_and_no_scraps(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_text(path, "old")
    with pytest.raises(RuntimeError):
        interrupted(path)
    assert path.read_text() == "old"
    assert [left.name for left in tmp_path.iterdir()] == ["a.txt"]


@given(JSON)
def test_json_comes_back_as_it_was(value: object) -> None:
    assert parse_json(dump_json(value)) == value
    assert dump_json(parse_json(dump_json(value))) == dump_json(value)


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", '{"a": 1, "a": 2}', "[" * 100_000, "{", ""])
def test_json_that_others_let_pass_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each parser's words are its own
        parse_json(text)


def test_a_folders_digest_follows_names_and_bytes_but_no_bytecode(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")
    first = digest_tree(tmp_path)
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "a.pyc").write_text("x")
    assert digest_tree(tmp_path) == first
    assert list_files(tmp_path) == ["a"]
    (tmp_path / "a").write_text("2")
    second = digest_tree(tmp_path)
    (tmp_path / "a").rename(tmp_path / "b")
    assert len({first, second, digest_tree(tmp_path)}) == 3
