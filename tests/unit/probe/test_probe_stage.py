"""The probe passes a sound adapter and catches each kind of broken one."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from tiny_base import make_tiny_base
from tiny_data import make_tiny_data

from tunegate.core.errors import EvidenceError
from tunegate.core.evaluate_settings import Evaluate
from tunegate.core.files import digest_tree
from tunegate.core.settings import Base
from tunegate.evaluate.backends import Local
from tunegate.evaluate.metrics import make_metrics
from tunegate.evaluate.task import Way, measure, read_split, write_outputs
from tunegate.judge.rows import REQUIRED_CHECKS
from tunegate.models.base import load_base
from tunegate.probe.stage import probe
from tunegate.records.probe import ProbeReport

SETTINGS = Evaluate(metrics=("exact_match",), max_new_tokens=4)
NAMES = list(REQUIRED_CHECKS)


@pytest.fixture
def place(tiny_base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A base, data, a random adapter and the recorded answers, all said to have stopped by themselves."""
    from peft import LoraConfig, get_peft_model

    monkeypatch.chdir(tmp_path)
    shutil.copytree(tiny_base, "base")
    make_tiny_data(Path("data"))
    loaded = load_base(Base(model="base"))
    examples = read_split(Path("data"), "test")
    metrics = make_metrics(SETTINGS, Path("data"), Path(__file__).parents[3] / "evals" / "metrics")
    scored = measure(Local(loaded, Base(model="base"), SETTINGS), examples, Way(), metrics)
    stopped = tuple(one._replace(answer=one.answer._replace(reason="stop")) for one in scored.answered)
    write_outputs(Path("outputs/task.jsonl"), {"test": scored._replace(answered=stopped)})
    torch.manual_seed(1)
    config = LoraConfig(r=4, target_modules="all-linear", init_lora_weights=False, task_type="CAUSAL_LM")
    get_peft_model(loaded.model, config).save_pretrained("adapter")
    return tmp_path


def report(adapter: str = "adapter", room: int = 512) -> ProbeReport:
    return probe(Path("data"), Path(adapter), Path("outputs"), base=Base(model="base"), settings=SETTINGS, room=room)


def failed(adapter: str = "adapter", room: int = 512) -> dict[str, str]:
    """What does not hold; each says how to mend it."""
    wrong = [check for check in report(adapter, room).checks if not check.passed]
    assert all(check.fix for check in wrong)
    return {check.name: check.detail for check in wrong}


@pytest.mark.usefixtures("place")
def test_a_sound_adapter() -> None:
    found = report()
    assert [check.name for check in found.checks] == NAMES
    assert failed() == {}
    assert found.adapter == digest_tree(Path("adapter"))


@pytest.mark.usefixtures("place")
def test_a_full_fine_tune_has_the_same_checks() -> None:
    make_tiny_base(Path("tuned"), seed=2)
    found = report("tuned")
    assert [check.name for check in found.checks] == NAMES
    assert all(check.passed for check in found.checks)


def edit(change: Callable[[dict[str, torch.Tensor]], object]) -> None:
    path = Path("adapter/adapter_model.safetensors")
    weights = load_file(path)
    change(weights)
    save_file(weights, path)


@pytest.mark.usefixtures("place")
def test_an_adapter_that_does_nothing() -> None:
    edit(lambda weights: [weights[name].zero_() for name in weights if "lora_B" in name])
    assert set(failed()) == {"adapter_changes_outputs", "adapter_is_live"}


@pytest.mark.usefixtures("place")
def test_weights_that_are_no_numbers() -> None:
    edit(lambda weights: next(iter(weights.values())).fill_(float("nan")))
    assert "adapter_is_live" in failed()


@pytest.mark.usefixtures("place")
def test_tensors_that_vllm_would_skip() -> None:
    def rename(weights: dict[str, torch.Tensor]) -> None:
        name = next(iter(weights))
        weights[name.replace("base_model.model.", "model.")] = weights[name].clone()

    edit(rename)
    assert "1 tensors that vLLM would skip" in failed()["adapter_fits_vllm"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"use_dora": True}, "DoRA"),
        ({"modules_to_save": ["lm_head"]}, "whole modules"),
        ({"bias": "all"}, "bias is 'all'"),
        ({"r": 1024}, "rank 1024 is above 512"),
        ({"rank_pattern": {"q_proj": 513}}, "rank 513"),
        ({"init_lora_weights": "pissa"}, "'pissa'"),
        ({"use_bdlora": {"nblocks": 2}}, "block-diagonal"),
        ({"target_modules": ["q_proj", "fc1"]}, "target fc1 has no weights"),
    ],
)
@pytest.mark.usefixtures("place")
def test_what_vllm_refuses(changes: dict[str, Any], said: str) -> None:
    from tunegate.probe.files import fits_vllm

    path = Path("adapter/adapter_config.json")
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
    check = fits_vllm(Path("adapter"))
    assert not check.passed
    assert said in check.detail


def rewrite(**changes: Any) -> None:
    path = Path("outputs/task.jsonl")
    first, *rest = path.read_text().splitlines()
    path.write_text("\n".join([json.dumps({**json.loads(first), **changes}), *rest]) + "\n")


@pytest.mark.usefixtures("place")
def test_a_prompt_with_other_tokens_than_the_templates() -> None:
    rewrite(prompt_ids=[1, 2, 3])
    assert "7 of 8 prompts" in failed()["prompt_tokens_match_template"]


@pytest.mark.usefixtures("place")
def test_an_answer_that_does_not_end() -> None:
    rewrite(finish_reason="length")
    assert "7 of 8 answers" in failed()["answers_end_in_stop_token"]


@pytest.mark.usefixtures("place")
def test_missing_and_broken_answers() -> None:
    Path("outputs/task.jsonl").write_text("{")
    with pytest.raises(EvidenceError, match="not a file of answers"):
        report()
    Path("outputs/task.jsonl").unlink()
    with pytest.raises(EvidenceError, match="no such file"):
        report()


@pytest.mark.usefixtures("place")
def test_half_a_pair_and_an_empty_one() -> None:
    def harm(weights: dict[str, torch.Tensor]) -> None:
        names = sorted(name for name in weights if ".lora_A." in name)
        del weights[names[0]]
        weights[names[1]].zero_()

    edit(harm)
    found = failed_files()
    assert "has no other half" in found["adapter_fits_vllm"]
    from tunegate.probe.files import dead_tensors

    assert len(dead_tensors(Path("adapter"))) == 1


def failed_files() -> dict[str, str]:
    from tunegate.probe.files import fits_vllm

    check = fits_vllm(Path("adapter"))
    return {} if check.passed else {check.name: check.detail}


def config(folder: str, **changes: Any) -> None:
    path = Path(folder)
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


@pytest.mark.usefixtures("place")
def test_an_adapter_of_another_base() -> None:
    config("adapter/adapter_config.json", base_model_name_or_path="another/base")
    assert failed() == {"adapter_names_the_base": "base_model_name_or_path is 'another/base', params.yaml has 'base'"}


@pytest.mark.usefixtures("place")
def test_a_full_fine_tune_with_stretched_positions_and_a_stop_of_its_own() -> None:
    make_tiny_base(Path("tuned"), seed=2)
    config("tuned/config.json", max_position_embeddings=4096)
    config("tuned/generation_config.json", eos_token_id=[1, 77])
    found = failed("tuned")
    assert found["adapter_names_the_base"] == "max_position_embeddings is 4096, the base has 1024"
    assert found["stop_tokens_as_served"] == "evaluated with stop tokens [1, 77], the base has [1]"


@pytest.mark.usefixtures("place")
def test_a_base_whose_sampling_vllm_does_not_know() -> None:
    config("base/generation_config.json", no_repeat_ngram_size=3)
    assert failed() == {"sampling_as_evaluated": "no_repeat_ngram_size is 3"}


@pytest.mark.usefixtures("place")
def test_a_template_or_a_vocabulary_beside_the_adapter() -> None:
    Path("adapter/chat_template.jinja").write_text("{{ messages }}")
    assert failed() == {"tokenizer_as_served": "chat template is not the base's"}
    Path("adapter/chat_template.jinja").unlink()
    shutil.copy("base/tokenizer.json", "adapter")
    assert failed() == {}
    content = json.loads(Path("adapter/tokenizer.json").read_text())
    content["added_tokens"].append({**content["added_tokens"][0], "id": 9999, "content": "<|new|>"})
    Path("adapter/tokenizer.json").write_text(json.dumps(content))
    assert failed() == {"tokenizer_as_served": "added tokens is not the base's"}


@pytest.mark.usefixtures("place")
def test_a_full_fine_tune_without_a_tokenizer() -> None:
    make_tiny_base(Path("tuned"), seed=2)
    Path("tuned/tokenizer.json").unlink()
    assert "no vocabulary: a server cannot write prompts" in failed("tuned")["tokenizer_as_served"]


@pytest.mark.usefixtures("place")
def test_a_server_without_room() -> None:
    (detail,) = failed(room=8).values()
    assert detail.endswith("of 8")
    assert list(failed(room=8)) == ["lengths_fit_the_server"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text.replace("{% generation %}", "").replace("{% endgeneration %}", ""), "0 trained answers"),
        (lambda text: text + "{# strftime_now #}", "the chat template writes the date of the day"),
    ],
)
@pytest.mark.usefixtures("place")
def test_a_template_that_trains_something_else(change: Callable[[str], str], said: str) -> None:
    from tunegate.probe.labels import labels_train_the_answer
    from tunegate.records.example import read_examples

    loaded = load_base(Base(model="base"))
    loaded.tokenizer.chat_template = change(loaded.tokenizer.chat_template)
    check = labels_train_the_answer(loaded, read_examples(Path("data/train.jsonl")))
    assert not check.passed
    assert said in check.detail


@pytest.mark.usefixtures("place")
def test_a_stop_token_inside_a_trained_answer() -> None:
    from tunegate.probe.labels import labels_train_the_answer
    from tunegate.records.example import read_examples

    rows = read_examples(Path("data/train.jsonl"))
    loaded = load_base(Base(model="base"))
    chat = [message.plain() for message in rows[0].messages]
    inside = loaded.tokenizer(chat[-1]["content"], add_special_tokens=False)["input_ids"][0]
    check = labels_train_the_answer(loaded._replace(stops=(*loaded.stops, inside)), rows)
    assert not check.passed
    assert "a stop token inside an answer" in check.detail
