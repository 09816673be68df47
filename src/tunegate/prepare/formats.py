"""Understand one raw row, whichever format it has, as its prompt and its answers.

A row that no format fits raises BadRow with a code and a reason for a person; the caller keeps it as a reject.
"""

from collections.abc import Callable
from fnmatch import fnmatch
from typing import Any, NamedTuple

from tunegate.core.data_settings import Columns, FormatName, Prepare
from tunegate.prepare.badrow import BadRow, kind
from tunegate.prepare.pairs import Sides, preference, transcript
from tunegate.prepare.turns import Turn, chat_turns, tools_of
from tunegate.records.example import Kind

# Two columns by names that people use: prompt and answer.
COLUMNS = (("text", "label"), ("text", "category"), ("question", "answer"), ("input", "output"), ("question", "response"))
Reader = Callable[[dict[str, Any]], Sides]


class Parsed(NamedTuple):
    """A row understood. `prompt`: the turns before the answer; `answers`: one way to go on, or chosen and rejected.

    Turns have the fields of `records.example.Message`, those that say nothing left out; `label` only of feedback.
    """

    form: FormatName
    kind: Kind
    prompt: list[Turn]
    answers: list[list[Turn]]
    label: bool | None = None
    tools: list[Turn] | None = None
    id: str | None = None
    family: str | None = None


def format_for(settings: Prepare, name: str) -> tuple[FormatName | None, Columns | None]:
    """The format and columns that params.yaml names for a file: of the first pattern that fits."""
    for rule in settings.formats:
        if fnmatch(name, rule.files):
            return rule.format, rule.columns or settings.columns
    return None, settings.columns


def parse(content: Any, columns: Columns | None, form: FormatName | None = None) -> Parsed:
    """Understand one row. What params.yaml names comes before what can be guessed.

    Raises:
        BadRow: no known format, or one with faults; says what was found.
    """
    if not isinstance(content, dict):
        raise BadRow("data_type", f"expected an object, found {kind(content)}")
    named = form or ("columns" if columns and columns.prompt in content else guess(content, columns))
    sides = _columns(content, columns) if named == "columns" else READERS[named](content)
    label = _label(content, columns) if named == "feedback" or (columns and columns.label) else None
    one: Kind = "feedback" if label is not None else "preference" if len(sides.answers) > 1 else "chat"
    if not sides.answers or not all(sides.answers):
        raise BadRow("example_missing_assistant_message", "no answer of the assistant")
    family = content.get(columns.family) if columns and columns.family else _family(content)
    return Parsed(
        named, one, sides.prompt, sides.answers, label, tools_of(content), _word(content.get("id")), _word(family)
    )


def guess(content: dict[str, Any], columns: Columns | None = None) -> FormatName:
    """The format that a row's keys tell.

    Raises:
        BadRow: none.
    """
    if "chosen" in content and "rejected" in content:
        whole = isinstance(content["chosen"], str) and content["chosen"].lstrip().startswith("Human:")
        return "transcript" if whole and "prompt" not in content else "preference"
    if "messages" in content:
        return "chat"
    if "conversations" in content:
        return "sharegpt"
    if "prompt" in content and "completion" in content:
        return "feedback" if "label" in content else "completion"
    if "instruction" in content and ("output" in content or "response" in content):
        return "alpaca"
    if columns is None and any(one in content and other in content for one, other in COLUMNS):
        return "columns"
    found = ", ".join(sorted(map(str, content)))[:200] or "nothing"
    wanted = "messages, conversations, instruction, prompt, chosen and rejected, or text and label"
    raise BadRow("format_unknown", f"found the keys {found}; expected {wanted}, or what prepare.columns names")


def _ends(turns: list[Turn]) -> Sides:
    """A chat ends with the answer to learn; what stands after the last assistant turn is a fault of order."""
    if not any(turn["role"] == "assistant" for turn in turns):
        raise BadRow("example_missing_assistant_message", "no turn of the assistant")
    return Sides(turns[:-1], [turns[-1:]])


def _chat(content: dict[str, Any]) -> Sides:
    return _ends(chat_turns(content["messages"]))


def _sharegpt(content: dict[str, Any]) -> Sides:
    rows = content["conversations"]
    spelled = isinstance(rows, list) and rows and isinstance(rows[0], dict) and "role" in rows[0]
    names = ("role", "content") if spelled else ("from", "value")
    turns = chat_turns(rows, role=names[0], text=names[1], where="conversations")
    return _ends([*_system(content), *turns])


def _system(content: dict[str, Any]) -> list[Turn]:
    said = content.get("system")
    return [{"role": "system", "content": said}] if isinstance(said, str) and said.strip() else []


def _alpaca(content: dict[str, Any]) -> Sides:
    instruction = _text(content, "instruction")
    extra = next((name for name in ("input", "context") if content.get(name) not in (None, "")), None)
    question = f"{instruction}\n\n{_text(content, extra)}" if extra else instruction
    past = [turn for one in content.get("history") or () for turn in _exchange(one)]
    answer = _text(content, "output" if "output" in content else "response")
    return Sides([*_system(content), *past, _user(question)], [[_assistant(answer)]])


def _exchange(one: Any) -> list[Turn]:
    if not isinstance(one, list) or len(one) != 2 or not all(isinstance(text, str) for text in one):  # noqa: PLR2004
        raise BadRow("missing_content", "history: expected pairs of texts")
    return [_user(one[0]), _assistant(one[1])]


def _completion(content: dict[str, Any]) -> Sides:
    if isinstance(content["prompt"], list) or isinstance(content["completion"], list):
        prompt = chat_turns(content["prompt"], where="prompt")
        return Sides(prompt, [chat_turns(content["completion"], where="completion")])
    return Sides([*_system(content), _user(_text(content, "prompt"))], [[_assistant(_text(content, "completion"))]])


def _columns(content: dict[str, Any], columns: Columns | None) -> Sides:
    if columns is None:
        found = next(((one, other) for one, other in COLUMNS if one in content and other in content), None)
        if found is None:
            raise BadRow("format_unknown", "no two columns of known names; prepare.columns can name them")
        return Sides([_user(_text(content, found[0]))], [[_assistant(_text(content, found[1]))]])
    answers = [columns.answer] if columns.answer else [columns.chosen, columns.rejected]
    return Sides(
        [_user(_text(content, columns.prompt))], [[_assistant(_text(content, name))] for name in answers if name]
    )


READERS: dict[FormatName, Reader] = {
    "chat": _chat,
    "sharegpt": _sharegpt,
    "alpaca": _alpaca,
    "completion": _completion,
    "feedback": _completion,
    "preference": preference,
    "transcript": transcript,
}


def _label(content: dict[str, Any], columns: Columns | None) -> bool:
    name = columns.label if columns and columns.label else "label"
    value = content.get(name)
    words = {"true": True, "false": False, "1": True, "0": False}
    found = words.get(str(value).strip().lower()) if isinstance(value, str | int) else None
    if found is None:
        raise BadRow("label_invalid", f"{name}: expected true or false, found {kind(value)}")
    return found


def _text(content: dict[str, Any], key: str) -> str:
    value = content.get(key)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)  # a column of numbered classes
    if not isinstance(value, str):
        raise BadRow("missing_content", f"{key}: expected text, found {kind(value)}")
    return value


def _user(text: str) -> Turn:
    return {"role": "user", "content": text}


def _assistant(text: str) -> Turn:
    return {"role": "assistant", "content": text}


def _family(content: dict[str, Any]) -> Any:
    about = content.get("metadata")
    return (_word(about.get("family")) if isinstance(about, dict) else None) or content.get("family")


def _word(value: Any) -> str | None:
    return str(value).strip() or None if isinstance(value, str | int) and not isinstance(value, bool) else None
