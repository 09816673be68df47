"""The corpus of broken inputs (tests/broken): each row gets its code, each file its error, and no row is lost."""

import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from backports import zstd
from broken.case import GOOD, Broken
from broken.corpus import CASES
from broken.folder_cases import FOLDERS, Folder

from tunegate.core.data_settings import Prepare
from tunegate.core.errors import DataError
from tunegate.core.files import dump_json
from tunegate.prepare.codes import CODES
from tunegate.prepare.formats import BadRow, format_for, parse
from tunegate.prepare.readers import RawRow, data_files, read_chunks
from tunegate.prepare.validate import Rules
from tunegate.records.example import Message


def test_the_corpus_is_large_and_its_names_and_codes_are_good() -> None:
    assert len(CASES) >= 120
    assert len({case.name for case in CASES}) == len(CASES)
    assert {code for case in CASES for code in case.codes} - {""} <= set(CODES)


def outcome(row: RawRow, settings: Prepare, rules: Rules) -> str:
    """The code of a row, or nothing."""
    dump_json([row.content, row.reason]).encode("utf-8")  # whatever it is, it can be written
    if row.code:
        return row.code
    form, columns = format_for(settings, row.file)
    try:
        parsed = parse(row.content, columns, form)
    except BadRow as bad:
        return bad.code if bad.reason else "no reason"
    for turn in [*parsed.prompt, *(turn for side in parsed.answers for turn in side)]:
        assert Message.model_validate(turn).plain().keys() >= turn.keys()
    fault = rules.fault(parsed)
    return fault.code if fault else ""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_broken_input_gives_its_codes_or_one_clear_error(tmp_path: Path, case: Broken) -> None:
    (tmp_path / "train").mkdir()
    (tmp_path / "train" / case.file).write_bytes(case.bytes())
    settings = Prepare.model_validate(case.settings)
    rules = Rules(settings, None, None)
    (file,) = data_files(tmp_path, "train")
    codes: list[str] = []
    chunks = read_chunks(file, size=50)
    if case.error:
        with pytest.raises(DataError, match=case.error) as caught:
            codes.extend(outcome(row, settings, rules) for chunk in chunks for row in chunk.rows())
        assert str(file.path) in caught.value.message
        assert caught.value.next_step
    else:
        codes.extend(outcome(row, settings, rules) for chunk in chunks for row in chunk.rows())
    assert tuple(codes) == case.codes


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_each_broken_folder_is_one_clear_error(tmp_path: Path, folder: Folder) -> None:
    train = tmp_path / "data" / "train"
    train.mkdir(parents=True)
    folder.build(train)
    if not folder.error:
        (file,) = data_files(tmp_path / "data", "train")
        assert [row.code for chunk in read_chunks(file) for row in chunk.rows()] == [""]
        return
    with pytest.raises(DataError, match=folder.error) as caught:
        data_files(tmp_path / "data", "train")
    assert caught.value.next_step


def test_all_that_is_no_data_is_named_at_once(tmp_path: Path) -> None:
    (tmp_path / "train").mkdir()
    for name in ("a.txt", "b.xlsx", "c.jsonl"):
        (tmp_path / "train" / name).touch()
    (tmp_path / "train" / "d.jsonl").symlink_to("/etc/passwd")
    with pytest.raises(
        DataError, match=r"a\.txt: not a kind(.|\n)*b\.xlsx: not a kind(.|\n)*d\.jsonl: a symbolic link"
    ):
        data_files(tmp_path, "train")


BOMBS: dict[str, tuple[bytes, bytes, int, str]] = {
    "a.jsonl.zst": (GOOD + b'\n{"a": "', b"x" * (1 << 20), 1000, ""),
    "a.json.zst": (b"[" + GOOD + b', {"a": "', b"x" * (1 << 20), 1000, "more than 16 MB"),
    "a.csv.zst": (b'text,label\n"', b"word, word\n" * 100_000, 1000, "is a quote missing"),
    "b.csv.zst": (b"text,label\n", b"," * (1 << 20), 1000, "a line has more than 16 MB"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", BOMBS)
def test_a_gigabyte_packed_into_kilobytes_takes_little_memory(tmp_path: Path, name: str) -> None:
    start, block, count, error = BOMBS[name]
    (tmp_path / "train").mkdir()
    with zstd.open(tmp_path / "train" / name, "wb") as stream:
        stream.write(start)
        for _ in range(count):
            stream.write(block)
    assert_small(tmp_path, error, megabytes=200)


@pytest.mark.slow
def test_a_parquet_dictionary_of_large_texts_takes_little_memory(tmp_path: Path) -> None:
    (tmp_path / "train").mkdir()
    text = pa.DictionaryArray.from_arrays(pa.array([0] * 20_000, pa.int32()), ["word " * 200_000])
    table = pa.table({"text": text, "label": text})
    pq.write_table(table, tmp_path / "train" / "a.parquet", dictionary_pagesize_limit=1 << 24)
    assert_small(tmp_path, "", megabytes=800, chunks=3)


def assert_small(root: Path, error: str, *, megabytes: int, chunks: int | None = None) -> None:
    """Read a dataset in a process of its own, and look at the most memory that it had."""
    program = f"""
import itertools, sys
from pathlib import Path
from tunegate.core.errors import DataError
from tunegate.prepare.readers import data_files, read_chunks
said = ""
try:
    for chunk in itertools.islice(read_chunks(data_files(Path(sys.argv[1]), "train")[0]), {chunks}):
        chunk.rows()
except DataError as fault:
    said = fault.message
print(said.replace("\\n", " "))
print(int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) // 1024)
"""
    done = subprocess.run([sys.executable, "-c", program, str(root)], capture_output=True, text=True, check=True)
    said, most = done.stdout.splitlines()
    assert error in said
    assert bool(error) == bool(said)
    assert int(most) < megabytes, most
