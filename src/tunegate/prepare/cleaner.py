"""One row's way through everything that needs no other row: parse, validate, review, mask; what is left gets its facts.

It runs in worker processes, a chunk of raw rows at a time.
"""

import re
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from tunegate.core.data_settings import Prepare
from tunegate.core.files import dump_json
from tunegate.prepare.facts import SPLITS, TRAIN, Facts, Fingerprint
from tunegate.prepare.fingerprints import Hashes
from tunegate.prepare.formats import BadRow, Parsed, format_for, parse
from tunegate.prepare.normalise import digest
from tunegate.prepare.private import Finder
from tunegate.prepare.private_rows import scan_messages
from tunegate.prepare.readers import Chunk, RawRow
from tunegate.prepare.reviews import Reviews
from tunegate.prepare.rowtext import answer_text, answers_of, prompt_key, prompt_of, said, told
from tunegate.prepare.splits import Shares
from tunegate.prepare.tokens import TokenCounter
from tunegate.prepare.validate import Rules, load_schema
from tunegate.records.base import explain
from tunegate.records.example import Origin

# What frames a prompt in a text: rows that have it follow another template than rows that have not.
FRAMES = re.compile(r"^#{2,3} ?(?:Instruction|Input|Response|Human|Assistant)s?:|^(?:Human|Assistant|User): ", re.MULTILINE)


class Job(NamedTuple):
    """What a worker must know; small, since it is sent with each chunk."""

    settings: Prepare
    schema: Path | None
    tokenizer: Path | None
    decisions: Path | None
    shares: Shares
    system: bool = True  # whether `settings.system` and the other rules of the task hold: not for general rows


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


class Cleaned(NamedTuple):
    """What became of a chunk. `lines`, `facts` and `bands` have one entry for each row that is still there."""

    file: int
    rows: int
    formats: Counter[str]
    rejects: list[Reject]
    lines: list[bytes]
    facts: Facts
    bands: Hashes
    templates: list[str]
    labels: dict[int, str]
    private: list[tuple[str, int]]


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
        self._settings = job.settings
        tokens = TokenCounter.load(job.tokenizer) if job.tokenizer else None
        self._tokens = tokens if job.settings.max_tokens else None
        self._rules = Rules(job.settings, load_schema(job.schema) if job.schema else None, tokens)
        self._finder = Finder(job.settings.private) if job.settings.private.kinds else None
        self._reviews = Reviews.load(job.decisions, required=job.settings.review.required)
        self._shares = job.shares
        self._print = Fingerprint(near=job.settings.duplicates.near is not None)

    def clean(self, task: Task) -> Cleaned:
        """All rows of a chunk."""
        rows: list[dict[str, Any]] = []
        rejects: list[Reject] = []
        formats: Counter[str] = Counter()
        private: list[tuple[str, int]] = []
        raw_rows = task.chunk.rows()
        for raw in raw_rows:
            found = self._take(raw, task, formats, private)
            if isinstance(found, Reject):
                rejects.append(found)
            else:
                rows.append(found)
        return self._cleaned(task, len(raw_rows), rows, rejects, formats, private)

    def _take(
        self, raw: RawRow, task: Task, formats: Counter[str], private: list[tuple[str, int]]
    ) -> dict[str, Any] | Reject:
        try:
            if raw.code:
                raise BadRow(raw.code, raw.reason)
            form, columns = format_for(self._settings, raw.file)
            parsed = self._with_system(parse(raw.content, columns, form))
            formats[parsed.form] += 1
            self._check(parsed)
            row = self._row(parsed, raw)
            if task.synthetic:
                row["origin"] = _origin(raw.content)
            row = self._reviewed(row, raw, columns, synthetic=task.synthetic, replay=SPLITS[task.split] == "replay")
            return self._masked(row, private)
        except BadRow as fault:
            return Reject(raw.line, fault.code, fault.reason, _writable(raw.content))

    def _with_system(self, parsed: Parsed) -> Parsed:
        system = self._settings.system
        if not system or any(turn["role"] == "system" for turn in parsed.prompt):
            return parsed
        return parsed._replace(prompt=[{"role": "system", "content": system}, *parsed.prompt])

    def _check(self, parsed: Parsed) -> None:
        if fault := self._rules.fault(parsed):
            raise BadRow(fault.code, fault.reason)

    def _row(self, parsed: Parsed, raw: RawRow) -> dict[str, Any]:
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

    def _reviewed(
        self, row: dict[str, Any], raw: RawRow, columns: Any, *, synthetic: bool, replay: bool
    ) -> dict[str, Any]:
        """The row as its reviewer left it.

        Raises:
            BadRow: a reviewer rejected it, nobody saw it who has to, or an edit broke it.
        """
        if replay:
            return row
        edited = self._reviews.apply(row, synthetic=synthetic)
        if edited is row:
            return row
        parsed = parse(told(edited) if "messages" not in edited else {"messages": edited["messages"]}, columns=None)
        self._check(parsed)
        del raw, columns
        return edited

    def _masked(self, row: dict[str, Any], private: list[tuple[str, int]]) -> dict[str, Any]:
        if not self._finder:
            return row
        action, kinds = self._settings.private.action, Counter[str]()
        masked = dict(row)
        for name in ("messages", "prompt", "chosen", "rejected", "completion"):
            if name in row:
                found, turns = scan_messages(self._finder, row[name])
                kinds.update(found)
                masked[name] = turns
        private.extend(kinds.items())
        if not kinds or action == "report":
            return row
        if action == "drop":
            raise BadRow("private_data", ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())))
        return masked

    def _cleaned(
        self,
        task: Task,
        read: int,
        rows: list[dict[str, Any]],
        rejects: list[Reject],
        formats: Counter[str],
        private: list[tuple[str, int]],
    ) -> Cleaned:
        facts, bands = self._print.facts(rows)
        facts["file"] = task.file
        names = [template_of(row) for row in rows]
        templates = sorted(set(names))
        facts["template"] = [templates.index(name) for name in names]
        facts["split"] = [self._shares.split(task.split, row["family"], synthetic=task.synthetic) for row in rows]
        if self._tokens and rows:
            facts["tokens"] = self._counted(self._tokens, rows)
        labels = {
            int(label): answer_text(row)
            for label, row in zip(facts["label"], rows, strict=True)
            if label and task.split != SPLITS.index("replay")
        }
        lines = [(dump_json(row) + "\n").encode("utf-8") for row in rows]
        return Cleaned(task.file, read, formats, rejects, lines, facts, bands, templates, labels, private)

    def _counted(self, tokens: TokenCounter, rows: list[dict[str, Any]]) -> list[int]:
        texts = [[said(turn) for turn in (*prompt_of(row), *answers_of(row)[0])] for row in rows]
        counts = iter(tokens.count([text for said_texts in texts for text in said_texts]))
        return [sum(next(counts) for _ in said_texts) for said_texts in texts]


def template_of(row: dict[str, Any]) -> str:
    """How a row is put together, in words: rows of one dataset should agree."""
    prompt, answer = prompt_of(row), answer_text(row).strip()
    system = "a system turn" if prompt and prompt[0]["role"] == "system" else "no system turn"
    form = "a JSON object as answer" if answer[:1] == "{" and answer[-1:] == "}" else "plain text as answer"
    framed = any(FRAMES.search(turn["content"]) for turn in prompt if turn["role"] == "user")
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


__all__ = ["TRAIN", "Cleaned", "Cleaner", "Job", "Reject", "Task", "clean", "template_of"]
