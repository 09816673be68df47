"""Labels of a classification across the splits: which of them train lacks, has few rows of, or is never measured on."""

from typing import NamedTuple

from tunegate.prepare.tally import task_splits
from tunegate.records.data_report import DataReport

RARE = 10  # rows of train; with fewer, a label is learnt from single cases and its score moves by tens of percent
TRAIN = "train"


class Label(NamedTuple):
    """One label: rows by split, and what is wrong with it (``lacking``, ``rare``, ``unmeasured``, or nothing)."""

    name: str
    rows: dict[str, int]
    fault: str


class Balance(NamedTuple):
    """All labels, those with most rows in train first. `shift`: share of a split's rows that would have to change
    label to have train's shares (total variation distance, 0 to 1).
    """

    splits: tuple[str, ...]
    labels: tuple[Label, ...]
    shift: dict[str, float]

    def names(self, fault: str) -> list[str]:
        """The labels with this fault."""
        return [label.name for label in self.labels if label.fault == fault]


def balance(report: DataReport) -> Balance | None:
    """The balance of labels; None where the answers are no labels."""
    counts = {name: split.labels for name, split in task_splits(report).items() if split.labels}
    if not counts:
        return None
    names = {label for labels in counts.values() for label in labels}
    labels = [Label(name, {split: rows.get(name, 0) for split, rows in counts.items()}, "") for name in names]
    judged = [label._replace(fault=_fault(label)) for label in labels]
    judged.sort(key=lambda label: (-label.rows.get(TRAIN, 0), -sum(label.rows.values()), label.name))
    shift = {split: _shift(counts[TRAIN], counts[split]) for split in counts if TRAIN in counts and split != TRAIN}
    return Balance(tuple(counts), tuple(judged), shift)


def _fault(label: Label) -> str:
    if not any(label.rows.values()):
        return ""
    if label.rows.get(TRAIN) == 0:
        return "lacking"
    if label.rows.get(TRAIN, RARE) < RARE:
        return "rare"
    return "unmeasured" if label.rows.get("test", 1) == 0 else ""


def _shift(train: dict[str, int], other: dict[str, int]) -> float:
    whole, part = sum(train.values()), sum(other.values())
    if not whole or not part:
        return 0.0
    return sum(abs(train.get(name, 0) / whole - other.get(name, 0) / part) for name in train.keys() | other.keys()) / 2
