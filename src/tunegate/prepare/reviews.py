"""What reviewers decided, applied to rows: rejected ones go, edited ones are as the reviewer left them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tunegate.prepare.badrow import BadRow
from tunegate.prepare.rowtext import told
from tunegate.records.review import Decision, content_hash, newest, read_decisions


class Reviewed(NamedTuple):
    """A row and the decision that let it through; None: nobody has looked at it, and nobody has to."""

    row: dict[str, Any]
    verdict: str | None


class Reviews:
    """The decisions on one adapter's rows."""

    def __init__(self, decisions: Mapping[tuple[str, str], Decision], *, required: bool) -> None:
        """`required`: real rows need an approval too, not only synthetic ones."""
        self._decisions = decisions
        self._ids = {name for name, _ in decisions}
        self._required = required

    @classmethod
    def load(cls, path: Path | None, *, required: bool) -> "Reviews":
        """Read the decisions, if there are any.

        Raises:
            DataError: the file is not one of decisions.
        """
        return cls(newest(read_decisions(path)) if path else {}, required=required)

    def apply(self, row: dict[str, Any], *, synthetic: bool) -> Reviewed:
        """The row as its reviewer left it.

        Raises:
            BadRow: rejected, or not seen yet though it has to be.
        """
        found = self.decision(row)
        if found is None or found.verdict == "withdrawn":
            if synthetic or self._required:
                raise BadRow("review_pending", "nobody has approved it yet: `tunegate review serve KEY`")
            return Reviewed(row, None)
        if found.verdict == "rejected":
            raise BadRow("review_rejected", f"{found.reviewer}: {found.reason or 'no reason given'}")
        edited = {**row, **_parts(found.row)} if found.verdict == "edited" and found.row else row
        if "origin" in row:
            edited = {**edited, "origin": {**row["origin"], "approved_by": found.reviewer}}
        return Reviewed(edited, found.verdict)

    def decision(self, row: dict[str, Any]) -> Decision | None:
        """The decision that counts for a row as it stands."""
        if row["id"] not in self._ids:
            return None
        return self._decisions.get((row["id"], content_hash(told(row))))


def _parts(edit: Mapping[str, Any]) -> dict[str, Any]:
    """Only what a row says may be edited, not where it came from."""
    return {
        name: edit[name] for name in ("messages", "prompt", "chosen", "rejected", "completion", "label") if name in edit
    }
