"""Takes answers: their good rows go to the teacher's file, the others are kept beside the cache, all are counted."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tunegate.core.data_settings import Synth
from tunegate.core.errors import TunegateError
from tunegate.endpoint.request import Reply, Request
from tunegate.records.example import Example, Source
from tunegate.synth.checks import Checks
from tunegate.synth.lines import Lines
from tunegate.synth.output import FOLDER, Asked, Rejected, example, name_of
from tunegate.synth.reply import Unusable, rows_of
from tunegate.synth.seeds import system_of


@dataclass
class Counts:
    """What came of the requests. `rejected` counts rows and whole answers by code, `gave_up` requests by reason."""

    there: int = 0
    new: int = 0
    requests: int = 0
    cached: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    gave_up: Counter[str] = field(default_factory=Counter)
    revisions: Counter[str] = field(default_factory=Counter)
    stopped: TunegateError | None = None

    @property
    def rows(self) -> int:
        """Rows in the teacher's file."""
        return self.there + self.new


class Shelf:
    """Takes answers: checks their rows, adds the good ones to the file, keeps the others."""

    def __init__(self, path: Path, rejected: Rejected, checks: Checks, there: list[Example], settings: Synth) -> None:
        """`there` are the rows in the file; their requests come by again when a run goes on."""
        self._path, self._rejected, self._checks, self._settings = path, rejected, checks, settings
        self._lines = Lines(path)
        self._unclaimed = {row.id for row in there}
        self.counts = Counts(there=len(there))

    def take(self, asked: Asked) -> bool:
        """Take one answer; say whether any of its rows was of use, now or in an earlier run."""
        if revision := asked.request.revision or asked.reply.revision(asked.request.model):
            self.counts.revisions[revision] += 1
        try:
            rows = _rows(asked.reply)
        except Unusable as fault:
            self._refuse(asked.request, None, fault, asked.reply.refusal or asked.reply.content)
            return False
        used = [self._take_row(asked, place, row) for place, row in enumerate(rows)]
        return any(used)

    def _take_row(self, asked: Asked, place: int, content: Any) -> bool:
        if place >= self._settings.variations:
            self._refuse(asked.request, place, Unusable("surplus", f"asked for {self._settings.variations}"), content)
            return False
        try:
            row = self._checks.read(content, system_of(asked.draw[0]))
            if name_of(row) in self._unclaimed:
                self._unclaimed.remove(name_of(row))
                return True
            self._checks.compare(row)
        except Unusable as fault:
            self._refuse(asked.request, place, fault, content)
            return False
        if self.counts.rows < self._settings.rows:
            source = Source(file=f"{FOLDER}/{self._path.name}", line=self.counts.rows + 1)
            self._lines.add([example(row, asked, self._settings.licence, source).to_line()])
            self._checks.keep(name_of(row), row)
            self.counts.new += 1
        return True

    def _refuse(self, request: Request, place: int | None, fault: Unusable, content: Any) -> None:
        self.counts.rejected[fault.code] += 1
        self._rejected.add(request, place, (fault.code, fault.reason), content)

    def close(self) -> None:
        """Close the files."""
        self._lines.close()
        self._rejected.close()


def _rows(reply: Reply) -> list[Any]:
    """The rows of a reply that is one."""
    if reply.refusal or reply.finish_reason == "content_filter":
        raise Unusable("refusal", reply.refusal or "stopped by the endpoint's content filter")
    if not (reply.content or "").strip():
        raise Unusable("empty", f"no text (finish_reason {reply.finish_reason})")
    try:
        return rows_of(reply.content or "")
    except Unusable:
        if reply.finish_reason == "length":
            raise Unusable("truncated", "cut off at max_tokens: raise synth.max_tokens, or ask for fewer") from None
        raise
