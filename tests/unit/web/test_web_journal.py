"""What the journal said is recorded is on disk after a kill; nothing is lost silently, nothing is written twice."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tunegate.core.errors import BusyError, DataError, MachineError
from tunegate.records.base import Record
from tunegate.web.journal import Journal

NEXT = "mend it"
CHILD = """
import sys
from pathlib import Path
from tunegate.records.base import Record
from tunegate.web.journal import Journal
class Note(Record):
    text: str
with Journal(Path(sys.argv[1]), Note, next_step="") as journal:
"""
WRITER = (
    CHILD
    + """
    for number in range(100000):
        journal.append(Note(text=f"{number} " + "x" * 3000))
        print(number, flush=True)
"""
)
HOLDER = CHILD + "    print('open', flush=True)\n    sys.stdin.read()\n"
FULL = (
    CHILD
    + """
    import resource, signal
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    journal.append(Note(text="first"))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (60, limits[1]))
    try:
        journal.append(Note(text="y" * 100))
    except OSError as fault:
        print("refused", fault.filename == sys.argv[1])
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    journal.append(Note(text="last"))
"""
)


class Note(Record):
    """An entry."""

    text: str


def opened(path: Path) -> "Journal[Note]":
    return Journal(path, Note, next_step=NEXT)


def texts(path: Path) -> list[str]:
    with opened(path) as journal:
        return [entry.text for entry in journal.entries]


def child(code: str, path: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"]))), max_size=5))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_written_is_read_again(tmp_path: Path, batches: list[list[str]]) -> None:
    path = tmp_path / "j.jsonl"
    path.unlink(missing_ok=True)
    for batch in batches:
        with opened(path) as journal:
            journal.append(*(Note(text=text) for text in batch))
    assert texts(path) == [text for batch in batches for text in batch]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=6), st.data())
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_file_cut_anywhere_keeps_its_whole_lines_and_sets_the_rest_aside(
    tmp_path: Path, said: list[str], data: st.DataObject
) -> None:
    path, cut = tmp_path / "j.jsonl", tmp_path / "j.jsonl.cut"
    path.unlink(missing_ok=True)
    cut.unlink(missing_ok=True)
    with opened(path) as journal:
        journal.append(*(Note(text=text) for text in said))
    whole = path.read_bytes()
    left = whole[: data.draw(st.integers(0, len(whole)))]
    path.write_bytes(left)
    lines = left.count(b"\n")
    with opened(path) as journal:
        assert [entry.text for entry in journal.entries] == said[:lines]
        assert (journal.cut == cut) == (not left.endswith(b"\n") and left != b"")
        journal.append(Note(text="after"))
    rest = left.rpartition(b"\n")[2]
    assert (cut.read_bytes() if cut.exists() else b"") == (rest + b"\n" if rest else b"")
    assert texts(path) == [*said[:lines], "after"]


@pytest.mark.parametrize("after", [1, 20, 100])
def test_a_kill_in_the_middle_loses_nothing_that_was_acknowledged(tmp_path: Path, after: int) -> None:
    path = tmp_path / "j.jsonl"
    process = child(WRITER, path)
    assert process.stdout is not None
    for _ in range(after):
        process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    rest, _ = process.communicate()
    acknowledged = after + len(rest.split())
    numbers = [int(text.split()[0]) for text in texts(path)]
    assert numbers == list(range(len(numbers)))
    assert acknowledged <= len(numbers) <= acknowledged + 1


def test_a_second_process_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    holder = child(HOLDER, path)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "open\n"
    with pytest.raises(BusyError, match=r"j\.jsonl is open in another process"):
        opened(path)
    holder.communicate("")
    assert texts(path) == []


def test_a_full_disk_leaves_whole_lines_only(tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    said, _ = child(FULL, path).communicate()
    assert said == "refused True\n"
    assert texts(path) == ["first", "last"]


@pytest.mark.parametrize("how", ["replaced", "grown", "gone"])
def test_a_file_that_another_program_changed_takes_nothing_more(tmp_path: Path, how: str) -> None:
    path = tmp_path / "j.jsonl"
    with opened(path) as journal:
        journal.append(Note(text="one"))
        if how == "replaced":
            (tmp_path / "new").write_bytes(path.read_bytes())
            (tmp_path / "new").replace(path)
        elif how == "grown":
            with path.open("a") as stream:
                stream.write('{"text":"theirs"}\n')
        else:
            path.unlink()
        with pytest.raises(BusyError, match="nothing was recorded"):
            journal.append(Note(text="two"))
        assert [entry.text for entry in journal.entries] == ["one"]
    assert "two" not in (path.read_text() if path.exists() else "")


@pytest.mark.parametrize("how", ["symlink", "hardlink", "read-only"])
def test_a_file_of_dvcs_cache_is_not_written_to(tmp_path: Path, how: str) -> None:
    cached, path = tmp_path / "cache", tmp_path / "j.jsonl"
    cached.write_text('{"text":"recorded"}\n')
    if how == "symlink":
        path.symlink_to(cached)
    elif how == "hardlink":
        path.hardlink_to(cached)
    else:
        path.write_text(cached.read_text())
        path.chmod(0o444)
    with pytest.raises(MachineError) as raised:
        opened(path)
    assert raised.value.next_step == "run `dvc unprotect datasets.dvc`"
    assert cached.read_text() == '{"text":"recorded"}\n'


@pytest.mark.parametrize("line", ["{", '{"text":1}', '{"text":"a","more":1}', "\u00ff"])
def test_a_broken_line_is_named_and_the_file_is_free_again(tmp_path: Path, line: str) -> None:
    path = tmp_path / "j.jsonl"
    path.write_bytes(b'{"text":"a"}\n' + line.encode("latin-1") + b"\n")
    with pytest.raises(DataError, match=r"j\.jsonl:2: not ") as raised:
        opened(path)
    assert raised.value.next_step == NEXT
    path.write_text('{"text":"a"}\n')
    assert texts(path) == ["a"]
    assert path.stat().st_mode & 0o777 == 0o644
