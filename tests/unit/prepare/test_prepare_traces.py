"""What is kept of a row instead of its text: comes back as it was packed, and says what the text says."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tunegate.prepare.fingerprints import BREAK, flat
from tunegate.prepare.traces import Words, pack, traces_of, unpack

TEXTS = st.lists(st.sampled_from(["a", "b", "c"]), max_size=5).map(" ".join)
ROWS = st.lists(st.tuples(TEXTS, TEXTS, st.lists(st.integers(0, 2**64 - 1), max_size=3)), min_size=1, max_size=6)


@given(rows=ROWS)
def test_packed_rows_come_back_alone_and_together(rows: list[tuple[str, str, list[int]]]) -> None:
    prompts, answers, turns = zip(*rows, strict=True)
    packed = pack(traces_of(prompts, answers, turns))
    found = unpack(packed)
    for words, texts in ((found.asked, prompts), (found.answered, answers)):
        assert [part.tolist() for part in words] == [part.tolist() for part in flat(texts)]
    assert found.turns.hashes.tolist() == [key for some in turns for key in some]
    assert found.turns.counts.tolist() == [len(some) for some in turns]
    for one, (prompt, answer, _) in zip(packed, rows, strict=True):
        assert unpack([one]).whole().hashes.tolist() == flat([f"{prompt} {BREAK} {answer}"])[0].tolist()


@given(rows=ROWS)
def test_the_whole_of_many_rows_is_the_whole_of_each(rows: list[tuple[str, str, list[int]]]) -> None:
    prompts, answers, turns = zip(*rows, strict=True)
    found = traces_of(prompts, answers, turns).whole()
    wanted = Words(*flat([f"{prompt} {BREAK} {answer}" for prompt, answer, _ in rows]))
    assert [part.tolist() for part in found] == [part.tolist() for part in wanted]


def test_some_texts_in_another_order() -> None:
    words = Words(*flat(["a b", "", "c d e"]))
    some = words.take(np.array([2, 0, 1, 2]))
    assert [part.tolist() for part in some] == [part.tolist() for part in flat(["c d e", "a b", "", "c d e"])]
