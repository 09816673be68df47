"""What memory holds of each row while the stage decides: a few numbers, in one array."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tunegate.prepare.fingerprints import BREAK, SHINGLE, flat, runs
from tunegate.prepare.minhash import BANDS, Hashes, bands
from tunegate.prepare.normalise import key64, normal
from tunegate.prepare.rowtext import answer_key, answer_text, asked, kind_of, prompt_of, said
from tunegate.records.example import KINDS

SPLITS = ("train", "validation", "test", "replay")
TRAIN, VALIDATION, TEST, REPLAY = range(4)
KIND_NAMES = tuple(KINDS)
LABEL_LENGTH = 80  # characters; a longer answer is no label
FACTS = np.dtype([
    ("file", np.int32),
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


class Fingerprint:
    """Makes the facts of rows, a chunk at a time."""

    def __init__(self, *, near: bool) -> None:
        """`near`: whether near-duplicates will be looked for."""
        self._near = near

    def facts(self, rows: Sequence[dict[str, Any]]) -> tuple[Facts, Hashes]:
        """Facts (without what the caller knows: file, split, template, tokens, nameless) and MinHash bands of rows."""
        found = np.zeros(len(rows), dtype=FACTS)
        texts = []
        for number, row in enumerate(rows):
            key, answer = asked(prompt_of(row)), answer_key(row)
            found[number] = _facts(row, key, answer)
            if self._near:
                texts.append(f"{key} {BREAK} {answer}")
        if not self._near:
            return found, np.zeros((len(rows), BANDS), dtype=np.uint64)
        shingles, counts = runs(*flat(texts), SHINGLE, short=True)
        return found, bands(shingles, counts)


def _facts(row: dict[str, Any], key: str, answer: str) -> tuple[Any, ...]:
    prompt = prompt_of(row)
    system = next((turn["content"] for turn in prompt if turn["role"] == "system"), "")
    whole = f"{normal(system)}\n{key}" if system else key
    text, shown = answer_text(row), [said(turn) for turn in prompt]
    label = key64([text]) | 1 if len(text) <= LABEL_LENGTH else 0
    return (
        0, 0, KIND_NAMES.index(kind_of(row)), 0, "origin" in row, False,
        key64([whole, answer]), key64([whole]), key64([key]), key64([row["family"]]),
        key64([system]) | 1 if system else 0, label, key64([*shown, text]),
        sum(map(len, shown)), len(text), 0,
    )  # fmt: skip
