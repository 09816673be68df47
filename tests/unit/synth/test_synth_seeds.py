"""Seeds: real rows only, each once before any a second time, the same draw each time."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_data import example

from tunegate.core.errors import DataError
from tunegate.records.example import Example, Message, Origin, write_examples
from tunegate.synth.seeds import Seeds, read_seeds, system_of

ORIGIN = Origin(teacher="t", prompt_hash="0", sampling={}, licence="mit")


def told(at: int, system: str) -> Example:
    row = example("train", at)
    return row.model_copy(update={"messages": (Message(role="system", content=system), *row.messages)})


def tooled(at: int) -> Example:
    return example("train", at).model_copy(update={"tools": ({"name": "f"},)})


@given(rows=st.integers(1, 40), size=st.integers(1, 7), seed=st.integers(), start=st.integers(0, 3))
def test_each_row_is_shown_once_before_any_is_shown_again(rows: int, size: int, seed: int, start: int) -> None:
    seeds = Seeds([example("train", at) for at in range(rows)], size, seed)
    draws = -(-rows // size)
    shown = [row.id for number in range(start * draws, (start + 1) * draws) for row in seeds.draw(number)]
    assert sorted(shown) == [f"train-{at:04d}" for at in range(rows)]


@given(seed=st.integers(), number=st.integers(0, 200), order=st.randoms(use_true_random=False))
def test_a_draw_depends_on_seed_and_number_not_on_the_order_of_the_file(seed: int, number: int, order: object) -> None:
    rows = [example("train", at) for at in range(20)]
    mixed = list(rows)
    order.shuffle(mixed)  # type: ignore[attr-defined]
    assert Seeds(rows, 3, seed).draw(number) == Seeds(mixed, 3, seed).draw(number)


def test_other_rows_meet_in_the_next_epoch() -> None:
    seeds = Seeds([example("train", at) for at in range(24)], 3, 1)
    first, second = ({frozenset(row.id for row in seeds.draw(n)) for n in range(at, at + 8)} for at in (0, 8))
    assert first != second


def test_rows_of_a_draw_share_their_system_turn() -> None:
    rows = [told(at, f"Be {('brief', 'kind')[at % 2]}.") for at in range(15)] + [example("train", 20)]
    seeds = Seeds(rows, 3, 1)
    draws = [seeds.draw(number) for number in range(7)]
    assert all(len({system_of(row) for row in draw}) == 1 for draw in draws)
    assert Counter(row.id for draw in draws for row in draw).total() == 16


def test_synthetic_rows_and_rows_with_tools_are_no_seeds() -> None:
    synthetic = example("train", 1).model_copy(update={"origin": ORIGIN})
    seeds = Seeds([example("train", 0), synthetic, tooled(2)], 3, 1)
    assert [row.id for row in seeds.rows] == ["train-0000"]
    assert seeds.left_out == 1


@pytest.mark.parametrize(
    ("rows", "said"),
    [([], "no real row"), ([tooled(0)], "1 rows use tools")],
)
def test_without_a_real_row_it_says_so(tmp_path: Path, rows: list[Example], said: str) -> None:
    write_examples(tmp_path / "train.jsonl", rows)
    with pytest.raises(DataError, match=said):
        read_seeds(tmp_path / "train.jsonl", 3, 1)


def test_preference_pairs_are_named_as_such(tmp_path: Path) -> None:
    (tmp_path / "train.jsonl").write_text('{"chosen": [], "rejected": [], "prompt": []}\n', encoding="utf-8")
    with pytest.raises(DataError, match="synth writes chats only"):
        read_seeds(tmp_path / "train.jsonl", 3, 1)
