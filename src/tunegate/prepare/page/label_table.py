"""Labels as a table that stays readable: two columns of many labels, and of very many only both ends."""

from collections.abc import Sequence
from typing import NamedTuple

from tunegate.prepare.labels import RARE, Balance, Label, balance
from tunegate.records.data_report import DataReport

MOST = 120  # labels shown; of more, the fullest and the emptiest
ONE_COLUMN = 16
MOST_SPLITS = 4
FAULTS = {"lacking": "not in train", "rare": f"fewer than {RARE} in train", "unmeasured": "not in test"}


class Cell(NamedTuple):
    """One split's rows of a label; `width` is its share of the split, 100 being the largest share on the page."""

    split: str
    rows: int
    share: float
    width: float


class LabelRow(NamedTuple):
    """One label with its remark."""

    name: str
    cells: Sequence[Cell]
    fault: str
    remark: str


class LabelTable(NamedTuple):
    """The labels in one or two columns; `hidden` of them are between the fullest and the emptiest."""

    splits: Sequence[str]
    columns: Sequence[Sequence[LabelRow]]
    total: int
    hidden: int
    shift: dict[str, float]
    fullest: int
    emptiest: int
    faults: dict[str, int]


def label_table(report: DataReport) -> LabelTable | None:
    """The table; None where the answers are no labels."""
    found = balance(report)
    if not found or not found.labels:
        return None
    shown = found.labels if len(found.labels) <= MOST else (*found.labels[: MOST // 2], *found.labels[-MOST // 2 :])
    rows = _rows(found, shown)
    half = (len(rows) + 1) // 2
    columns = [rows] if len(rows) <= ONE_COLUMN else [rows[:half], rows[half:]]
    first = [label.rows[found.splits[0]] for label in found.labels]
    return LabelTable(
        splits=found.splits[:MOST_SPLITS],
        columns=columns,
        total=len(found.labels),
        hidden=len(found.labels) - len(shown),
        shift=found.shift,
        fullest=max(first),
        emptiest=min(first),
        faults={FAULTS[fault]: count for fault in FAULTS if (count := len(found.names(fault)))},
    )


def _rows(found: Balance, shown: Sequence[Label]) -> list[LabelRow]:
    splits = found.splits[:MOST_SPLITS]
    whole = {split: max(1, sum(label.rows[split] for label in found.labels)) for split in splits}
    largest = max((label.rows[split] / whole[split] for label in found.labels for split in splits), default=1) or 1

    def cell(label: Label, split: str) -> Cell:
        share = label.rows[split] / whole[split]
        return Cell(split, label.rows[split], share, round(100 * share / largest, 2))

    return [
        LabelRow(label.name, [cell(label, split) for split in splits], label.fault, FAULTS.get(label.fault, ""))
        for label in shown
    ]
