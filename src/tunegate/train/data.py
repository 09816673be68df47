"""Rows to train on: the task's, general rows mixed in, as token ids with labels on the answers only."""

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tunegate.core.errors import DataError
from tunegate.core.settings import Train
from tunegate.records.example import Example, read_examples

IGNORED = -100  # torch's cross-entropy leaves this label out


class Row(NamedTuple):
    """One chat as the trainer takes it."""

    input_ids: list[int]
    labels: list[int]


class Rows(NamedTuple):
    """What is trained on and what the loss is watched on."""

    train: list[Row]
    validation: list[Row]
    task_rows: int
    replay_rows: int

    @property
    def tokens(self) -> int:
        """Tokens of one epoch, padding not counted."""
        return sum(len(row.input_ids) for row in self.train)


def load_rows(data: Path, settings: Train, tokenizer: Any) -> Rows:
    """Read the clean splits and mix in `replay`.

    Raises:
        DataError: a split is empty, there are too few general rows, or rows are longer than `max_length`.
    """
    task = _split(data / "train.jsonl")
    replay = choose_replay(read_examples(data / "replay.jsonl"), len(task), settings)
    return Rows(
        train=encode((*task, *replay), tokenizer, settings.max_length),
        validation=encode(_split(data / "validation.jsonl"), tokenizer, settings.max_length),
        task_rows=len(task),
        replay_rows=len(replay),
    )


def _split(path: Path) -> tuple[Example, ...]:
    examples = read_examples(path)
    if not examples:
        raise DataError(f"{path}: no rows", next_step="run `dvc repro prepare` and read build/report")
    return examples


def choose_replay(general: Sequence[Example], task_rows: int, settings: Train) -> list[Example]:
    """Draw `replay` times as many general rows as there are task rows, seeded, none twice."""
    wanted = round(settings.replay * task_rows)
    if wanted > len(general):
        raise DataError(
            f"train.replay {settings.replay} asks for {wanted} general rows, there are {len(general)}",
            next_step=f"lower replay to {len(general) / task_rows:.2f} or add rows to datasets/general",
        )
    return random.Random(settings.seed).sample(list(general), wanted)  # noqa: S311 - a draw, no secret


def encode(examples: Sequence[Example], tokenizer: Any, max_length: int) -> list[Row]:
    """Token ids by the chat template; a label on each token of the answers, their stop tokens included.

    A row that is too long is an error, not cut: a cut answer has no stop token and teaches the model not to stop.
    """
    chats = [[message.plain() for message in example.messages] for example in examples]
    coded = tokenizer.apply_chat_template(chats, return_dict=True, return_assistant_tokens_mask=True)
    rows = [_row(ids, said) for ids, said in zip(coded["input_ids"], coded["assistant_masks"], strict=True)]
    _hold(examples, rows, max_length)
    return rows


def _row(ids: list[int], said: list[int]) -> Row:
    return Row(ids, [token if answer else IGNORED for token, answer in zip(ids, said, strict=True)])


def _hold(examples: Sequence[Example], rows: Sequence[Row], max_length: int) -> None:
    long = [example.id for example, row in zip(examples, rows, strict=True) if len(row.input_ids) > max_length]
    if long:
        raise DataError(
            f"{len(long)} rows have more than {max_length} tokens (train.max_length): {', '.join(long[:3])}...",
            next_step="raise train.max_length, or shorten or remove these rows",
        )
    mute = [ex.id for ex, row in zip(examples, rows, strict=True) if all(label == IGNORED for label in row.labels)]
    if mute:
        raise DataError(
            f"{len(mute)} rows have no token to train on: {', '.join(mute[:3])}...",
            next_step="check the {% generation %} marks of the chat template on these rows",
        )
