"""What the finder finds in published data. Each hit was looked at by eye: all have the form of what they are found as.

As far as one can see, the e-mail addresses and telephone numbers of hh-rlhf were made up by a model or belong to public
offices; the finder cannot know that, and a person should see them. The other files hold none.
"""

import csv
import gzip
import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tunegate.core.data_settings import Private
from tunegate.prepare.private import Finder

pytestmark = pytest.mark.real_data


def file(name: str) -> Path:
    return Path(os.environ["TUNEGATE_REAL_DATA"]) / name


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from strings(inner)


def texts(name: str) -> list[str]:
    if name.endswith(".csv"):
        with file(name).open(encoding="utf-8", newline="") as stream:
            return [row["text"] for row in csv.DictReader(stream)]
    content = file(name).read_bytes()
    text = (gzip.decompress(content) if name.endswith(".gz") else content).decode("utf-8")
    return list(
        strings(json.loads(text) if name.endswith(".json") else [json.loads(line) for line in text.splitlines()])
    )


def hits(names: tuple[str, ...], region: str | None) -> tuple[Counter[str], set[str]]:
    """How many findings of each kind, and the different strings found."""
    finder = Finder(Private(region=region))
    counts, found = Counter[str](), set()
    for text in (text for name in names for text in texts(name)):
        for kind, start, end in finder.find(text):
            counts[kind] += 1
            found.add(text[start:end])
    return counts, found


PUBLIC = ("banking77-train.csv", "banking77-test.csv", "gsm8k-train.jsonl", "gsm8k-test.jsonl")


@pytest.mark.parametrize("region", [None, "US", "GB", "DE", "FR"])
def test_bank_questions_sums_conversations_and_programs_hold_nothing(region: str | None) -> None:
    names = (*PUBLIC, "sharegpt-dummy.json", "humaneval.jsonl.gz")
    assert sum(len(texts(name)) for name in names) > 30_000
    assert hits(names, region)[0] == {}


def test_the_preference_pairs_hold_addresses_and_numbers() -> None:
    counts, found = hits(("hh-rlhf-harmless-test.jsonl.gz",), None)
    assert (counts, len(found)) == ({"email": 12, "phone": 3}, 9)
    counts, found = hits(("hh-rlhf-harmless-test.jsonl.gz",), "US")
    assert (counts, len(found)) == ({"email": 12, "phone": 17}, 18)
