"""Duplicates by meaning, with a small encoder made here: synonyms share a vector."""

import json
from pathlib import Path

import numpy as np
import pytest
from prepare_run import chat, lines, rejects_of, run_prepare
from safetensors.numpy import save_file
from tokenizers import Tokenizer, models, pre_tokenizers

from tunegate.core.data_settings import Prepare
from tunegate.core.errors import DataError

WORDS = {
    "card": 0,
    "lost": 1,
    "my": 2,
    "missing": 3,
    "rate": 4,
    "the": 5,
    "what": 6,
    "is": 7,
    "yes": 8,
    "no": 9,
    "?": 10,
}
SYNONYMS = {"missing": "lost"}


@pytest.fixture
def encoder(tmp_path: Path) -> Path:
    folder = tmp_path / "encoder"
    folder.mkdir()
    tokenizer = Tokenizer(models.WordLevel(WORDS, unk_token="?"))  # noqa: S106 - no password
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    vectors = np.eye(len(WORDS), dtype=np.float32)
    for word, same in SYNONYMS.items():
        vectors[WORDS[word]] = vectors[WORDS[same]]
    save_file({"embeddings": vectors}, folder / "model.safetensors")
    return folder


def lay(home: Path) -> None:
    rows = [("one", "my card is lost", "yes"), ("two", "missing is my card", "yes"),
            ("other answer", "missing is my card", "no"), ("other", "what is the rate", "yes")]  # fmt: skip
    lines(home / "raw/train/a.jsonl", *(chat(asked, said, id=name) for name, asked, said in rows))
    for split in ("validation", "test"):
        lines(home / f"raw/{split}/a.jsonl", chat(f"the {split}", "yes"))
    lines(home / "general/train/a.jsonl", chat("general", "well"))
    lines(home / "tasks/a.jsonl", {"question": "Is water wet at all times?", "answer": "yes"})


def settings(encoder: str) -> Prepare:
    semantic = {"encoder": encoder, "threshold": 0.99}
    return Prepare.model_validate({"max_reject_rate": 0.5, "duplicates": {"semantic": semantic}})


def test_rows_that_mean_the_same_go_and_another_answer_stays(tmp_path: Path, encoder: Path) -> None:
    lay(tmp_path)
    found = run_prepare(tmp_path, settings(str(encoder)))
    gone = [(r["code"], r["row"]["id"]) for r in rejects_of(tmp_path)]
    assert gone in ([("semantic_duplicate", "one")], [("semantic_duplicate", "two")])
    assert found.duplicates.semantic == 1
    assert json.loads((tmp_path / "out/metrics.json").read_text())["key"]["data"]["semantic_duplicates"] == 1


def test_a_long_label_makes_no_prompts_alike_and_numbers_in_objects_count(tmp_path: Path, encoder: Path) -> None:
    lay(tmp_path)
    label, price = (
        "is my card lost is my card lost is my card lost",
        '{"my card": %d, "the rate": "what is what is what is"}',
    )
    rows = [("one", "what is lost", label), ("two", "the card", label),
            ("three", "is my rate the card", price % 30), ("four", "my rate is the card", price % 50)]  # fmt: skip
    lines(tmp_path / "raw/train/a.jsonl", *(chat(asked, said, id=name) for name, asked, said in rows))
    assert run_prepare(tmp_path, settings(str(encoder))).duplicates.semantic == 0


def test_long_answers_may_be_worded_otherwise(tmp_path: Path, encoder: Path) -> None:
    lay(tmp_path)
    long, other = "my card is lost what is the rate " * 5, "what is the rate my card is missing " * 5
    rows = [("one", "my card is lost", long), ("two", "missing is my card", other)]
    lines(tmp_path / "raw/train/a.jsonl", *(chat(asked, said, id=name) for name, asked, said in rows))
    assert run_prepare(tmp_path, settings(str(encoder))).duplicates.semantic == 1


def test_an_encoder_that_is_not_here_is_one_clear_error(tmp_path: Path) -> None:
    lay(tmp_path)
    with pytest.raises(DataError, match=r"no/such/tokenizer\.json: no such file"):
        run_prepare(tmp_path, settings("no/such"))
