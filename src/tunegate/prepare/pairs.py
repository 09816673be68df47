"""Preference pairs in their three spellings: explicit prompt, implicit prompt (TRL), two whole transcripts (hh-rlhf)."""

import re
from typing import Any, NamedTuple

from tunegate.prepare.badrow import BadRow, kind
from tunegate.prepare.turns import Turn, chat_turns

SPEAKER = re.compile(r"\n\n(Human|Assistant): ?")
SPOKEN = {"Human": "user", "Assistant": "assistant"}


class Sides(NamedTuple):
    """A prompt and the ways to go on: one, or chosen and rejected."""

    prompt: list[Turn]
    answers: list[list[Turn]]


def preference(content: dict[str, Any]) -> Sides:
    """A pair of texts or of lists of turns, with a prompt of its own or with one that both share.

    Raises:
        BadRow: the two do not share their prompt, or are of two forms.
    """
    chosen, rejected = content["chosen"], content["rejected"]
    prompt = content.get("prompt")
    if isinstance(chosen, str) and isinstance(rejected, str):
        if prompt is None:
            return transcript(content)
        turns = chat_turns(prompt, where="prompt") if isinstance(prompt, list) else [_said("user", prompt, "prompt")]
        return Sides(turns, [[_said("assistant", chosen, "chosen")], [_said("assistant", rejected, "rejected")]])
    sides = [chat_turns(chosen, where="chosen"), chat_turns(rejected, where="rejected")]
    if prompt is None:
        return _shared(sides)
    turns = chat_turns(prompt, where="prompt") if isinstance(prompt, list) else [_said("user", prompt, "prompt")]
    # UltraFeedback and its like give the prompt and repeat it in both sides.
    sides = [side[len(turns) :] if side[: len(turns)] == turns else side for side in sides]
    return Sides(turns, sides)


def transcript(content: dict[str, Any]) -> Sides:
    """Two whole talks as text, `Human:` and `Assistant:` by turns, that part after a shared beginning.

    Raises:
        BadRow: no such text, or nothing is shared.
    """
    return _shared([_spoken(content[name], name) for name in ("chosen", "rejected")])


def _shared(sides: list[list[Turn]]) -> Sides:
    chosen, rejected = sides
    same = 0
    while same < min(len(chosen), len(rejected)) and chosen[same] == rejected[same]:
        same += 1
    # The prompt ends where the assistant speaks: a shared answer that goes on differently belongs to both sides.
    while same and chosen[same - 1]["role"] == "assistant" and same == min(len(chosen), len(rejected)):
        same -= 1
    if not same:
        raise BadRow("prompt_mismatch", "chosen and rejected do not begin with the same turn")
    return Sides(chosen[:same], [chosen[same:], rejected[same:]])


def _spoken(text: Any, name: str) -> list[Turn]:
    if not isinstance(text, str):
        raise BadRow("missing_content", f"{name}: expected text, found {kind(text)}")
    begun = text if text.startswith("\n\n") else f"\n\n{text.lstrip()}"
    before, *parts = SPEAKER.split(begun)
    if before.strip() or not parts:
        raise BadRow("format_unknown", f"{name}: expected a talk that begins with Human:")
    pairs = zip(parts[::2], parts[1::2], strict=True)
    return [{"role": SPOKEN[speaker], "content": said.strip()} for speaker, said in pairs]


def _said(role: str, text: Any, name: str) -> Turn:
    if not isinstance(text, str):
        raise BadRow("missing_content", f"{name}: expected text, found {kind(text)}")
    return {"role": role, "content": text}
