"""`tunegate review export KEY FILE`: rows and decisions as Label Studio tasks, and the labelling set-up beside them.

A task's `data` names the row (`id`, `content`) and shows it; its `annotations` are the standing decisions, a reviewer
each, oldest first. Label Studio knows neither our reviewers nor our times: each result carries them in `meta`, with a
digest of what was decided: an annotation that somebody changes there is no longer the first reviewer's.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from tunegate.core.files import dump_json, write_json, write_text
from tunegate.records.example import Kind
from tunegate.records.review import PLACE, Decision, content_hash, read_decisions
from tunegate.records.review_queue import QueuedRow
from tunegate.review.edits import edited, fields
from tunegate.review.queue import Rows, open_queue
from tunegate.web.json_style import shown

VERDICTS = ("approved", "edited", "rejected")
LIKED = {True: "liked", False: "not liked"}
# The answers of a kind: the name of its text in a task, and the field that takes an edit of it.
ANSWERS: dict[Kind, dict[str, str]] = {
    "chat": {"answer": "edit"},
    "preference": {"chosen": "edit_chosen", "rejected": "edit_rejected"},
    "feedback": {"answer": "edit"},
}


def export(root: Path, key: str, rows: Rows, out: Path) -> str:
    """Write the tasks to `out` and the labelling set-up beside it (`.xml`); return what was done in words.

    Raises:
        DataError: no queue or no row in scope, or a broken decision.
    """
    queue = open_queue(root, key, rows)
    past: dict[tuple[str, str], list[Decision]] = {}
    for decision in read_decisions(root / "datasets" / key / PLACE):
        past.setdefault((decision.id, decision.content), []).append(decision)
    tasks = []
    for number, entry in enumerate(queue.entries):
        tasks.append(task(queue.read(number), standing(past.get((entry.id, entry.content), ()))))
    kind = queue.read(0).kind
    queue.close()
    config = out.with_suffix(".xml")
    write_json(out, tasks)
    write_text(config, labelling(kind))
    return f"{out}: {len(tasks)} tasks; {config}: the labelling set-up of the project that takes them"


def standing(past: Sequence[Decision]) -> list[Decision]:
    """The newest word of each reviewer on a row, oldest first; none if the last of all took the decision back."""
    if not past or past[-1].verdict == "withdrawn":
        return []
    words: dict[str, Decision] = {}
    for decision in past:
        words.pop(decision.reviewer, None)
        words[decision.reviewer] = decision
    return [decision for decision in words.values() if decision.verdict != "withdrawn"]


def task(row: QueuedRow, decisions: Iterable[Decision]) -> dict[str, Any]:
    """One row as a task."""
    texts = answers(row)
    turns = [
        {"role": field.turn["role"], "content": _with_calls(field.turn)}
        for field in fields(row.kind, row.row)
        if not field.answer
    ]
    data = {
        "id": row.id,
        "content": row.content,
        "turns": turns or [{"role": "", "content": ""}],
        **texts,
        "source": f"{row.file}:{row.line} ({row.split}{', synthetic' if row.synthetic else ''})",
        "flags": "; ".join(row.flags),
    }
    if row.kind == "feedback":
        data["label"] = LIKED[bool(row.row["label"])]
    annotations = [_annotation(row, decision) for decision in decisions]
    return {"data": data, "annotations": annotations, "predictions": [] if annotations else [_prefilled(row, texts)]}


def answers(row: QueuedRow) -> dict[str, str]:
    """The texts of a row's answers as they are shown, by the name that they have in a task."""
    found = {field.name: shown(field.turn["content"]) for field in fields(row.kind, row.row) if field.answer}
    return dict(zip(ANSWERS[row.kind], found.values(), strict=True))


def answer_fields(row: QueuedRow) -> dict[str, str]:
    """For each field of an edit in Label Studio the row's own field."""
    found = [field.name for field in fields(row.kind, row.row) if field.answer]
    return dict(zip(ANSWERS[row.kind].values(), found, strict=True))


def stamp(decision: Decision) -> str:
    """A digest of what was decided, whoever and whenever."""
    return content_hash({"verdict": decision.verdict, "reason": decision.reason, "row": decision.row})


def _with_calls(turn: dict[str, Any]) -> str:
    calls = turn.get("tool_calls")
    return f"{turn['content']}\n{dump_json(calls)}" if calls else str(turn["content"])


def _annotation(row: QueuedRow, decision: Decision) -> dict[str, Any]:
    at = decision.model_dump(mode="json")["at"]
    meta = {"tunegate": {"reviewer": decision.reviewer, "at": at, "stamp": stamp(decision)}}
    to = next(iter(ANSWERS[row.kind]))
    results = [_result("verdict", to, "choices", [decision.verdict])]
    if decision.reason:
        results.append(_result("reason", to, "text", [decision.reason]))
    if decision.row:
        results += _edit(row, decision.row)
    return {"result": [{**result, "meta": meta} for result in results], "created_at": at, "was_cancelled": False}


def _prefilled(row: QueuedRow, texts: dict[str, str]) -> dict[str, Any]:
    """The answers in the fields that take an edit: a person amends them instead of typing them anew."""
    results = [_result(edit, text, "text", [texts[text]]) for text, edit in ANSWERS[row.kind].items()]
    return {"model_version": row.origin.teacher if row.origin else "as it stands", "result": results}


def _edit(row: QueuedRow, after: dict[str, Any]) -> list[dict[str, Any]]:
    """The answers that an edit changed; where it changed more than them, the whole row, too."""
    to = {name: target for target, name in ANSWERS[row.kind].items()}
    own = {name: field.turn["content"] for field in fields(row.kind, after) for name in [field.name]}
    texts = {name: shown(own[place]) for name, place in answer_fields(row).items()}
    label = bool(after["label"]) if row.kind == "feedback" else None
    changed = [name for name, text in texts.items() if text != answers(row)[to[name]]]
    results = [_result(name, to[name], "text", [texts[name]]) for name in changed]
    if label is not None:
        results.append(_result("label", "answer", "choices", [LIKED[label]]))
    typed = {place: texts[name] for name, place in answer_fields(row).items()}
    if edited(row.kind, row.row, typed, label) != after:
        results.append(_result("row", next(iter(ANSWERS[row.kind])), "text", [dump_json(after)]))
    return results


def _result(name: str, to: str, kind: str, value: list[str]) -> dict[str, Any]:
    return {
        "from_name": name,
        "to_name": to,
        "type": "choices" if kind == "choices" else "textarea",
        "value": {kind: value},
    }


def labelling(kind: Kind) -> str:
    """The labelling set-up of a project that takes tasks of this kind."""
    texts = ANSWERS[kind]
    first = next(iter(texts))
    lines = ["<View>", '  <Text name="source" value="$source"/>', '  <Text name="flags" value="$flags"/>']
    lines.append('  <Paragraphs name="prompt" value="$turns" layout="dialogue" nameKey="role" textKey="content"/>')
    for text, edit in texts.items():
        lines.append(f"  <Header value={quoteattr(text.capitalize())}/>")
        lines.append(f'  <Text name="{text}" value="${text}"/>')
        lines.append(_area(edit, text, f"The {text} as it should be, if edited", 4))
    if kind == "feedback":
        lines += _choices("label", "answer", tuple(LIKED.values()), required=False)
    lines += _choices("verdict", first, VERDICTS, required=True)
    lines.append(_area("reason", first, "Why it is rejected", 1))
    lines.append(_area("row", first, "The whole row as JSON, only if more than the answer changes", 1))
    return "\n".join([*lines, "</View>", ""])


def _area(name: str, to: str, words: str, rows: int) -> str:
    return (
        f'  <TextArea name="{name}" toName="{to}" rows="{rows}" maxSubmissions="1" editable="true" '
        f"placeholder={quoteattr(words)}/>"
    )


def _choices(name: str, to: str, values: tuple[str, ...], *, required: bool) -> list[str]:
    must = str(required).lower()
    head = f'  <Choices name="{name}" toName="{to}" choice="single" showInline="true" required="{must}">'
    return [head, *(f"    <Choice value={quoteattr(value)}/>" for value in values), "  </Choices>"]
