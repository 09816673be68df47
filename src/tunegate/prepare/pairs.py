"""Preference pairs in the three ways they are published, and their common prompt."""

import re
from typing import Any

from tunegate.prepare.badrow import BadRow
from tunegate.prepare.turns import Turn, side_of, text_of, turns_of

SPEAKER = re.compile(r"(?:\A\s*|\n\n)(Human|Assistant):")
ROLE = {"Human": "user", "Assistant": "assistant"}
Sides = tuple[list[Turn], list[Turn], list[Turn]]  # the prompt, chosen, rejected


def is_transcript(content: dict[str, Any]) -> bool:
    """Whether both sides are whole transcripts as in hh-rlhf."""
    return all(
        isinstance(content.get(key), str) and (found := SPEAKER.match(content[key])) and found[1] == "Human"
        for key in ("chosen", "rejected")
    )


def transcripts(content: dict[str, Any]) -> Sides:
    r"""Two texts `\n\nHuman: ...\n\nAssistant: ...` that begin alike.

    Raises:
        BadRow: no such text, or nothing in common.
    """
    sides = [transcript(text_of(content.get(key), key), key) for key in ("chosen", "rejected")]
    return shared(sides[0], sides[1])


def transcript(text: str, key: str) -> list[Turn]:
    """The turns of one transcript.

    Raises:
        BadRow: `format_unknown`: it does not begin with a speaker.
    """
    before, *parts = SPEAKER.split(text)
    if before.strip() or not parts:
        raise BadRow("format_unknown", f"{key}: no transcript: it does not begin with Human: or Assistant:")
    return [
        {"role": ROLE[speaker], "content": said.strip()} for speaker, said in zip(parts[::2], parts[1::2], strict=True)
    ]


def pair(prompt: Any, chosen: Any, rejected: Any) -> Sides:
    """A pair whose prompt is given, or stands at the beginning of both sides.

    Raises:
        BadRow: a side cannot be read, or the prompts differ (`prompt_mismatch`).
    """
    sides = side_of(chosen, "assistant", "chosen"), side_of(rejected, "assistant", "rejected")
    whole = [side[0]["role"] != "assistant" for side in sides]
    if any(whole):
        asked, better, worse = shared(*sides)
        _same_prompt(prompt, asked)
        return asked, better, worse
    if prompt is None:
        raise BadRow("format_unknown", "no prompt: neither the key prompt nor turns before the answers")
    return _asked(prompt), *sides


def _asked(prompt: Any) -> list[Turn]:
    """The prompt's turns; a text may be a transcript that ends where the assistant is to speak."""
    if isinstance(prompt, str) and SPEAKER.match(prompt) and prompt.rstrip().endswith("Assistant:"):
        *turns, last = transcript(prompt, "prompt")
        if turns and not last["content"]:
            return turns
    return side_of(prompt, "user", "prompt")


def shared(chosen: list[Turn], rejected: list[Turn]) -> Sides:
    """Cut both where they part, at the latest before the last turn; the answers begin with the assistant.

    Raises:
        BadRow: `prompt_mismatch`: they part at a turn that is not the assistant's, or at once.
    """
    least = min(len(chosen), len(rejected))
    at = next((n for n in range(least) if chosen[n] != rejected[n]), least)
    if at == least and len(chosen) == len(rejected):
        at -= 1  # the same to the end
    if at in (0, least) or {chosen[at]["role"], rejected[at]["role"]} != {"assistant"}:
        said = f"chosen and rejected part at turn {at + 1}, where both should answer the prompt that they share"
        raise BadRow("prompt_mismatch", said)
    return chosen[:at], chosen[at:], rejected[at:]


def _same_prompt(prompt: Any, asked: list[Turn]) -> None:
    """Published sets give the prompt a second time, as text or as turns: it must be the one that the sides share."""
    if prompt is None:
        return
    said = {turn["content"].strip() for turn in asked}
    given = [prompt] if isinstance(prompt, str) else [turn["content"] for turn in turns_of(prompt, "prompt")]
    if not all(text.strip() in said for text in given):
        raise BadRow("prompt_mismatch", "the prompt is not what chosen and rejected begin with")
