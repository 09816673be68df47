"""Published files, read as they are: every row is understood without a word of configuration, or has its code."""

import os
import shutil
from collections import Counter
from pathlib import Path

import pytest

from tunegate.core.data_settings import Columns, Prepare
from tunegate.prepare.formats import BadRow, Parsed, parse
from tunegate.prepare.readers import data_files, read_rows
from tunegate.prepare.validate import Rules

pytestmark = pytest.mark.real_data
EXPECTED = {
    "banking77-train.csv": {"columns": 10_003},
    "banking77-test.csv": {"columns": 3_080},
    "gsm8k-train.jsonl": {"completion": 7_473},
    "gsm8k-test.jsonl": {"completion": 1_319},
    "sharegpt-dummy.json": {"sharegpt": 500},
    # An answer that is empty, or two turns of one speaker: so they were published.
    "hh-rlhf-harmless-test.jsonl.gz": {"transcript": 2_299, "role_order": 9, "empty_answer": 4},
}


def understood(tmp_path: Path, name: str, columns: Columns | None = None) -> tuple[Counter[str], list[Parsed]]:
    """How many rows have which format or code, and the rows that are sound."""
    (tmp_path / "train").mkdir()
    shutil.copy(Path(os.environ["TUNEGATE_REAL_DATA"]) / name, tmp_path / "train" / name)
    rules = Rules(Prepare(), None, None)
    counts: Counter[str] = Counter()
    sound = []
    (file,) = data_files(tmp_path, "train")
    for row in read_rows(file):
        try:
            parsed = parse(row.content, columns)
        except BadRow as bad:
            counts[bad.code] += 1
            continue
        fault = rules.fault(parsed)
        counts[fault.code if fault else parsed.form] += 1
        if not fault:
            sound.append(parsed)
    return counts, sound


@pytest.mark.parametrize("name", EXPECTED)
def test_every_row_of_a_published_file_is_understood(tmp_path: Path, name: str) -> None:
    assert understood(tmp_path, name)[0] == EXPECTED[name]


def test_banking77_is_the_same_with_the_mapping_that_the_docs_name(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    mapped = understood(tmp_path / "one", "banking77-train.csv", Columns(prompt="text", answer="category"))[1]
    assert mapped == understood(tmp_path, "banking77-train.csv")[1]
    assert len({parsed.answers[0][0]["content"] for parsed in mapped}) == 77


def test_the_pairs_of_hh_rlhf_share_their_prompt_and_part_at_an_answer(tmp_path: Path) -> None:
    sound = understood(tmp_path, "hh-rlhf-harmless-test.jsonl.gz")[1]
    for parsed in sound:
        assert parsed.prompt[-1]["role"] == "user"
        assert [side[0]["role"] for side in parsed.answers] == ["assistant", "assistant"]
        assert parsed.answers[0] != parsed.answers[1]


def test_conversations_of_sharegpt_keep_all_their_turns(tmp_path: Path) -> None:
    sound = understood(tmp_path, "sharegpt-dummy.json")[1]
    assert sum(len(parsed.prompt) + 1 for parsed in sound) == 2_000
    assert len({parsed.id for parsed in sound}) == 500
