"""The confusion matrix for people: counts, each class's numbers, the same picture each time."""

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import precision_recall_fscore_support

from tunegate.evaluate.confusion import confusion, draw, per_class, write_confusion
from tunegate.evaluate.task import Scored
from tunegate.evaluate.values import merge

LABELS = ("camera", "router", "phone")
PAIRS: list[tuple[int, ...]] = [(0, 0), (0, 1), (1, 1), (2, -1), (2, 2)]


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(-1, 2)), min_size=1, max_size=40))
def test_each_classs_numbers_are_those_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    true, said = zip(*pairs, strict=True)
    expected = precision_recall_fscore_support(true, said, labels=[0, 1, 2], zero_division=0)
    found = per_class(confusion(pairs, 3), LABELS)
    assert [row[0] for row in found] == list(LABELS)
    assert [row[1] for row in found] == expected[3].tolist()
    for column, values in zip((2, 3, 4), expected[:3], strict=True):
        assert [row[column] for row in found] == pytest.approx(values.tolist(), abs=1e-6)


def test_files(tmp_path: Path) -> None:
    values = merge([])._replace(parts={"macro_f1": PAIRS})
    write_confusion(tmp_path, Scored((), (), values, LABELS))
    with (tmp_path / "confusion.csv").open() as stream:
        rows = list(csv.reader(stream))
    assert rows[0] == ["true class", *LABELS, "(no class)"]
    assert rows[3] == ["phone", "0", "0", "1", "1"]
    assert (tmp_path / "classes.csv").read_text().splitlines()[1] == "camera,2,1.0,0.5,0.666667"


def test_the_same_counts_give_the_same_picture_whatever_the_names() -> None:
    counts = confusion(PAIRS, 3)
    assert draw(counts, LABELS) == draw(counts, LABELS)
    assert draw(np.zeros_like(counts), ("$x$", "<b>", "a" * 200)).startswith(b"\x89PNG")


def test_nothing_where_no_classes_were_measured(tmp_path: Path) -> None:
    write_confusion(tmp_path, Scored((), (), merge([])))
    assert list(tmp_path.iterdir()) == []
