"""The candidate's recorded answers on the test split, held against the chat template: what a server will be sent."""

from pathlib import Path
from typing import Any, NamedTuple

from tunegate.core.errors import EvidenceError
from tunegate.core.files import parse_json
from tunegate.records.example import Example
from tunegate.records.probe import Check

NEXT_STEP = "run `dvc repro evaluate`; it writes this file"


class Recorded(NamedTuple):
    """One recorded answer of the candidate."""

    id: str
    prompt_text: str
    prompt_tokens: int
    answer: str
    finish_reason: str


def read_recorded(path: Path) -> list[Recorded]:
    """Read the test split's answers from task.jsonl.

    Raises:
        EvidenceError: the file is missing or not what `evaluate` writes.
    """
    try:
        rows = [parse_json(line) for line in path.read_text(encoding="utf-8").split("\n") if line]
        return [Recorded(*(row[name] for name in Recorded._fields)) for row in rows if row["split"] == "test"]
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise EvidenceError(f"{path}: not the candidate's answers: {fault}", next_step=NEXT_STEP) from None


def check_prompts(recorded: list[Recorded], examples: tuple[Example, ...], tokenizer: Any) -> Check:
    """Were the measured prompts, token for token, what the chat template gives a server?"""
    asked = {example.id: example for example in examples}
    wrong = [row.id for row in recorded if row.id not in asked or not _same(row, asked[row.id], tokenizer)]
    return Check(
        name="prompt_tokens_match_template",
        passed=bool(recorded) and not wrong,
        cases=len(recorded),
        detail=f"{len(recorded) - len(wrong)} of {len(recorded)} measured prompts are the template's token for token"
        + (f"; not: {', '.join(wrong[:3])}" if wrong else ""),
        fix="" if not wrong else "train and measure again with the tokenizer that is served",
    )


def _same(row: Recorded, example: Example, tokenizer: Any) -> bool:
    chat = [message.plain() for message in example.prompt]
    served = tokenizer.apply_chat_template(chat, add_generation_prompt=True, return_dict=True)["input_ids"]
    measured = tokenizer(row.prompt_text, add_special_tokens=False)["input_ids"]
    return bool(list(served) == list(measured) and len(measured) == row.prompt_tokens)


def check_stops(recorded: list[Recorded]) -> Check:
    """Did the model end each answer itself, in a stop token that it was trained to write?"""
    endless = [row.id for row in recorded if row.finish_reason != "stop"]
    return Check(
        name="answers_end_in_stop_token",
        passed=bool(recorded) and not endless,
        cases=len(recorded),
        detail=f"{len(recorded) - len(endless)} of {len(recorded)} test answers end in a stop token"
        + (f"; not: {', '.join(endless[:3])}" if endless else ""),
        fix="" if not endless else "train longer, or raise evaluate.max_new_tokens if the answers were cut",
    )
