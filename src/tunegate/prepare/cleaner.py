"""One row's way through everything that needs no other row: parse, validate, review, mask; what is left gets its facts.

It runs in worker processes, a chunk of raw rows at a time.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from pydantic import ValidationError

from tunegate.core.data_settings import Prepare
from tunegate.core.files import dump_json
from tunegate.prepare.badrow import BadRow
from tunegate.prepare.facts import REPLAY, SPLITS, Facts, fingerprints
from tunegate.prepare.formats import Parsed, format_for, parse
from tunegate.prepare.minhash import Hashes
from tunegate.prepare.normalise import digest
from tunegate.prepare.private import Finder
from tunegate.prepare.private_rows import scan_messages
from tunegate.prepare.queue_entry import GONE, Entry, queued, sampled
from tunegate.prepare.readers import Chunk, RawRow
from tunegate.prepare.reviews import Reviews
from tunegate.prepare.rowtext import answer_text, answers_of, prompt_key, prompt_of, said, told
from tunegate.prepare.splits import Shares
from tunegate.prepare.tokens import TokenCounter
from tunegate.prepare.validate import Rules, load_schema
from tunegate.records.base import explain
from tunegate.records.example import Origin

# What frames a prompt in a text: rows that have it follow another template than rows that have not.
FRAMES = re.compile(
    r"^#{2,3} ?(?:Instruction|Input|Response|Human|Assistant)s?:|^(?:Human|Assistant|User): ", re.MULTILINE
)

SAID = ("messages", "prompt", "chosen", "rejected", "completion")  # the parts of a row that hold turns


class Job(NamedTuple):
    """What a worker must know; small, since it is sent with each chunk."""

    settings: Prepare
    schema: Path | None
    tokenizer: Path | None
    decisions: Path | None
    shares: Shares
    queue_all: bool  # lay every row before reviewers, not only a sample
    stamp: str = ""  # digest of what the paths hold: a worker keeps what it loaded for a job


class Task(NamedTuple):
    """One chunk and where it belongs."""

    job: Job
    chunk: Chunk
    file: int
    split: int
    synthetic: bool


class Reject(NamedTuple):
    """A rejected row: its content as JSON text."""

    line: int
    code: str
    reason: str
    content: str


@dataclass
class Made:
    """What becomes of a chunk, row by row."""

    task: Task
    read: int = 0
    rows: list[dict[str, Any]] = field(default_factory=list)
    named: list[bool] = field(default_factory=list)  # for each of them
    rejects: list[Reject] = field(default_factory=list)
    formats: Counter[str] = field(default_factory=Counter)
    private: list[tuple[str, int]] = field(default_factory=list)
    reviewed: Counter[str] = field(default_factory=Counter)
    queue: list[Entry] = field(default_factory=list)

    def split(self, row: dict[str, Any], shares: Shares) -> int:
        """The split that a row of this chunk belongs to."""
        return shares.split(self.task.split, row["family"], synthetic=self.task.synthetic)

    def split_name(self, row: dict[str, Any], shares: Shares) -> str:
        """Its name."""
        return SPLITS[self.split(row, shares)]


class Cleaned(NamedTuple):
    """What a worker sends back; `lines`, `facts`, `bands` and `traces` have one entry for each row that is left."""

    made: Made
    lines: list[bytes]
    facts: Facts
    bands: Hashes
    traces: list[bytes]
    templates: list[str]
    labels: dict[int, str]


def clean(task: Task) -> Cleaned:
    """Clean one chunk."""
    return _cleaner(task.job).clean(task)


@lru_cache(maxsize=4)
def _cleaner(job: Job) -> "Cleaner":
    return Cleaner(job)


class Cleaner:
    """Rules, finder and reviews of one dataset, ready for use."""

    def __init__(self, job: Job) -> None:
        """Load what the job names."""
        self._job, self._settings = job, job.settings
        tokens = TokenCounter.load(job.tokenizer) if job.tokenizer else None
        self._tokens = tokens if job.settings.max_tokens else None
        self._rules = Rules(job.settings, load_schema(job.schema) if job.schema else None, tokens)
        self._finder = Finder(job.settings.private) if job.settings.private.kinds else None
        self._action = job.settings.private.action
        self._reviews = Reviews.load(job.decisions, required=job.settings.review.required)
        self._shares = job.shares
        self._near = job.settings.duplicates.near is not None

    def clean(self, task: Task) -> Cleaned:
        """All rows of a chunk."""
        made = Made(task)
        for raw in task.chunk.rows():
            made.read += 1
            waiting = len(made.queue)
            try:
                row, named = self._take(raw, made)
            except BadRow as fault:
                made.rejects.append(Reject(raw.line, fault.code, fault.reason, _writable(raw.content)))
            else:
                made.rows.append(row)
                made.named.append(named)
                made.queue[waiting:] = [entry._replace(row=len(made.rows) - 1) for entry in made.queue[waiting:]]
        return self._cleaned(made)

    def _take(self, raw: RawRow, made: "Made") -> tuple[dict[str, Any], bool]:
        """The row, and whether it has an id of its own."""
        if raw.code:
            raise BadRow(raw.code, raw.reason)
        form, columns = format_for(self._settings, raw.file)
        parsed = self._with_system(parse(raw.content, columns, form))
        made.formats[parsed.form] += 1
        self._check(parsed)
        row = _row(parsed, raw)
        if made.task.synthetic:
            row["origin"] = _origin(raw.content)
        if made.task.split != REPLAY:
            row = self._reviewed(row, synthetic=made.task.synthetic, made=made)
        return self._masked(row, made), parsed.id is not None

    def _with_system(self, parsed: Parsed) -> Parsed:
        system = self._settings.system
        if not system or any(turn["role"] == "system" for turn in parsed.prompt):
            return parsed
        return parsed._replace(prompt=[{"role": "system", "content": system}, *parsed.prompt])

    def _check(self, parsed: Parsed) -> None:
        if fault := self._rules.fault(parsed):
            raise BadRow(fault.code, fault.reason)

    def _reviewed(self, row: dict[str, Any], *, synthetic: bool, made: "Made") -> dict[str, Any]:
        """The row as its reviewer left it; put into the queue for review if it belongs there.

        Raises:
            BadRow: a reviewer rejected it, nobody saw it who has to, or an edit broke it.
        """
        share = self._settings.review.sample
        if self._job.queue_all or "origin" in row or sampled(row, share):
            entry = queued(row, made.split_name(row, self._shares), share)
            made.queue.append(Entry(GONE, entry.to_line().encode("utf-8")))
        found = self._reviews.apply(row, synthetic=synthetic)
        if found.verdict == "edited":
            says = told(found.row)
            self._check(parse({"messages": says} if "messages" in found.row else says, None))
        if found.verdict:
            made.reviewed[found.verdict] += 1
        return found.row

    def _masked(self, row: dict[str, Any], made: "Made") -> dict[str, Any]:
        if not self._finder or self._public(self._finder, row):
            return row
        kinds: Counter[str] = Counter()
        masked = dict(row)
        for name in SAID:
            if name in row:
                found, turns = scan_messages(self._finder, row[name])
                kinds.update(found)
                masked[name] = turns
        made.private.extend(kinds.items())
        if not kinds or self._action == "report":
            return row
        if self._action == "drop":
            raise BadRow("private_data", ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())))
        return masked

    def _public(self, finder: Finder, row: dict[str, Any]) -> bool:
        """Whether nothing private is in plain turns, as in most rows: then there is nothing to count and mask."""
        turns = (turn for name in SAID if name in row for turn in row[name])
        return all(not turn.get("tool_calls") and not finder.find(turn["content"]) for turn in turns)

    def _cleaned(self, made: "Made") -> Cleaned:
        task, rows = made.task, made.rows
        facts, bands, traces = fingerprints(rows, near=self._near)
        facts["file"] = task.file
        facts["nameless"] = np.logical_not(made.named)
        names = [template_of(row) for row in rows]
        templates = sorted(set(names))
        facts["template"] = [templates.index(name) for name in names]
        facts["split"] = [made.split(row, self._shares) for row in rows]
        if self._tokens and rows:
            facts["tokens"] = self._counted(self._tokens, rows)
        labelled = zip(facts["label"], rows, strict=True) if task.split != REPLAY else ()
        labels = {int(label): answer_text(row) for label, row in labelled if label}
        lines = [(dump_json(row) + "\n").encode("utf-8") for row in rows]
        made.rows = []  # they go as lines
        return Cleaned(made, lines, facts, bands, traces, templates, labels)

    def _counted(self, tokens: TokenCounter, rows: list[dict[str, Any]]) -> list[int]:
        texts = [[said(turn) for turn in (*prompt_of(row), *answers_of(row)[0])] for row in rows]
        counts = iter(tokens.count([text for said_texts in texts for text in said_texts]))
        return [sum(next(counts) for _ in said_texts) for said_texts in texts]


def _row(parsed: Parsed, raw: RawRow) -> dict[str, Any]:
    row: dict[str, Any] = {"source": {"file": raw.file, "line": raw.line}}
    if parsed.kind == "chat":
        row["messages"] = [*parsed.prompt, *parsed.answers[0]]
    elif parsed.kind == "preference":
        row |= {"prompt": parsed.prompt, "chosen": parsed.answers[0], "rejected": parsed.answers[1]}
    else:
        row |= {"prompt": parsed.prompt, "completion": parsed.answers[0], "label": parsed.label}
    if parsed.tools:
        row["tools"] = parsed.tools
    key = prompt_key(parsed.prompt)
    row["id"] = parsed.id or digest(key, answer_text(row))
    row["family"] = parsed.family or digest(key)
    return row


def template_of(row: dict[str, Any]) -> str:
    """How a row is put together, in words: rows of one dataset should agree."""
    prompt, answer = prompt_of(row), answer_text(row).strip()
    system = "a system turn" if prompt and prompt[0]["role"] == "system" else "no system turn"
    form = "a JSON object as answer" if answer[:1] == "{" and answer[-1:] == "}" else "plain text as answer"
    asked = (turn["content"] for turn in prompt if turn["role"] == "user")
    framed = any(":" in text and FRAMES.search(text) for text in asked)  # all of them have a colon
    return f"{system}, {form}" + (", marks like ### Instruction: in the prompt" if framed else "")


def _origin(content: Any) -> dict[str, Any]:
    try:
        origin = Origin.model_validate(content.get("origin"))
    except ValidationError as fault:
        raise BadRow("origin_missing", f"origin: {explain(fault)}") from None
    return origin.model_dump(mode="json", exclude_none=True)


def _writable(content: Any) -> str:
    """The content as JSON text; as a JSON string where JSON cannot hold it (1e999, nested too deep)."""
    try:
        return dump_json(content)
    except RecursionError:
        return dump_json("(nested too deep to write)")
    except ValueError:
        return dump_json(ascii(content)[:1000])
