"""`tunegate review status KEY`: how far the review is, who decided how much, and where reviewers disagree."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from tunegate.core.files import dump_json
from tunegate.records.review import PLACE, Decision, newest, read_decisions
from tunegate.records.review_queue import QueuedRow, queue_path
from tunegate.review.queue import scan

COLUMNS = ("approved", "edited", "rejected", "pending")
GROUPS = ("synthetic", "sample", "other")
SHOWN = 10
Row = tuple[str, str]  # id and content


class Dispute(NamedTuple):
    """A row on which reviewers say different things: the newest word of each, oldest first."""

    row: Row
    words: tuple[Decision, ...]


def status(root: Path, key: str) -> str:
    """The state of adapter `key`'s review, for a terminal. Can be asked while the page is served.

    Raises:
        DataError: no queue, or a line of the queue or of the decisions is broken.
    """
    decisions = read_decisions(root / "datasets" / key / PLACE)
    counts = newest(decisions)
    states: dict[str, Counter[str]] = {group: Counter() for group in GROUPS}
    rows = set()
    for entry, row in scan(queue_path(root, key)):
        if (entry.id, entry.content) in rows:
            continue
        rows.add((entry.id, entry.content))
        found = counts.get((entry.id, entry.content))
        states[_group(row)][found.verdict if found else "pending"] += 1
    by = Counter(decision.reviewer for place, decision in counts.items() if place in rows)
    lines = [f"{key}: {len(rows)} rows that need or may have a review", *_table(states)]
    lines += [f"by reviewer: {', '.join(f'{name} {count}' for name, count in sorted(by.items()))}"] * bool(by)
    lines += _disputes([dispute for dispute in disputes(decisions) if dispute.row in rows])
    gone = len(counts.keys() - rows)
    lines += [f"{gone} decisions are on rows that the data holds no more, or not as they were"] * bool(gone)
    return "\n".join(lines)


def disputes(decisions: Iterable[Decision]) -> list[Dispute]:
    """Rows that stand decided and on which two reviewers differ: in the verdict, or in how they edited it."""
    words: dict[Row, dict[str, Decision]] = defaultdict(dict)
    standing: dict[Row, bool] = {}
    for decision in decisions:
        row = (decision.id, decision.content)
        words[row].pop(decision.reviewer, None)
        standing[row] = decision.verdict != "withdrawn"
        if standing[row]:
            words[row][decision.reviewer] = decision
    return [
        Dispute(row, tuple(said.values()))
        for row, said in words.items()
        if standing[row] and len({(each.verdict, dump_json(each.row)) for each in said.values()}) > 1
    ]


def _group(row: QueuedRow) -> str:
    return "synthetic" if row.synthetic else "sample" if row.sampled else "other"


def _table(states: Mapping[str, Counter[str]]) -> list[str]:
    names = ("approved", "edited", "rejected", "to review")
    lines = ["           " + "".join(f"{name:>11}" for name in names)]
    shown = [group for group in GROUPS if states[group]]
    return lines + [f"{group:<11}" + "".join(f"{states[group][name]:>11}" for name in COLUMNS) for group in shown]


def _disputes(found: list[Dispute]) -> list[str]:
    if not found:
        return ["no row on which reviewers disagree"]
    lines = [f"reviewers disagree on {len(found)} row(s); the last word counts:"]
    for dispute in found[:SHOWN]:
        said = ", ".join(f"{each.reviewer} {each.verdict}" for each in dispute.words)
        lines.append(f"  {dispute.row[0]}: {said}")
    return lines + [f"  and {len(found) - SHOWN} more"] * (len(found) > SHOWN)
