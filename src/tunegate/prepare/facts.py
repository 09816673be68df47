"""What memory holds of each row while the stage decides: a few numbers, in one array."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tunegate.prepare.fingerprints import SHINGLE, runs
from tunegate.prepare.minhash import BANDS, Hashes, bands
from tunegate.prepare.normalise import key64, normal
from tunegate.prepare.rowtext import answer_key, answer_text, asked, kind_of, prompt_of, said
from tunegate.prepare.traces import pack, traces_of
from tunegate.records.example import KINDS

SPLITS = ("train", "validation", "test", "replay")
TRAIN, VALIDATION, TEST, REPLAY = range(4)
RANK = np.array([2, 1, 0, 3])  # of each split: of two duplicates the one that measures stays
KIND_NAMES = tuple(KINDS)
LABEL_LENGTH = 80  # characters; a longer answer is no label
FACTS = np.dtype([
    ("file", np.int32),
    ("line", np.int64),
    ("id", np.uint64),  # of the row's id
    ("split", np.int8),
    ("kind", np.int8),
    ("template", np.int16),
    ("synthetic", np.bool_),
    ("nameless", np.bool_),  # without an id of its own: of two copies the other one stays
    ("exact", np.uint64),  # of prompt and answer, normalised
    ("prompt", np.uint64),  # of the prompt, system turn included
    ("asked", np.uint64),  # of the prompt without it
    ("family", np.uint64),
    ("system", np.uint64),  # of the system turn; 0: none
    ("label", np.uint64),  # of a short answer as it stands; 0: a long one
    ("raw", np.uint64),  # of the whole text as it stands: it decides which duplicate stays, not their order
    ("prompt_length", np.int32),  # characters
    ("answer_length", np.int32),
    ("tokens", np.int32),  # 0: not counted
])  # fmt: skip
Facts = npt.NDArray[Any]


class Fingerprints(NamedTuple):
    """Of rows: their facts, without those that the caller knows (file, split, template, tokens, nameless), the MinHash
    bands of their texts, and their traces, packed.
    """

    facts: Facts
    bands: Hashes
    traces: list[bytes]


def fingerprints(rows: Sequence[dict[str, Any]], *, near: bool) -> Fingerprints:
    """Fingerprints of a chunk of rows; `near`: whether near-duplicates will be looked for, otherwise bands are zero."""
    prompts = [asked(prompt_of(row)) for row in rows]
    answers = [answer_key(row) for row in rows]
    found = np.array([_facts(*one) for one in zip(rows, prompts, answers, strict=True)], dtype=FACTS)
    traces = traces_of(prompts, answers, [_turns(row) for row in rows])
    banded = np.zeros((len(rows), BANDS), dtype=np.uint64)
    if near:
        banded = bands(*runs(*traces.whole(), SHINGLE, short=True))
    return Fingerprints(found, banded, pack(traces))


def _turns(row: dict[str, Any]) -> list[int]:
    """Keys of the user's turns, where there are several: one alone is the prompt."""
    said_by_user = [turn["content"] for turn in prompt_of(row) if turn["role"] == "user"]
    return [key64([normal(text)]) for text in said_by_user] if len(said_by_user) > 1 else []


def _facts(row: dict[str, Any], key: str, answer: str) -> tuple[Any, ...]:
    prompt = prompt_of(row)
    system = next((turn["content"] for turn in prompt if turn["role"] == "system"), "")
    whole = f"{normal(system)}\n{key}" if system else key
    question = key64([key])
    text, shown = answer_text(row), [said(turn) for turn in prompt]
    label = key64([text]) | 1 if len(text) <= LABEL_LENGTH else 0
    return (
        0, row["source"]["line"], key64([row["id"]]), 0, KIND_NAMES.index(kind_of(row)), 0, "origin" in row, False,
        key64([whole, answer]), key64([whole]) if system else question, question, key64([row["family"]]),
        key64([system]) | 1 if system else 0, label, key64([*shown, text]),
        sum(map(len, shown)), len(text), 0,
    )  # fmt: skip
