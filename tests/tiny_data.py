"""Prepared data small enough for unit tests: what `prepare` would write, a few rows a split."""

import json
from pathlib import Path

from tunegate.core.files import write_text
from tunegate.records.example import Example, Message, Source, write_examples

PRODUCTS = ("camera", "router", "laptop", "phone")
SCHEMA = {"type": "object", "required": ["product"], "properties": {"product": {"enum": list(PRODUCTS)}}}


def example(split: str, at: int) -> Example:
    """A ticket and its JSON answer; four rows make a family."""
    product, priority = PRODUCTS[at % 4], ("low", "high")[at % 2]
    return Example(
        id=f"{split}-{at:04d}",
        messages=(
            Message(role="user", content=f"{'Please help. ' * (at % 3)}The {product} {at} of {split} is late."),
            Message(role="assistant", content=json.dumps({"product": product, "priority": priority})),
        ),
        family=f"{split}-family-{at // 4}",
        source=Source(file=f"{split}/rows.jsonl", line=at + 1),
    )


def general(at: int) -> Example:
    """A general row for replay."""
    return Example(
        id=f"general-{at:04d}",
        messages=(
            Message(role="user", content=f"Is {at} a number?"),
            Message(role="assistant", content="yes"),
        ),
        family=f"yes-{at % 5}",
        source=Source(file="train/general.jsonl", line=at + 1),
    )


def make_tiny_data(folder: Path, *, train: int = 24, held_out: int = 8, replay: int = 12) -> Path:
    """Write train, validation, test, replay and schema.json to `folder`."""
    for split, count in (("train", train), ("validation", held_out), ("test", held_out)):
        write_examples(folder / f"{split}.jsonl", [example(split, at) for at in range(count)])
    write_examples(folder / "replay.jsonl", [general(at) for at in range(replay)])
    write_text(folder / "schema.json", json.dumps(SCHEMA))
    return folder
