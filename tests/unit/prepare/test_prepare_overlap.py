"""Similarity of many pairs at once: the same as one pair after the other, run by run."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunegate.prepare.fingerprints import flat, jaccard, run_set
from tunegate.prepare.overlap import jaccards, run_sets
from tunegate.prepare.traces import Words

TEXTS = st.lists(st.lists(st.sampled_from(["a", "b", "c"]), max_size=9), min_size=1, max_size=8)


@given(texts=TEXTS)
def test_all_pairs_of_some_texts(texts: list[list[str]]) -> None:
    ones, others = (places.reshape(-1) for places in np.indices((len(texts), len(texts))))
    found = jaccards(run_sets(Words(*flat([" ".join(words) for words in texts]))), ones, others)
    sets = [run_set(words) for words in texts]
    assert found.tolist() == pytest.approx([jaccard(one, other) for one in sets for other in sets])


def test_no_pair_at_all() -> None:
    none = np.zeros(0, dtype=np.int64)
    assert jaccards(run_sets(Words(*flat(["a b c"]))), none, none).tolist() == []
    assert jaccards(run_sets(Words(*flat([]))), none, none).tolist() == []
