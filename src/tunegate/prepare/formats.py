"""Understand one raw row, whichever format it has. docs/data.md shows the formats.

A row that no format fits raises BadRow with a code and a reason for a person; the caller makes it a reject.
"""

from collections.abc import Callable
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any, NamedTuple

from tunegate.core.data_settings import Columns, FormatName, Prepare
from tunegate.prepare.badrow import BadRow, kind_of
from tunegate.prepare.pairs import Sides, is_transcript, pair, transcripts
from tunegate.prepare.tool_calls import tools_of
from tunegate.prepare.turns import Turn, side_of, text_of, turns_of, with_system
from tunegate.records.example import Kind

__all__ = ["BadRow", "Parsed", "format_for", "parse"]

QUESTIONS = (("prompt", "completion"), ("prompt", "response"), ("question", "answer"), ("question", "response"))
ANSWERS = ("output", "response")  # beside `instruction`; the other names are those of Dolly
EXTRA = ("input", "context")
LABELS = ("label_text", "label", "category")  # beside `text`


# The keys of each format, the first that fits holds; of each set one key must be there.
KEYS: tuple[tuple[FormatName, tuple[set[str], ...]], ...] = (
    ("preference", ({"chosen"}, {"rejected"})),
    ("chat", ({"messages"},)),
    ("sharegpt", ({"conversations"},)),
    ("feedback", ({"prompt"}, {"completion"}, {"label"})),
    *[("completion", ({question}, {answer})) for question, answer in QUESTIONS],
    ("alpaca", ({"instruction"}, set(ANSWERS))),
    ("columns", ({"text"}, set(LABELS))),
)


class Parsed(NamedTuple):
    """A row understood. The turns are canonical: the fields of `Message`, those that say nothing left out.

    `answers` has one list of turns, or two: chosen, rejected. `prompt` is what comes before them.
    """

    form: FormatName
    kind: Kind
    prompt: list[Turn]
    answers: list[list[Turn]]
    label: bool | None
    tools: list[dict[str, Any]] | None
    id: str | None
    family: str | None


class _Body(NamedTuple):
    kind: Kind
    prompt: list[Turn]
    answers: list[list[Turn]]
    label: bool | None = None


def format_for(settings: Prepare, name: str) -> tuple[FormatName | None, Columns | None]:
    """What params.yaml says of the file `name`: its format (None: look at each row) and its columns."""
    for entry in settings.formats:
        if fnmatchcase(name, entry.files):
            return entry.format, entry.columns or (settings.columns if entry.format == "columns" else None)
    return None, settings.columns


def parse(content: Any, columns: Columns | None, form: FormatName | None = None) -> Parsed:
    """Understand one row. A format or columns that params.yaml names come before what can be guessed.

    Raises:
        BadRow: no object, no known format, or its turns are not as they should be.
    """
    if not isinstance(content, dict):
        raise BadRow("data_type", f"expected an object, found {kind_of(content)}")
    form = form or detect(content, columns)
    body = FORMS[form](content, columns)
    if "system" in content or "system_prompt" in content:
        body = body._replace(prompt=with_system(content, body.prompt))
    tools = tools_of(content) if "tools" in content or "functions" in content else None
    named = columns.family if columns and form == "columns" else None
    family = _word(content.get(named)) if named else _family(content)
    return Parsed(form, *body, tools, _word(content.get("id")), family)


def detect(content: dict[str, Any], columns: Columns | None) -> FormatName:
    """The format by the keys that say something; if none fits, by all keys.

    Raises:
        BadRow: `format_unknown`.
    """
    if columns and columns.prompt in content:
        return "columns"
    said = frozenset(key for key, value in content.items() if value is not None)
    form = _by_keys(said, columns is None) or _by_keys(frozenset(content), columns is None)
    if form == "preference" and "prompt" not in said and is_transcript(content):
        return "transcript"
    if form:
        return form
    found = ", ".join(sorted(map(str, content)))[:200] or "nothing"
    raise BadRow(
        "format_unknown",
        f"found the keys {found}; expected those of a format in docs/data.md, or what prepare.columns names",
    )


@lru_cache(maxsize=1024)
def _by_keys(keys: frozenset[str], labels: bool) -> FormatName | None:  # noqa: FBT001 - cached, so by position
    """The first format whose keys are there; `labels`: whether text and label count as one."""
    for form, choices in KEYS:
        if all(keys & choice for choice in choices) and (labels or form != "columns"):
            return form
    return None


def _chat(content: dict[str, Any], _columns: Columns | None) -> _Body:
    return _conversation(content, "messages")


def _sharegpt(content: dict[str, Any], _columns: Columns | None) -> _Body:
    return _conversation(content, "conversations")


def _conversation(content: dict[str, Any], key: str) -> _Body:
    turns = turns_of(content.get(key), key)
    if turns[-1]["role"] != "assistant":
        if all(turn["role"] != "assistant" for turn in turns):
            raise BadRow("example_missing_assistant_message", f"{key}: no turn of the assistant")
        raise BadRow("role_order", f"{key}: the last turn is of the {turns[-1]['role']}, so there is no answer to it")
    if len(turns) == 1:
        raise BadRow("role_order", f"{key}: begins with the assistant; expected (system) user assistant, in turn")
    return _Body("chat", turns[:-1], [turns[-1:]])


def _alpaca(content: dict[str, Any], _columns: Columns | None) -> _Body:
    instruction = text_of(content.get("instruction"), "instruction")
    extra = next((text_of(content[key], key) for key in EXTRA if content.get(key) not in (None, "")), "")
    question = f"{instruction}\n\n{extra}" if extra else instruction
    answer = next((key for key in ANSWERS if content.get(key) is not None), ANSWERS[0])
    prompt = [*_history(content.get("history")), {"role": "user", "content": question}]
    return _Body("chat", prompt, [_said(content, answer)])


def _history(value: Any) -> list[Turn]:
    """LLaMA-Factory's key for earlier turns: a list of pairs."""
    turns = []
    for said in value or ():
        if not isinstance(said, list) or len(said) != 2:
            raise BadRow("missing_messages_list", "history: expected a list of pairs, question and answer")
        turns += [{"role": "user", "content": text_of(said[0], "history")},
                  {"role": "assistant", "content": text_of(said[1], "history")}]  # fmt: skip
    return turns


def _completion(content: dict[str, Any], _columns: Columns | None) -> _Body:
    question, answer = next((p for p in QUESTIONS if p[0] in content and p[1] in content), QUESTIONS[0])
    prompt = side_of(content.get(question), "user", question)
    if question == "question" and content.get("context") not in (None, ""):
        prompt[-1]["content"] += f"\n\n{text_of(content['context'], 'context')}"
    said = _said(content, answer)
    return _Body("chat", [*prompt, *said[:-1]], [said[-1:]])


def _columns(content: dict[str, Any], columns: Columns | None) -> _Body:
    if columns is None:
        label = next((key for key in LABELS if content.get(key) is not None), LABELS[1])
        columns = Columns(prompt="text", answer=label)
    if columns.chosen and columns.rejected:
        return _pair(pair(content.get(columns.prompt), content.get(columns.chosen), content.get(columns.rejected)))
    prompt = side_of(content.get(columns.prompt), "user", columns.prompt)
    answer = columns.answer or ""
    said = _said(content, answer)
    if columns.label:
        return _Body("feedback", prompt, [said], _liked(content.get(columns.label), columns.label))
    return _Body("chat", [*prompt, *said[:-1]], [said[-1:]])


def _feedback(content: dict[str, Any], _columns: Columns | None) -> _Body:
    prompt = side_of(content.get("prompt"), "user", "prompt")
    return _Body("feedback", prompt, [_said(content, "completion")], _liked(content.get("label"), "label"))


def _preference(content: dict[str, Any], _columns: Columns | None) -> _Body:
    return _pair(pair(content.get("prompt"), content.get("chosen"), content.get("rejected")))


def _transcript(content: dict[str, Any], _columns: Columns | None) -> _Body:
    return _pair(transcripts(content))


def _pair(sides: Sides) -> _Body:
    return _Body("preference", sides[0], [sides[1], sides[2]])


FORMS: dict[FormatName, Callable[[dict[str, Any], Columns | None], _Body]] = {
    "chat": _chat,
    "sharegpt": _sharegpt,
    "alpaca": _alpaca,
    "completion": _completion,
    "columns": _columns,
    "preference": _preference,
    "transcript": _transcript,
    "feedback": _feedback,
}


def _said(content: dict[str, Any], key: str) -> list[Turn]:
    """The answer under `key`: text, a label that is a number, or turns that end with the assistant's."""
    if (value := content.get(key)) is None:
        raise BadRow("example_missing_assistant_message", f"{key}: nothing there")
    said = side_of(_label_text(value), "assistant", key)
    if said[-1]["role"] != "assistant":
        raise BadRow("example_missing_assistant_message", f"{key}: its last turn is not the assistant's")
    return said


def _label_text(value: Any) -> Any:
    """A label that is a number is its digits."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else value


def _liked(value: Any, key: str) -> bool:
    """Whether a person liked an answer; tables have true, false, 1 and 0 as text."""
    known = {"true": True, "1": True, "false": False, "0": False}
    if isinstance(value, bool | int | str) and (found := known.get(str(value).strip().lower())) is not None:
        return found
    raise BadRow("label_invalid", f"{key}: expected true or false, found {str(value)[:40] or 'nothing'}")


def _family(content: dict[str, Any]) -> str | None:
    about = content.get("metadata")
    return (_word(about.get("family")) if isinstance(about, dict) else None) or _word(content.get("family"))


def _word(value: Any) -> str | None:
    return str(value).strip() or None if isinstance(value, str | int) else None
