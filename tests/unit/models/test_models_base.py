"""A base that cannot be used is refused before anything is computed, with what to do."""

import json
import shutil
from pathlib import Path

import pytest
from tiny_base import make_tiny_base

from tunegate.core.errors import ModelError
from tunegate.core.settings import Base
from tunegate.models.base import base_digest, base_folder, load_base

MARKED = "{% generation %}{{ message['content'] }}<|end|>{% endgeneration %}"


@pytest.fixture
def copy(tiny_base: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_base, tmp_path / "base"))


def test_load(tiny_base: Path) -> None:
    loaded = load_base(Base(model=str(tiny_base), dtype="bfloat16"))
    assert str(loaded.model.dtype) == "torch.bfloat16"
    assert loaded.stops == (loaded.tokenizer.eos_token_id,)
    assert loaded.tokenizer.padding_side == "left"


def test_missing_folder() -> None:
    with pytest.raises(ModelError, match="no/such: no such folder") as caught:
        base_folder(Base(model="no/such"))
    assert "base.revision" in caught.value.next_step


def test_pickled_weights_are_not_loaded(copy: Path) -> None:
    (copy / "model.safetensors").rename(copy / "pytorch_model.bin")
    with pytest.raises(ModelError, match="other formats are not loaded"):
        load_base(Base(model=str(copy)))


def test_cut_weights(copy: Path) -> None:
    weights = copy / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1000])
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_base(Base(model=str(copy)))


def test_no_template(copy: Path) -> None:
    (copy / "chat_template.jinja").unlink()
    with pytest.raises(ModelError, match="has no chat template"):
        load_base(Base(model=str(copy)))


def test_no_generation_marks(copy: Path) -> None:
    (copy / "chat_template.jinja").write_text("{% for m in messages %}{{ m['content'] }}<|end|>{% endfor %}")
    with pytest.raises(ModelError, match="generation %} marks"):
        load_base(Base(model=str(copy)))


def test_stop_token_outside_the_marks(copy: Path) -> None:
    path = copy / "chat_template.jinja"
    moved = MARKED.replace("<|end|>{% endgeneration %}", "{% endgeneration %}<|end|>")
    path.write_text(path.read_text().replace(MARKED, moved))
    with pytest.raises(ModelError, match="does not end in"):
        load_base(Base(model=str(copy)))


def test_no_stop_token(copy: Path) -> None:
    path = copy / "tokenizer_config.json"
    settings = json.loads(path.read_text())
    del settings["eos_token"]
    path.write_text(json.dumps(settings))
    with pytest.raises(ModelError, match="no stop token"):
        load_base(Base(model=str(copy)))


def test_digest_is_of_what_decides(copy: Path, tmp_path: Path) -> None:
    before = base_digest(Base(model=str(copy)))
    (copy / "training_record.json").write_text("{}")
    (copy / "README.md").write_text("words")
    assert base_digest(Base(model=str(copy))) == before
    assert base_digest(Base(model=str(make_tiny_base(tmp_path / "other", seed=2)))) != before
