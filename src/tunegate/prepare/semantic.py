"""Duplicates by meaning: rows whose static word vectors point the same way. Optional; needs an encoder on this machine.

Static vectors (one a token, averaged: model2vec, WordLlama) cost microseconds a row and need no torch. They do not see
the order of words: a threshold below 0.9 drops rows that only share their subject.
"""

from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tunegate.core.data_settings import Semantic
from tunegate.core.errors import DataError
from tunegate.prepare.facts import LABEL_LENGTH
from tunegate.prepare.near import Pair
from tunegate.prepare.rowtext import answer_key, answer_text, prompt_of, said
from tunegate.prepare.table import Table

Vectors = npt.NDArray[np.float32]
MOST = 100_000  # rows; each is held against each, so the time grows with the square
BLOCK = 1024
NEXT = "pip install wordllama==0.4.0.post1, or name a model2vec folder in prepare.duplicates.semantic.encoder"


class Encoder:
    """Averages a table of token vectors."""

    def __init__(self, tokenizer: Path, weights: Path) -> None:
        """Read the tokenizer (tokenizers' JSON) and the one matrix (tokens x dimensions) of a safetensors file."""
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        matrices = [value for value in load_file(weights).values() if value.ndim == 2]
        if len(matrices) != 1:
            raise DataError(f"{weights}: expected one matrix of token vectors, found {len(matrices)}", next_step=NEXT)
        self._vectors: Vectors = matrices[0].astype(np.float32)

    @classmethod
    def load(cls, name: str) -> "Encoder":
        """The encoder that `name` names: `wordllama` (a package with its weights) or a folder.

        Raises:
            DataError: it is not on this machine.
        """
        if name == "wordllama":
            spec = find_spec("wordllama")
            if spec is None or spec.origin is None:
                raise DataError("the encoder wordllama is not installed", next_step=NEXT)
            home = Path(spec.origin).parent
            return cls(*_one(home / "tokenizers", "*.json"), *_one(home / "weights", "*.safetensors"))
        return cls(*_one(Path(name), "tokenizer.json"), *_one(Path(name), "*.safetensors"))

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, texts x dimensions; zero for a text without tokens."""
        found = np.zeros((len(texts), self._vectors.shape[1]), dtype=np.float32)
        for start in range(0, len(texts), BLOCK):
            coded = self._tokenizer.encode_batch(list(texts[start : start + BLOCK]), add_special_tokens=False)
            for at, one in enumerate(coded, start):
                if one.ids:
                    found[at] = self._vectors[one.ids].mean(axis=0)
        lengths = np.linalg.norm(found, axis=1, keepdims=True)
        return (found / np.where(lengths > 0, lengths, 1)).astype(np.float32)


def _one(folder: Path, pattern: str) -> list[Path]:
    found = sorted(folder.glob(pattern))
    if not found:
        raise DataError(f"{folder / pattern}: no such file", next_step=NEXT)
    return found[:1]


def semantic_pairs(table: Table, settings: Semantic, splits: Sequence[int]) -> list[Pair]:
    """Pairs of kept rows of one split that ask the same and answer the same, each by cosine.

    Prompts and answers are compared apart: a label of many words would make all short prompts under it alike. A short
    answer or an object must be the same: vectors do not tell 30 from 50.

    Raises:
        DataError: the encoder is missing, or there are more rows than can be held against each other.
    """
    encoder = Encoder.load(settings.encoder)
    return [pair for split in splits for pair in _pairs(table, encoder, split, settings.threshold)]


def _pairs(table: Table, encoder: Encoder, split: int, least: float) -> Iterator[Pair]:
    rows = table.alive(split)
    if len(rows) > MOST:
        raise DataError(
            f"semantic duplicates are looked for among at most {MOST:,} rows, there are {len(rows):,}",
            next_step="set prepare.duplicates.semantic to null; near-duplicates are found in any number of rows",
        )
    texts = [table.row(number) for number in rows.tolist()]
    prompts = encoder.encode([_asked(row) for row in texts])
    answers = encoder.encode([answer_text(row) for row in texts])
    keys = [answer_key(row) for row in texts]
    exact = [len(key) <= LABEL_LENGTH or answer_text(row)[:1] in "{[" for key, row in zip(keys, texts, strict=True)]
    for start in range(0, len(rows), BLOCK):
        cosines = prompts[start : start + BLOCK] @ prompts.T
        for at, other in np.argwhere(cosines >= least).tolist():
            one, alike = start + at, float(cosines[at, other])
            if one < other and keys[one] != keys[other]:
                alike = 0.0 if exact[one] or exact[other] else min(alike, float(answers[one] @ answers[other]))
            if one < other and alike >= least:
                yield Pair(int(rows[one]), int(rows[other]), alike)


def _asked(row: dict[str, Any]) -> str:
    return " ".join(said(turn) for turn in prompt_of(row) if turn["role"] != "system")
