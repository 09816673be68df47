"""A test set is known again when rows are added, taken or mended; the ledger keeps its lines."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunegate.core.errors import EvidenceError
from tunegate.records.looks import SKETCH, Look, add_look, load_looks, look_at, same_test_set
from tunegate.records.scores import Sample, TaskScores

SETS = st.sets(st.integers(0, 40), min_size=1, max_size=SKETCH)


def look(documents: range | set[int], candidate: str = "a") -> Look:
    hashes = (hashlib.sha256(str(one).encode()).hexdigest() for one in documents)
    samples = tuple(Sample(doc=doc, prompt="p", cluster=doc, scores={}) for doc in hashes)
    task = TaskScores(
        task="triage", suite="task", split="test", version="1", metrics=(), same_prompt=True, samples=samples
    )
    return look_at(task, candidate)


def test_a_set_from_which_a_row_is_taken_or_to_which_some_are_added_is_the_same() -> None:
    whole = look(range(320))
    assert len(whole.sketch) == SKETCH
    for other in (range(319), range(1, 320), range(400), range(100, 320)):
        assert look(other).test != whole.test
        assert same_test_set(look(other), whole)


def test_a_set_of_mostly_new_rows_is_another() -> None:
    whole = look(range(320))
    for other in (range(320, 640), range(250, 570), range(2000), range(50)):
        assert not same_test_set(look(other), whole)


@given(SETS, SETS)
def test_of_small_sets_it_knows_all_documents_of_the_larger(one: set[int], other: set[int]) -> None:
    first, second = look(one), look(other)
    assert same_test_set(first, second) == same_test_set(second, first)
    assert same_test_set(first, first)
    if not one & other:
        assert not same_test_set(first, second)


@given(st.integers(200, 1000), st.integers(0, 1000), st.integers(0, 10**9))
def test_the_share_is_about_the_true_one(size: int, moved: int, start: int) -> None:
    """Bounds that a sketch of 32 misses once in millions."""
    first, second = range(start, start + size), range(start + moved, start + moved + size)
    share = max(0, size - moved) / (size + min(moved, size))
    same = same_test_set(look(first), look(second))
    assert same or share < 0.9
    assert not same or share > 0.15


def test_looks_from_before_the_sketch_are_known_by_the_whole_set() -> None:
    whole = look(range(320))
    old = Look(test=whole.test, candidate="b")
    assert same_test_set(old, whole)
    assert not same_test_set(old, look(range(319)))


def test_the_ledger_keeps_its_lines_byte_for_byte(tmp_path: Path) -> None:
    """`tunegate ci judge` compares lines with those of the base branch."""
    path = tmp_path / "looks.jsonl"
    before = '{"candidate":"a","test":"0126c4c901463b1b"}\n'
    path.write_text(before)
    mine = look(range(320), "b")
    add_look(path, mine)
    add_look(path, mine)
    assert path.read_text() == before + mine.to_line()
    assert load_looks(path)[1] == mine
    path.write_text(before.rstrip())
    add_look(path, mine)
    assert path.read_text() == before + mine.to_line()


def test_the_first_look_makes_the_ledger(tmp_path: Path) -> None:
    add_look(tmp_path / "looks.jsonl", look(range(9)))
    assert len(load_looks(tmp_path / "looks.jsonl")) == 1


@pytest.mark.parametrize("line", ["{", '{"test": "a"}', "3"])
def test_a_line_that_is_no_look_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / "looks.jsonl").write_text('{"candidate":"a","test":"b"}\n' + line + "\n")
    with pytest.raises(EvidenceError, match="line 2"):
        load_looks(tmp_path / "looks.jsonl")
