"""A session is drawn fairly: balanced sides, families in their share, equal texts counted, gold clearly wrong."""

import itertools
import random
from collections import Counter
from pathlib import Path

import pytest
from human_project import ADAPTER, BASE, KEY, make_project, write_outputs
from human_project import example as ticket
from hypothesis import given
from hypothesis import strategies as st

from tunegate.core.errors import DataError, EvidenceError
from tunegate.human.draw import Drawn, balanced, draw, sample
from tunegate.human.files import files_of, new, read_pairs, read_plan
from tunegate.human.sources import load_material


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_project(tmp_path_factory.mktemp("human"), 300, same=60)


def drawn(root: Path, pairs: int = 150, seed: int = 1) -> Drawn:
    return draw(KEY, "baseline", load_material(root, KEY, "baseline"), pairs, seed)


def test_sides_are_balanced_and_the_page_gets_what_the_plan_says(root: Path) -> None:
    one, material = drawn(root), {row.doc: row for row in load_material(root, KEY, "baseline").rows}
    sides = [side for side in one.plan.sides if side.kind == "pair"]
    assert len(sides) == 150
    assert Counter(side.left for side in sides) == {"candidate": 75, "other": 75}
    shown = {pair.item: pair for pair in one.shown}
    for side in sides:
        row, pair = material[side.doc], shown[side.item]
        texts = (row.candidate, row.other) if side.left == "candidate" else (row.other, row.candidate)
        assert (pair.a, pair.b) == texts
        assert side.lengths == (len(texts[0]), len(texts[1]))
        assert pair.prompt[0].text == row.example.prompt[0].content


def test_what_raters_see_does_not_depend_on_the_side(root: Path) -> None:
    """Over many seeds neither name, place in the order nor the number of raters goes with the candidate's side."""
    places: dict[str, list[float]] = {"candidate": [], "other": []}
    raters: Counter[tuple[str, int]] = Counter()
    for seed in range(40):
        one = drawn(root, 60, seed)
        left = {side.item: side.left for side in one.plan.sides}
        for place, pair in enumerate(one.shown):
            if left[pair.item] in places:
                places[left[pair.item]].append(place)
                raters[left[pair.item], pair.raters] += 1
            assert len(pair.item) == 16
    means = {side: sum(found) / len(found) for side, found in places.items()}
    assert abs(means["candidate"] - means["other"]) < 3
    assert abs(raters["candidate", 2] - raters["other", 2]) < 100
    assert set(drawn(root).shown[0].model_dump()) == {"item", "prompt", "a", "b", "raters"}


def test_a_quarter_or_more_is_rated_twice_and_gold_by_everybody(root: Path) -> None:
    one = drawn(root)
    counts = Counter(side.raters for side in one.plan.sides if side.kind == "pair")
    assert counts[2] / 150 >= 0.25
    gold = [side for side in one.plan.sides if side.kind == "gold"]
    assert len(gold) == 12
    assert Counter(side.left for side in gold) == {"reference": 6, "wrong": 6}
    docs = {side.doc for side in one.plan.sides if side.kind != "gold"}
    assert not docs & {side.doc for side in gold}
    references = {row.doc: row.example.answer for row in load_material(root, KEY, "baseline").rows}
    shown = {pair.item: pair for pair in one.shown}
    for side in gold:
        pair = shown[side.item]
        right, wrong = (pair.a, pair.b) if side.left == "reference" else (pair.b, pair.a)
        assert right == references[side.doc]
        assert wrong != right


def test_equal_texts_are_sampled_at_the_same_rate_and_not_shown(root: Path) -> None:
    one = drawn(root, 120)
    same = [side for side in one.plan.sides if side.kind == "same"]
    assert len(same) == 30  # 60 of 300 prompts; 120 of the 240 that differ are shown
    assert not {side.item for side in same} & {pair.item for pair in one.shown}


def test_families_have_their_share(root: Path) -> None:
    counts = Counter(side.cluster for side in drawn(root, 120).plan.sides if side.kind == "pair")
    assert len(counts) == 80  # each of the 80 families that differ has three prompts
    assert set(counts.values()) <= {1, 2}


def test_the_same_seed_is_the_same_session_and_another_is_not(root: Path) -> None:
    assert drawn(root, seed=5) == drawn(root, seed=5)
    assert drawn(root, seed=5).shown != drawn(root, seed=6).shown


@given(st.integers(0, 400), st.integers(0, 500), st.integers())
def test_a_sample_is_even_and_never_twice_the_same(total: int, count: int, seed: int) -> None:
    found = sample(random.Random(seed), range(total), count)  # noqa: S311 - a sample
    assert len(found) == min(total, count)
    assert len(set(found)) == len(found)
    gaps = [after - before for before, after in itertools.pairwise(found)]
    assert not gaps or max(gaps) - min(gaps) <= 1


@given(st.integers(0, 301), st.integers())
def test_sides_never_lean(count: int, seed: int) -> None:
    found = balanced(random.Random(seed), count)  # noqa: S311 - a sample
    assert len(found) == count
    assert abs(2 * sum(found) - count) <= count % 2


def test_new_writes_the_sides_apart_for_the_owner_only(root: Path) -> None:
    said = new(root, KEY, "baseline", 100)
    files = files_of(root, KEY)
    assert "100 pairs against the baseline, 30 of them for two raters" in said
    assert files.sides.stat().st_mode & 0o077 == 0
    assert {pair.item for pair in read_pairs(files)} == {
        side.item for side in read_plan(files).sides if side.kind != "same"
    }
    assert "candidate" not in files.pairs.read_text()
    plan = read_plan(files)
    assert (plan.candidate.adapter, plan.other.adapter, plan.candidate.base_digest) == (ADAPTER, None, BASE)
    assert new(root, KEY, "baseline", 100) != ""
    assert read_plan(files).seed != plan.seed  # a secret seed each time


def test_answers_of_another_run_are_refused(tmp_path: Path) -> None:
    make_project(tmp_path, 30)
    rows = [ticket(number) for number in range(30)]
    outputs = tmp_path / "build" / "outputs" / KEY / "candidate" / "task.jsonl"
    older = outputs.read_text()
    write_outputs(tmp_path, KEY, "candidate", rows, [f"Newer {number}" for number in range(30)])
    outputs.write_text(older)
    with pytest.raises(DataError, match="is not scored as recorded"):
        new(tmp_path, KEY, "baseline", 20)
    assert not files_of(tmp_path, KEY).pairs.exists()


def test_what_is_missing_is_named_with_the_next_step(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"candidate/task\.jsonl: no such file"):
        new(tmp_path, KEY, "baseline", 20)
    make_project(tmp_path, 30)
    with pytest.raises(DataError, match=r"released/task\.jsonl") as caught:
        new(tmp_path, KEY, "released", 20)
    assert f"dvc get . build/outputs/{KEY}/candidate" in caught.value.next_step
    (tmp_path / "scores" / KEY / "candidate.jsonl").write_text("{}")
    with pytest.raises(EvidenceError):
        new(tmp_path, KEY, "baseline", 20)


def test_equal_models_leave_nothing_to_rate(tmp_path: Path) -> None:
    make_project(tmp_path, 30, same=30)
    with pytest.raises(DataError, match="the same text to every prompt"):
        new(tmp_path, KEY, "baseline", 20)


def test_few_prompts_and_short_references_are_said(tmp_path: Path) -> None:
    texts = {"candidate": ["yes"] * 12, "baseline": ["no"] * 12}
    make_project(tmp_path, 12, answers=texts)
    said = new(tmp_path, KEY, "baseline", 150)
    assert "the answers differ on 12 prompts only: all of them are in" in said
    assert "fewer than 100 pairs" in said
