"""What a clean row says, whatever its kind, for comparing: its prompt, its answer. Rows are their JSON objects here."""

from collections.abc import Sequence
from typing import Any

from tunegate.core.files import dump_json, parse_json
from tunegate.prepare.normalise import normal
from tunegate.records.example import Kind

Turns = Sequence[dict[str, Any]]


def kind_of(row: dict[str, Any]) -> Kind:
    """The kind of a row, by what it holds."""
    return "chat" if "messages" in row else "preference" if "chosen" in row else "feedback"


def prompt_of(row: dict[str, Any]) -> Turns:
    """The turns that the model is given."""
    found: Turns = row["messages"][:-1] if "messages" in row else row["prompt"]
    return found


def answers_of(row: dict[str, Any]) -> list[Turns]:
    """The ways to go on: one, or chosen and rejected."""
    if "messages" in row:
        return [row["messages"][-1:]]
    return [row["chosen"], row["rejected"]] if "chosen" in row else [row["completion"]]


def said(turn: dict[str, Any]) -> str:
    """The text of a turn, its tool calls included."""
    calls = turn.get("tool_calls")
    return f"{turn['content']} {dump_json(calls)}" if calls else str(turn["content"])


def prompt_key(turns: Turns) -> str:
    """What two prompts must share to be the same: the normalised texts of all turns."""
    return "\n".join(normal(said(turn)) for turn in turns)


def asked(turns: Turns) -> str:
    """The prompt's key without the system turn: what is asked, whoever the model is told to be."""
    return prompt_key([turn for turn in turns if turn["role"] != "system"])


def answer_key(row: dict[str, Any]) -> str:
    """The normalised answers; of feedback also whether it was liked."""
    texts = [prompt_key(turns) for turns in answers_of(row)]
    return "\n".join([*texts, str(row["label"])] if "label" in row else texts)


def compared(line: bytes) -> tuple[str, str]:
    """Normalised prompt (without the system turn) and answer of a row as it is stored."""
    row = parse_json(line.decode("utf-8"))
    return asked(prompt_of(row)), answer_key(row)


def answer_text(row: dict[str, Any]) -> str:
    """The answers as they stand."""
    return "\n".join(said(turn) for turns in answers_of(row) for turn in turns)


def where(row: dict[str, Any]) -> str:
    """File and line of the raw row."""
    return f"{row['source']['file']}:{row['source']['line']}"


def told(row: dict[str, Any]) -> Any:
    """What a review is bound to and may edit: a chat's messages, or the parts of another kind of row."""
    if "messages" in row:
        return row["messages"]
    return {name: row[name] for name in ("prompt", "chosen", "rejected", "completion", "label") if name in row}
