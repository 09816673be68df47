"""Corpus metrics as functions of summed counts, for many sums at once.

BLEU: Papineni et al. 2002, with sacrebleu's exponential smoothing. chrF: Popovic 2015, beta 2, six orders, as sacrebleu
has it. Both from 0 to 100. Averages over classes: those that stand among the true classes or the answers, as
scikit-learn takes them, a ratio of nothing to nothing being 0; from 0 to 1.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tunegate.judge.pairing import Floats, Labels, labelled
from tunegate.records.corpus import CLASSES, ORDERS, Form
from tunegate.records.scores import TaskScores

BETA = 2.0


@dataclass(frozen=True, eq=False)
class Counts:
    """One model's counts: a row a document (documents in sorted order), and each document's cluster."""

    form: Form
    rows: Floats
    clusters: Labels

    @cached_property
    def n_clusters(self) -> int:
        """How many clusters there are."""
        return int(self.clusters.max()) + 1

    @cached_property
    def by_cluster(self) -> Floats:
        """The counts summed, a row a cluster."""
        sums = np.zeros((self.n_clusters, self.rows.shape[1]))
        np.add.at(sums, self.clusters, self.rows)
        return sums

    def value(self) -> float:
        """The metric on all documents."""
        return float(corpus_values(self.form, self.rows.sum(axis=0)[None])[0])

    def worst(self, documents: int) -> float:
        """The metric had the answers to `documents` of them been all wrong, where that costs most.

        Which ones: of BLEU and chrF those with most n-grams right; of classes those of the rarest.
        """
        rows = self.rows.copy()
        if self.form not in CLASSES:
            matches = _matches(self.form)
            hit = np.argsort(-rows[:, matches].sum(axis=1), kind="stable")[:documents]
            rows[np.ix_(hit, np.arange(rows.shape[1])[matches])] = 0.0
            return float(corpus_values(self.form, rows.sum(axis=0)[None])[0])
        right, _, true = _thirds(rows)
        size = true.sum(axis=0)
        hit = np.argsort((true * size).sum(axis=1), kind="stable")[:documents]
        third = right.shape[1]
        rows[hit, :third] = 0.0
        rows[hit, third : 2 * third] = 0.0
        return float(corpus_values(self.form, rows.sum(axis=0)[None])[0])


def counted(task: TaskScores, metric: str) -> Counts:
    """The counts of one corpus metric; repeats of a document are summed."""
    form = task.corpus[metric]
    by_doc: dict[str, list[tuple[int, ...]]] = defaultdict(list)
    cluster = {sample.doc: sample.cluster for sample in task.samples}
    for sample in task.samples:
        by_doc[sample.doc].append(sample.parts[metric])
    documents = sorted(by_doc)
    width = len(task.labels)
    rows = [sum(_columns(form, parts, width) for parts in by_doc[doc]) for doc in documents]
    return Counts(form, np.array(rows, dtype=np.float64), labelled([cluster[doc] for doc in documents]))


def corpus_values(form: Form, sums: Floats) -> Floats:
    """The metric of each row of `sums` (shape: samples, counts)."""
    formulas: Mapping[str, Callable[[Floats], Floats]] = {
        "bleu": _bleu,
        "chrf": _chrf,
        "macro_f1": lambda found: _macro(found, lambda right, said, true: _ratio(2 * right, said + true)),
        "macro_precision": lambda found: _macro(found, lambda right, said, _: _ratio(right, said)),
        "macro_recall": lambda found: _macro(found, lambda right, _, true: _ratio(right, true)),
    }
    return formulas[form](sums)


def _columns(form: Form, parts: tuple[int, ...], width: int) -> Floats:
    """A document's counts as columns that add up; of a class: right, said, true, a column each for every class."""
    if form not in CLASSES:
        return np.array(parts, dtype=np.float64)
    true, said = parts
    columns = np.zeros(3 * width)
    columns[2 * width + true] = 1.0
    if said >= 0:
        columns[width + said] = 1.0
        columns[true] = float(true == said)
    return columns


def _matches(form: Form) -> slice:
    return slice(2, 2 + ORDERS["bleu"]) if form == "bleu" else slice(2, None, 3)


def _bleu(sums: Floats) -> Floats:
    said, true = sums[:, 0], sums[:, 1]
    matches, total = sums[:, 2:6], sums[:, 6:10]
    halvings = np.cumsum(matches == 0, axis=1)
    smooth = np.where(matches == 0, 0.5**halvings, matches)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(smooth / total).mean(axis=1)
        brevity = np.where(said < true, np.exp(1 - true / said), 1.0)
    possible = (total > 0).all(axis=1) & (matches.sum(axis=1) > 0)
    return np.where(possible, 100 * brevity * np.exp(np.where(possible, logs, 0.0)), 0.0)


def _chrf(sums: Floats) -> Floats:
    said, true, matches = sums[:, 0::3], sums[:, 1::3], sums[:, 2::3]
    both = (said > 0) & (true > 0)
    orders = both.sum(axis=1)
    precision = _ratio(np.where(both, _ratio(matches, said), 0.0).sum(axis=1), orders)
    recall = _ratio(np.where(both, _ratio(matches, true), 0.0).sum(axis=1), orders)
    return 100 * _ratio((1 + BETA**2) * precision * recall, BETA**2 * precision + recall)


def _macro(sums: Floats, formula: Callable[[Floats, Floats, Floats], Floats]) -> Floats:
    right, said, true = _thirds(sums)
    classes = ((said + true) > 0).sum(axis=1)
    return _ratio(formula(right, said, true).sum(axis=1), classes)


def _thirds(rows: Floats) -> tuple[Floats, Floats, Floats]:
    width = rows.shape[1] // 3
    return rows[:, :width], rows[:, width : 2 * width], rows[:, 2 * width :]


def _ratio(above: Floats, below: Floats) -> Floats:
    return np.divide(above, below, out=np.zeros_like(above, dtype=np.float64), where=below > 0)
