"""Which classes are taken for which: a table, a picture, and precision, recall and F1 of each class; for people."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tunegate.core.files import write_bytes, write_text
from tunegate.evaluate.task import Scored
from tunegate.records.corpus import CLASSES

NO_CLASS = "(no class)"
CELL, MARGIN = 0.45, 1.6  # inches


def write_confusion(outputs: Path, scored: Scored) -> None:
    """Write confusion.csv, confusion.png and classes.csv, where the positions of classes were measured."""
    pairs = next((scored.values.parts[name] for name in CLASSES if name in scored.values.parts), None)
    if pairs is None:
        return
    counts = confusion(pairs, len(scored.labels))
    names = [*scored.labels, NO_CLASS]
    table = [["true class", *names], *([name, *row] for name, row in zip(names, counts.tolist(), strict=False))]
    write_text(outputs / "confusion.csv", _csv(table))
    write_text(outputs / "classes.csv", _csv([CLASS_HEAD, *per_class(counts, scored.labels)]))
    write_bytes(outputs / "confusion.png", draw(counts, scored.labels))


CLASS_HEAD = ("class", "documents", "precision", "recall", "f1")


def confusion(pairs: Sequence[tuple[int, ...]], classes: int) -> NDArray[np.int64]:
    """Counts: a row a true class, a column a class of the answer, the last column for answers that are no class."""
    counts = np.zeros((classes, classes + 1), dtype=np.int64)
    for true, said in pairs:
        counts[true, said] += 1  # -1 is the last column
    return counts


def per_class(counts: NDArray[np.int64], labels: Sequence[str]) -> list[list[object]]:
    """Each class's documents, precision, recall and F1; a ratio of nothing to nothing is 0."""
    right, true, said = counts.diagonal(), counts.sum(axis=1), counts.sum(axis=0)[:-1]
    ratios = (_ratio(right, said), _ratio(right, true), _ratio(2 * right, said + true))
    return [
        [label, int(true[at]), *(round(float(ratio[at]), 6) for ratio in ratios)] for at, label in enumerate(labels)
    ]


def draw(counts: NDArray[np.int64], labels: Sequence[str]) -> bytes:
    """The table as PNG: the same counts, the same bytes. Cells are shaded by the share of the true class."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows, columns = counts.shape
    figure = Figure(figsize=(columns * CELL + 2 * MARGIN, rows * CELL + 1.3 * MARGIN), layout="constrained")
    FigureCanvasAgg(figure)
    axis = figure.subplots()
    shares = counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
    axis.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="equal")
    for (row, column), count in np.ndenumerate(counts):
        if count:
            colour = "white" if shares[row, column] > 0.5 else "black"
            axis.text(column, row, str(count), ha="center", va="center", color=colour, fontsize=8)
    shown = [str(label).replace("$", r"\$")[:24] for label in (*labels, NO_CLASS)]
    axis.set_xticks(range(columns), shown, rotation=45, ha="right", fontsize=8)
    axis.set_yticks(range(rows), shown[:rows], fontsize=8)
    axis.set_xlabel("answer")
    axis.set_ylabel("reference")
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=110, metadata={"Software": None})
    return stream.getvalue()


def _ratio(above: NDArray[np.int64], below: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.divide(above, below, out=np.zeros(len(above)), where=below > 0)


def _csv(rows: Iterable[Iterable[object]]) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(rows)
    return stream.getvalue()
