"""The traps of lm-eval that this project found are closed: caches, first documents, mislabelled ones, dead adapters."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from tunegate.core.errors import DataError
from tunegate.core.files import write_text
from tunegate.core.settings import Base, General
from tunegate.evaluate.general import Measurement, draw, measure_general
from tunegate.models.adapter import attach
from tunegate.models.base import load_base

CHOICES = """
task: tiny_choice
dataset_path: json
dataset_kwargs: {data_files: {test: tasks/choice.jsonl}}
test_split: test
output_type: multiple_choice
doc_to_text: "{{question}}"
doc_to_choice: "{{choices}}"
doc_to_target: "{{gold}}"
num_fewshot: 0
metric_list: [{metric: acc, aggregation: mean, higher_is_better: true}]
metadata: {version: 1}
"""
SETTINGS = General(tasks=("tiny_choice",), documents=6, seed=3)


@pytest.fixture(scope="module")
def place(tiny_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a base and the task, entered for all tests of this module."""
    folder = tmp_path_factory.mktemp("general")
    shutil.copytree(tiny_base, folder / "base")
    rows = [
        {"question": f"Number {at}?", "choices": ["yes", "no", "may be", "never"][: 2 + 2 * (at % 2)], "gold": at % 2}
        for at in range(20)
    ]
    write_text(folder / "tasks" / "choice.yaml", CHOICES)
    write_text(folder / "tasks" / "choice.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("HF_DATASETS_CACHE", str(folder / "hub"))
        yield folder


@pytest.fixture(scope="module")
def before(place: Path) -> Measurement:
    """The base, measured once."""
    return measured(load_base(Base(model=str(place / "base"))))


def measured(loaded: Any) -> Measurement:
    return measure_general(loaded, Base(model="base"), SETTINGS, Path("tasks"))


def test_documents_are_drawn_and_carry_their_own_names(before: Measurement) -> None:
    """`limit` would take the first six; an unsorted `samples` would mislabel them."""
    found = [(entry["doc_id"], int(entry["doc"]["question"].split()[1].rstrip("?"))) for entry in before.logged]
    assert len(found) == 6
    assert all(label == number for label, number in found)
    wanted = draw(20, SETTINGS)
    assert sorted(label for label, _ in found) == wanted == sorted(wanted)
    assert wanted != list(range(6))


def test_chance_is_one_over_the_number_of_choices(before: Measurement) -> None:
    counts = [len(entry["doc"]["choices"]) for entry in before.logged]
    assert set(counts) == {2, 4}
    assert before.tasks[0].chance == pytest.approx(sum(1 / count for count in counts) / 6)


def test_an_adapter_is_heard_and_nothing_is_cached_between_models(place: Path, before: Measurement) -> None:
    """lm-eval's cache of answers does not know its model; an adapter that is not applied would score as the base."""
    from peft import LoraConfig, get_peft_model

    base = Base(model="base")
    torch.manual_seed(1)
    config = LoraConfig(r=8, target_modules="all-linear", init_lora_weights=False, task_type="CAUSAL_LM")
    get_peft_model(load_base(base).model, config).save_pretrained("adapter")
    after = measured(attach(load_base(base), place / "adapter"))
    plain = [entry["filtered_resps"] for entry in before.logged]
    assert plain != [entry["filtered_resps"] for entry in after.logged], "log-probabilities of another model"
    again = measured(load_base(base))
    assert [entry["filtered_resps"] for entry in again.logged] == plain
    assert before.tasks[0].must_match == after.tasks[0].must_match
    left = {path.suffix for path in place.rglob("*") if path.is_file()}
    assert not left & {".db", ".sqlite", ".pickle"}, "no cache of requests or answers"


def test_a_metric_that_is_better_when_lower_is_refused(place: Path) -> None:
    """The gate reads a task's first metric as higher-is-better: a worse model would pass."""
    text = CHOICES.replace("tiny_choice", "tiny_lower").replace("higher_is_better: true", "higher_is_better: false")
    write_text(place / "tasks" / "lower.yaml", text)
    settings = General(tasks=("tiny_lower",), documents=6, seed=3)
    with pytest.raises(DataError, match="acc is better when lower"):
        measure_general(load_base(Base(model=str(place / "base"))), Base(model="base"), settings, Path("tasks"))
