"""What the page is told of a row: plain data, which the page puts into text nodes only."""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Any

from tunegate.records.example import Kind
from tunegate.records.review import Decision
from tunegate.records.review_queue import QueuedRow
from tunegate.review.diff import pieces
from tunegate.review.edits import Field, fields
from tunegate.web.json_style import shown, style_of

# Direction marks and overrides, zero-width signs, control characters: they change what a person sees, or are not seen.
UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]"
)


def shown_row(row: QueuedRow, number: int, past: Sequence[Decision]) -> dict[str, Any]:
    """Row `number` (from 0) as it stands after the decisions `past`."""
    counts = past[-1] if past and past[-1].verdict != "withdrawn" else None
    now = counts.row if counts and counts.row else row.row
    before = list(fields(row.kind, row.row))
    texts = [field.turn["content"] for field in before]
    return {
        "number": number,
        "id": row.id,
        "content": row.content,
        "version": len(past),
        "kind": row.kind,
        "split": row.split,
        "file": row.file,
        "line": row.line,
        "synthetic": row.synthetic,
        "sampled": row.sampled,
        "flags": [*row.flags, *unseen_characters(texts)],
        "origin": row.origin.model_dump(mode="json", exclude_none=True) if row.origin else None,
        "fields": [_field(old, new) for old, new in zip(before, fields(row.kind, now), strict=True)],
        "label": now.get("label"),
        "label_before": row.row.get("label"),
        "characters": sum(map(len, texts)),
        "words": sum(len(text.split()) for text in texts),
        "decision": shown_decision(counts) if counts else None,
        "history": [shown_decision(decision) for decision in past],
    }


def shown_decision(decision: Decision) -> dict[str, Any]:
    """A decision without the row it holds."""
    return decision.model_dump(mode="json", include={"verdict", "reviewer", "at", "reason"})


def changes(kind: Kind, before: dict[str, Any], after: dict[str, Any]) -> dict[str, list[tuple[str, str]]]:
    """What an edit changed in each field that it changed."""
    both = zip(fields(kind, before), fields(kind, after), strict=True)
    return {old.name: _pieces(old, new) for old, new in both if old.turn != new.turn}


def unseen_characters(texts: Sequence[str]) -> list[str]:
    """A flag for each kind of character that a reviewer cannot see."""
    found = Counter(sign for text in texts for sign in UNSEEN.findall(text))
    return [
        f"unseen character U+{ord(sign):04X} {unicodedata.name(sign, 'control').lower()} ({count})"
        for sign, count in sorted(found.items())
    ]


def _field(old: Field, new: Field) -> dict[str, Any]:
    calls = new.turn.get("tool_calls")
    text = new.turn["content"]
    return {
        "name": new.name,
        "part": new.name.partition(".")[0],
        "role": new.turn["role"],
        "speaker": new.turn.get("name"),
        "answer": new.answer,
        "text": shown(text),
        "json": style_of(text) is not None,
        "calls": json.dumps(calls, indent=2, ensure_ascii=False) if calls else None,
        "pieces": _pieces(old, new) if old.turn != new.turn else None,
    }


def _pieces(old: Field, new: Field) -> list[tuple[str, str]]:
    return [(piece.kind, piece.text) for piece in pieces(shown(old.turn["content"]), shown(new.turn["content"]))]
