"""Corpus metrics from summed counts, against sacrebleu and scikit-learn; the paired bootstrap against simulation."""

import random

import numpy as np
import pytest
import sacrebleu
from factories import hits, short_hash
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score, precision_score, recall_score

from tunegate.judge.bootstrap import bootstrap_floor, bootstrap_gain, bootstrap_ratio
from tunegate.judge.corpus import Counts, corpus_values, counted
from tunegate.judge.words import change_words, floor_words, gain_words
from tunegate.records.corpus import CLASSES, Form
from tunegate.records.scores import Sample, TaskScores
from tunegate.records.verdict import Outcome

WORDS = ["the", "printer", "is", "late", "red", "new", "camera", "from", "Rome", "again", "it", "works"]
LABELS = ("refund", "repair", "praise", "swap")


def sentences(count: int, seed: int) -> list[str]:
    draw = random.Random(seed)  # noqa: S311 - test data
    return [" ".join(draw.choices(WORDS, k=draw.randint(1, 12))) for _ in range(count)]


def sacrebleu_parts(form: Form, answer: str, reference: str) -> tuple[int, ...]:
    """What sacrebleu itself counts, in the order of the record."""
    if form == "bleu":
        found = sacrebleu.BLEU()._compute_segment_statistics
        stats = found(answer, sacrebleu.BLEU()._cache_references([[reference]])[0])
        return tuple(int(number) for number in stats)
    metric = sacrebleu.CHRF()
    return tuple(metric._compute_segment_statistics(answer, metric._cache_references([[reference]])[0]))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_summed_counts_give_sacrebleus_corpus_scores(seed: int) -> None:
    answers, references = sentences(40, seed), sentences(40, seed + 100)
    answers[::3] = references[::3]
    forms: tuple[Form, ...] = ("bleu", "chrf")
    for form in forms:
        pairs = zip(answers, references, strict=True)
        sums = np.array([sacrebleu_parts(form, a, r) for a, r in pairs], dtype=np.float64).sum(axis=0)
        metric = sacrebleu.BLEU() if form == "bleu" else sacrebleu.CHRF()
        expected = metric.corpus_score(answers, [references]).score
        assert corpus_values(form, sums[None])[0] == pytest.approx(expected, abs=1e-9)


def test_bleu_of_nothing_right_and_of_empty_answers_is_zero() -> None:
    nothing = np.array([[5, 5, 0, 0, 0, 0, 5, 4, 3, 2], [0, 5, 0, 0, 0, 0, 0, 0, 0, 0]], dtype=np.float64)
    assert corpus_values("bleu", nothing).tolist() == [0.0, 0.0]
    assert corpus_values("chrf", np.zeros((1, 18))).tolist() == [0.0]


classes = st.lists(st.tuples(st.integers(0, 3), st.integers(-1, 3)), min_size=1, max_size=60)


@given(classes)
def test_averages_over_classes_are_those_of_scikit_learn(found: list[tuple[int, int]]) -> None:
    true, said = [pair[0] for pair in found], [pair[1] for pair in found]
    present = sorted({*true, *said} - {-1})
    task = class_task(found)
    for name, score in (("macro_f1", f1_score), ("macro_precision", precision_score), ("macro_recall", recall_score)):
        expected = score(true, said, labels=present, average="macro", zero_division=0)
        assert counted(task, name).value() == pytest.approx(expected, abs=1e-12)


def test_repeats_of_a_document_are_one_unit() -> None:
    found = [(0, 0), (1, 1), (1, 0), (2, 2)]
    once, twice = class_task(found), class_task(found, repeats=2)
    assert len(counted(twice, "macro_f1").rows) == len(found)
    assert counted(twice, "macro_f1").value() == pytest.approx(counted(once, "macro_f1").value())


def test_a_clear_gain_passes_and_no_gain_does_not() -> None:
    base, better = counts(300, 0.5), counts(300, 0.9)
    assert bootstrap_gain(base, better, 0.1, 0.05, gain_words).outcome is Outcome.PASS
    assert bootstrap_gain(base, base, 0.1, 0.05, gain_words).outcome is Outcome.FAIL
    assert bootstrap_gain(better, base, 0.0, 0.05, gain_words).outcome is Outcome.FAIL
    near = bootstrap_gain(base, counts(300, 0.6), 0.1, 0.05, gain_words)
    assert near.outcome is Outcome.INCONCLUSIVE
    assert near.needed is None or near.needed > 300
    assert bootstrap_floor(better, 0.8, 0.05, floor_words).outcome is Outcome.PASS
    assert bootstrap_ratio(better, base, -0.02, 0.05, change_words).outcome is Outcome.FAIL
    assert bootstrap_ratio(base, better, -0.02, 0.05, change_words).outcome is Outcome.PASS


def test_equal_draws_are_bounded_by_what_so_many_documents_may_hide() -> None:
    never, always = counts(300, 0.0), counts(300, 1.0)
    found = bootstrap_gain(never, always, 0.1, 0.05, gain_words)
    assert found.outcome is Outcome.PASS
    assert found.interval is not None
    assert 0.9 < found.interval[0] < 1.0
    assert bootstrap_gain(counts(3, 0.0), counts(3, 1.0), 0.5, 0.05, gain_words).outcome is Outcome.INCONCLUSIVE


def test_one_cluster_says_nothing_and_the_same_input_gives_the_same_numbers() -> None:
    one = Counts("macro_f1", counts(20, 0.5).rows, np.zeros(20, dtype=np.intp))
    assert bootstrap_gain(one, one, 0.0, 0.05, gain_words).outcome is Outcome.INCONCLUSIVE
    base, better = counts(100, 0.5), counts(100, 0.7)
    first, second = (bootstrap_gain(base, better, 0.0, 0.05, gain_words) for _ in range(2))
    assert first == second


def test_the_interval_is_near_that_of_theory_for_a_plain_mean() -> None:
    """With one class the macro recall is the share right: its standard error is known."""
    rows = np.array([(value, value, 1.0) for value in hits(400, 0.8)])
    found = bootstrap_floor(Counts("macro_recall", rows, np.arange(400)), 0.5, 0.05, floor_words)
    error = np.sqrt(0.8 * 0.2 / 400)
    assert found.interval is not None
    assert found.interval[0] == pytest.approx(0.8 - 1.65 * error, abs=0.004)
    assert found.interval[1] == pytest.approx(0.8 + 1.65 * error, abs=0.004)


def class_task(found: list[tuple[int, int]], *, repeats: int = 1) -> TaskScores:
    samples = tuple(
        Sample(
            doc=(doc := short_hash(str(at))),
            prompt=doc,
            cluster=doc,
            repeat=repeat,
            scores={},
            parts=dict.fromkeys(CLASSES, pair),
        )
        for at, pair in enumerate(found)
        for repeat in range(repeats)
    )
    corpus: dict[str, Form] = {"macro_f1": "macro_f1", "macro_precision": "macro_precision",
                               "macro_recall": "macro_recall"}  # fmt: skip
    return TaskScores(task="triage", suite="task", split="test", version="1", metrics=(), same_prompt=False,
                      corpus=corpus, labels=LABELS, samples=samples)  # fmt: skip


def counts(n: int, share: float) -> Counts:
    """`share` of `n` answers name the right one of four classes, the rest none."""
    right = hits(n, share)
    return counted(class_task([(at % 4, at % 4 if right[at] else -1) for at in range(n)]), "macro_f1")
