"""Which row of each cluster of duplicates stays, for any kind of duplicate: a pure decision over pairs."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tunegate.prepare.near import Pair


class Dropped(NamedTuple):
    """A row that goes, the row that stays in its place, and how near they are."""

    row: int
    kept: int
    similarity: float


def drop(pairs: Iterable[Pair], order: Sequence[int]) -> list[Dropped]:
    """Go through the rows in `order`; a row goes if it is a pair with one that stays.

    So no two rows that stay are a pair, and each that goes is near one that stays: a chain of rows, each near the next,
    is not thrown away as a whole.

    Args:
        pairs: of rows in `order`.
        order: each row once; the earlier one of two stays.
    """
    pairs = list(pairs)
    paired = {row for pair in pairs for row in pair[:2]}
    rank = {row: at for at, row in enumerate(order) if row in paired}
    near: dict[int, list[tuple[int, float]]] = {}
    for one, other, value in pairs:
        if one in rank and other in rank:
            near.setdefault(one, []).append((other, value))
            near.setdefault(other, []).append((one, value))
    gone: dict[int, Dropped] = {}
    for row in sorted(near, key=rank.__getitem__):
        stays = [(value, -rank[other], other) for other, value in near[row]
                 if rank[other] < rank[row] and other not in gone]  # fmt: skip
        if stays:
            value, _, kept = max(stays)
            gone[row] = Dropped(row, kept, value)
    return sorted(gone.values())


def clusters(pairs: Iterable[Pair]) -> list[list[int]]:
    """Rows that hang together by pairs, each cluster sorted, the largest first."""
    root: dict[int, int] = {}

    def find(row: int) -> int:
        root.setdefault(row, row)
        while root[row] != row:
            root[row] = root[root[row]]
            row = root[row]
        return row

    for one, other, _ in pairs:
        first, second = sorted((find(one), find(other)))
        root[second] = first
    found: dict[int, list[int]] = {}
    for row in sorted(root):
        found.setdefault(find(row), []).append(row)
    return sorted(found.values(), key=lambda rows: (-len(rows), rows))
