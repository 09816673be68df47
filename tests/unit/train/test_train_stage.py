"""Training on a tiny model: same seed, same bytes; a resumed run ends where an uninterrupted one does."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file
from tiny_data import make_tiny_data

from tunegate.core.errors import ModelError
from tunegate.core.files import digest_tree
from tunegate.core.settings import Base, Train
from tunegate.train import checkpoints, stage
from tunegate.train.stage import train

SETTINGS = Train(rank=8, alpha=16, learning_rate=0.01, epochs=2, batch_size=6, replay=0.5, dropout=0.1)
Run = Callable[..., Path]


@pytest.fixture
def run(tiny_base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(tiny_base, "base")
    data = make_tiny_data(Path("data"))

    def call(name: str = "one", **changes: Any) -> Path:
        settings = SETTINGS.model_copy(update=changes)
        said: list[str] = []
        train(data, Base(model="base"), settings, adapter=Path(name, "adapter"), record=Path(name), say=said.append)
        Path(name, "said").write_text("\n".join(said))
        return Path(name)

    return call


def record_of(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "record.json").read_text()))


def curves_of(folder: Path) -> list[str]:
    return [(folder / name).read_text() for name in ("train.csv", "validation.csv")]


def test_an_adapter_has_two_files_and_no_path_of_this_machine(run: Run) -> None:
    folder = run()
    assert sorted(p.name for p in (folder / "adapter").iterdir()) == [
        "adapter_config.json",
        "adapter_model.safetensors",
    ]
    config = json.loads((folder / "adapter" / "adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == "base"
    assert config["target_modules"] == sorted(config["target_modules"])
    assert str(Path.cwd()) not in (folder / "adapter" / "adapter_config.json").read_text()
    assert not Path(".cache").exists() or not any(Path(".cache/training").glob("*"))


def test_the_record_says_how_it_was_made(run: Run) -> None:
    folder = run()
    record = record_of(folder)
    assert record["adapter"] == digest_tree(folder / "adapter")
    assert record["rows"] == {"task": 24, "replay": 12, "validation": 8}
    assert record["steps"] == 12
    assert record["loss"]["validation_last"] < record["loss"]["train_first"]
    assert {"torch", "trl", "python"} <= set(record["libraries"])
    for name in ("train.csv", "validation.csv"):
        curve = (folder / name).read_text().splitlines()
        assert curve[0] == "step,loss"
        assert curve[-1].startswith("12,")


def test_the_same_seed_gives_the_same_bytes(run: Run) -> None:
    one, two, other = run("one"), run("two"), run("three", seed=2)
    assert digest_tree(one / "adapter") == digest_tree(two / "adapter") != digest_tree(other / "adapter")
    assert curves_of(one) == curves_of(two)


def test_a_resumed_run_ends_as_an_uninterrupted_one(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = run("whole")
    marked = checkpoints.mark

    def killed(checkpoint: Path) -> None:
        marked(checkpoint)
        half = shutil.copytree(checkpoint, checkpoint.with_name("checkpoint-9"))
        (half / "optimizer.pt").write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr("tunegate.train.trainer.mark", killed)
    with pytest.raises(KeyboardInterrupt):
        run("resumed")
    monkeypatch.setattr("tunegate.train.trainer.mark", marked)
    resumed = run("resumed")
    assert "goes on from checkpoint-6" in (resumed / "said").read_text()
    assert record_of(resumed)["resumed_from_step"] == 6
    assert record_of(resumed)["loss"] == record_of(whole)["loss"]
    assert curves_of(resumed) == curves_of(whole)
    assert digest_tree(resumed / "adapter") == digest_tree(whole / "adapter")


def test_a_full_fine_tune_is_a_whole_model(run: Run) -> None:
    folder = run(method="full", learning_rate=0.001) / "adapter"
    assert {"config.json", "model.safetensors", "tokenizer.json", "chat_template.jinja"} <= {
        path.name for path in folder.iterdir()
    }
    base = load_file("base/model.safetensors")
    tuned = load_file(folder / "model.safetensors")
    assert base.keys() == tuned.keys()
    assert any(not base[name].equal(tuned[name]) for name in base)


def test_a_loss_that_is_no_number_is_an_error() -> None:
    with pytest.raises(ModelError, match="the loss is no number at step 2"):
        stage._finite([{"step": 1, "loss": 1.0}, {"step": 2, "eval_loss": float("nan")}])
