"""`tunegate human export|import KEY FILE`: the pairs as Label Studio tasks, and the ratings that were given there.

A task holds what a rater sees and nothing else: no side, no gold. `<Pairwise>` knows no tie, so one stands beside it.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from pydantic import ValidationError

from tunegate.core.files import dump_json, write_json, write_text
from tunegate.human.files import VOTES, files_of, read_pairs, read_votes
from tunegate.records.base import explain
from tunegate.records.human import CRITERIA, QUESTIONS, Marks, Shown, Vote, newest_votes
from tunegate.records.label_studio import Annotation, Loose, Task, in_utc, read_tasks, refuse
from tunegate.web.journal import Journal

EXPORT = "give the JSON export of a Label Studio project made with `tunegate human export`"
CHOICES = ("A", "tie", "B")
SELECTED = {"left": "a", "right": "b"}
# The control for ties of the overall question, beside `<Pairwise>`.
TIE = "overall_tie"


class _Item(Loose):
    item: str


def export(root: Path, key: str, out: Path) -> str:
    """Write the tasks to `out`, ratings so far as annotations, and the labelling set-up beside it (`.xml`).

    Raises:
        DataError: no session, or a broken vote.
    """
    files = files_of(root, key)
    pairs, said = read_pairs(files), newest_votes(read_votes(files))
    tasks = [_task(pair, (vote for vote in said.values() if vote.item == pair.item)) for pair in pairs]
    write_json(out, tasks)
    write_text(out.with_suffix(".xml"), labelling())
    return f"{out}: {len(tasks)} tasks; {out.with_suffix('.xml')}: the labelling set-up of the project that takes them"


def _task(pair: Shown, votes: Iterable[Vote]) -> dict[str, Any]:
    prompt = [{"role": turn.role, "content": turn.text} for turn in pair.prompt]
    data = {"item": pair.item, "prompt": prompt or [{"role": "", "content": ""}], "a": pair.a, "b": pair.b}
    return {"data": data, "annotations": [_annotation(vote) for vote in votes]}


def _annotation(vote: Vote) -> dict[str, Any]:
    at = vote.model_dump(mode="json")["at"]
    meta = {"tunegate": {"rater": vote.rater, "at": at, "marks": dump_json(_plain(vote.marks))}}
    results = list(_results(vote.marks)) if vote.marks else []
    return {"result": [{**result, "meta": meta} for result in results], "created_at": at, "was_cancelled": False}


def _plain(marks: Marks | None) -> dict[str, str]:
    return marks.model_dump(mode="json") if marks else {}


def _results(marks: Marks) -> Iterator[dict[str, Any]]:
    if marks.overall == "tie":
        yield {"from_name": TIE, "to_name": "a", "type": "choices", "value": {"choices": ["tie"]}}
    else:
        side = "left" if marks.overall == "a" else "right"
        yield {"from_name": "overall", "to_name": "a", "type": "pairwise", "value": {"selected": side}}
    for name in CRITERIA:
        said = marks.of(name)
        value = {"choices": [said if said == "tie" else said.upper()]}
        yield {"from_name": name, "to_name": "a", "type": "choices", "value": value}


def labelling() -> str:
    """The labelling set-up of the project that takes the tasks."""
    lines = [
        "<View>",
        '  <Paragraphs name="prompt" value="$prompt" layout="dialogue" nameKey="role" textKey="content"/>',
        '  <Header value="Which answer is better?"/>',
        '  <Pairwise name="overall" toName="a,b"/>',
        '  <View style="display: grid; grid-template-columns: 1fr 1fr; column-gap: 1em">',
        '    <View><Header value="A"/><Text name="a" value="$a"/></View>',
        '    <View><Header value="B"/><Text name="b" value="$b"/></View>',
        "  </View>",
        *_choices(TIE, "Neither is better", ("tie",), required=False),
    ]
    for name in CRITERIA:
        lines += _choices(name, f"{name.capitalize()}: which is better?", CHOICES, required=True)
    return "\n".join([*lines, "</View>", ""])


def _choices(name: str, words: str, values: tuple[str, ...], *, required: bool) -> list[str]:
    must = str(required).lower()
    return [
        f"  <Header value={quoteattr(words)}/>",
        f'  <Choices name="{name}" toName="a" choice="single" showInline="true" required="{must}">',
        *(f"    <Choice value={quoteattr(value)}/>" for value in values),
        "  </Choices>",
    ]


def import_votes(root: Path, key: str, source: Path, rater: str | None = None) -> str:
    """Record the ratings of a Label Studio export: all of them, or none; return what was done in words.

    Args:
        root: the repository.
        key: the adapter.
        source: the export.
        rater: who rated, where Label Studio names only a number.

    Raises:
        DataError: not such a file, or faults in tasks (unknown pair, a question without an answer): all named.
        BusyError: the page is being served.
    """
    files = files_of(root, key)
    items, faults, found = {pair.item for pair in read_pairs(files)}, list[str](), list[Vote]()
    now = datetime.now(UTC)
    for place, task in read_tasks(source, Task[_Item], faults, export=EXPORT):
        if task.data.item not in items:
            faults.append(f"{place}: no pair {task.data.item!r} in this session")
            continue
        found += _votes(place, task, rater, now, faults)
    refuse(source, faults)
    with Journal(files.votes, Vote, next_step=VOTES) as journal:
        standing = newest_votes(tuple(journal.entries))
        last = {(vote.item, vote.rater): vote for vote in sorted(found, key=lambda vote: vote.at)}
        new = [vote for place, vote in last.items() if place not in standing or standing[place].marks != vote.marks]
        journal.append(*new)
    return f"{len(new)} ratings added to {files.votes}; {len(found) - len(new)} were there already"


def _votes(place: str, task: Task[_Item], rater: str | None, now: datetime, faults: list[str]) -> list[Vote]:
    found = []
    for count, annotation in enumerate(task.annotations, 1):
        if annotation.was_cancelled:
            continue
        where = f"{place} ({task.data.item}), annotation {count}"
        marks, missing = _marks(annotation)
        if marks is None:
            faults.append(f"{where}: {missing}")
            continue
        try:
            found.append(_vote(task.data.item, annotation, marks, rater, now))
        except ValidationError as fault:
            faults.append(f"{where}: {explain(fault)}")
    return found


def _marks(annotation: Annotation) -> tuple[Marks | None, str]:
    words = annotation.words()
    said = {name: words.get(name, "").lower() for name in CRITERIA}
    said["overall"] = "tie" if words.get(TIE) else SELECTED.get(words.get("overall", ""), "")
    missing = [name for name in QUESTIONS if said[name] not in {"a", "tie", "b"}]
    if missing:
        return None, f"no answer to {', '.join(missing)}"
    if words.get(TIE) and words.get("overall") in SELECTED:
        return None, "overall is a tie and a side at once"
    return Marks.model_validate(said), ""


def _vote(item: str, annotation: Annotation, marks: Marks, rater: str | None, now: datetime) -> Vote:
    """With the rater and the time of our own export, where nobody changed the marks since."""
    for result in annotation.result:
        ours = result.meta.get("tunegate")
        if isinstance(ours, dict) and ours.get("marks") == dump_json(_plain(marks)):
            vote = Vote.model_validate({"item": item, "rater": ours.get("rater"), "at": ours.get("at"), "marks": marks})
            return vote.model_copy(update={"at": in_utc(vote.at)})
    return Vote(item=item, rater=rater or annotation.who(), at=in_utc(annotation.created_at or now), marks=marks)
