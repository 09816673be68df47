"""Two measurements of one task, paired document by document.

Repeats within a document are averaged first: the document, not the repeat, is the unit (anchors: pooling repeats turned
p = 1/16 into p = 1/4096). Comparability is checked elsewhere, before.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tunegate.records.scores import Sample, TaskScores

Floats = NDArray[np.float64]
Labels = NDArray[np.intp]


def is_binary(values: Floats) -> bool:
    """Whether all scores are 0 or 1."""
    return bool(np.isin(values, (0.0, 1.0)).all())


@dataclass(frozen=True, eq=False)
class Scored:
    """One model's scores: a value and a cluster label (0, 1, ...) a document."""

    values: Floats
    clusters: Labels

    @cached_property
    def n_clusters(self) -> int:
        """How many clusters there are."""
        return int(self.clusters.max()) + 1 if len(self.clusters) else 0

    @property
    def clustered(self) -> bool:
        """Whether some documents share a cluster."""
        return self.n_clusters < len(self.values)

    @cached_property
    def binary(self) -> bool:
        """Whether all scores are 0 or 1."""
        return is_binary(self.values)


@dataclass(frozen=True, eq=False)
class Pairs:
    """Base and candidate on the same documents, in the same order."""

    base: Floats
    candidate: Floats
    clusters: Labels

    @property
    def n(self) -> int:
        """How many documents there are."""
        return len(self.base)

    @cached_property
    def n_clusters(self) -> int:
        """How many clusters there are."""
        return int(self.clusters.max()) + 1 if self.n else 0

    @property
    def clustered(self) -> bool:
        """Whether some documents share a cluster."""
        return self.n_clusters < self.n

    @cached_property
    def binary(self) -> bool:
        """Whether all scores of both are 0 or 1."""
        return is_binary(self.base) and is_binary(self.candidate)

    def independent(self) -> "Pairs":
        """The same documents, each a cluster of its own."""
        return Pairs(self.base, self.candidate, np.arange(self.n))

    @cached_property
    def better(self) -> int:
        """On how many documents the candidate scores more than the base."""
        return int((self.candidate > self.base).sum())

    @cached_property
    def worse(self) -> int:
        """On how many documents the candidate scores less than the base."""
        return int((self.candidate < self.base).sum())


def scored(task: TaskScores, metric: str) -> Scored:
    """The scores of `metric`, a mean a document, documents in sorted order."""
    by_doc = _by_document(task.samples)
    values = [_mean(by_doc[doc], metric) for doc in sorted(by_doc)]
    return Scored(np.array(values, dtype=np.float64), labelled([by_doc[doc][0].cluster for doc in sorted(by_doc)]))


def pair(base: TaskScores, candidate: TaskScores, metric: str) -> Pairs:
    """Pair two comparable measurements on `metric`."""
    before, after = scored(base, metric), scored(candidate, metric)
    return Pairs(before.values, after.values, after.clusters)


def _by_document(samples: Sequence[Sample]) -> dict[str, list[Sample]]:
    found: dict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        found[sample.doc].append(sample)
    return found


def _mean(samples: Sequence[Sample], metric: str) -> float:
    return sum(sample.scores[metric] for sample in samples) / len(samples)


def labelled(names: Sequence[str]) -> Labels:
    """Numbers 0, 1, ... for names, in order of appearance."""
    number: dict[str, int] = {}
    return np.array([number.setdefault(name, len(number)) for name in names], dtype=np.intp)
