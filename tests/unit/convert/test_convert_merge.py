"""Merging: the sum in 32 bits, rounded once; a quantised base is refused; what is written can be served."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file
from tiny_base import make_tiny_base

from tunegate.convert import quantise
from tunegate.convert.__main__ import main
from tunegate.convert.merge import merge
from tunegate.convert.stage import Paths, convert
from tunegate.core.convert_settings import Convert
from tunegate.core.errors import MachineError, ModelError, SettingsError
from tunegate.core.files import digest_tree, read_json
from tunegate.core.settings import Base, Variant
from tunegate.models.adapter import load_candidate
from tunegate.models.base import load_base
from tunegate.models.generate import Limits, generate, render

CHATS = [[{"role": "user", "content": text}] for text in ("The camera is late.", "Is the router broken?", "a")]


@pytest.fixture
def paths(tiny_base: Path, tmp_path: Path) -> Paths:
    """An adapter with random weights on the tiny base, its record, and where the variant goes."""
    torch.manual_seed(1)
    config = LoraConfig(r=4, target_modules="all-linear", init_lora_weights=False, task_type="CAUSAL_LM")
    get_peft_model(load_base(Base(model=str(tiny_base))).model, config).save_pretrained(str(tmp_path / "adapter"))
    (tmp_path / "training").mkdir()
    (tmp_path / "training" / "record.json").write_text('{"settings": {"rank": 4}}', encoding="utf-8")
    return Paths(*(tmp_path / name for name in ("data", "adapter", "training", "out", "record")))


def run(base: Path, paths: Paths, **settings: object) -> list[str]:
    said: list[str] = []
    variant = Variant(of="triage", convert=Convert.model_validate(settings))
    convert(Base(model=str(base)), variant, paths, said.append)
    return said


def test_in_32_bits_it_answers_as_base_and_adapter_do(tiny_base: Path, paths: Paths) -> None:
    said = run(tiny_base, paths, dtype="float32")
    base = Base(model=str(tiny_base))
    apart, merged = load_candidate(base, paths.adapter), load_candidate(base, paths.out)
    prompts = render(apart.tokenizer, CHATS)
    assert generate(merged, prompts, Limits(12)) == generate(apart, prompts, Limits(12))
    assert generate(merged, prompts, Limits(12)) != generate(load_base(base), prompts, Limits(12))
    assert said[0].startswith("merged, float32: ")


def test_sixteen_bits_are_the_sum_rounded_once(tiny_base: Path, paths: Paths) -> None:
    exact = merge(Base(model=str(tiny_base)), paths.adapter, "float32").model.state_dict()
    run(tiny_base, paths)
    written = load_file(paths.out / "model.safetensors")
    assert written
    for name, tensor in written.items():
        assert tensor.dtype == torch.bfloat16
        assert torch.equal(tensor, exact[name].to("cpu", torch.bfloat16)), name


def test_the_record_says_what_it_was_made_of_and_what_it_saves(tiny_base: Path, paths: Paths) -> None:
    run(tiny_base, paths)
    record = read_json(paths.record / "record.json", ModelError, next_step="")
    assert record["made_of"] == digest_tree(paths.adapter)
    assert record["adapter"] == digest_tree(paths.out)
    assert record["settings"]["train"] == {"rank": 4}
    before = sum(path.stat().st_size for folder in (tiny_base, paths.adapter) for path in folder.glob("*.safetensors"))
    after = (paths.out / "model.safetensors").stat().st_size
    assert record["bytes"] == {"before": before, "after": after}
    assert after < 0.6 * before
    assert record["environment"]["peft"] == record["libraries"]["peft"]


def test_only_what_a_server_loads_is_written_and_the_same_bytes_each_time(tiny_base: Path, paths: Paths) -> None:
    run(tiny_base, paths)
    names = {path.name for path in paths.out.iterdir()}
    assert {"config.json", "model.safetensors", "tokenizer.json", "chat_template.jinja"} <= names
    assert {path.suffix for path in paths.out.iterdir()} == {".json", ".safetensors", ".jinja"}
    first = digest_tree(paths.out)
    shutil.rmtree(paths.out)
    run(tiny_base, paths)
    assert digest_tree(paths.out) == first
    assert str(tiny_base) not in (paths.out / "config.json").read_text(encoding="utf-8")


def test_a_full_fine_tune_is_only_rounded(tiny_base: Path, paths: Paths, tmp_path: Path) -> None:
    whole = make_tiny_base(tmp_path / "whole", seed=3)
    run(tiny_base, paths._replace(adapter=whole))
    exact, written = load_file(whole / "model.safetensors"), load_file(paths.out / "model.safetensors")
    assert all(torch.equal(tensor, exact[name].to("cpu", torch.bfloat16)) for name, tensor in written.items())
    size = (whole / "model.safetensors").stat().st_size
    assert read_json(paths.record / "record.json", ModelError, next_step="")["bytes"]["before"] == size


@pytest.mark.parametrize("kind", ["bitsandbytes", "gptq", "compressed-tensors"])
def test_merging_into_a_quantised_base_is_refused(tiny_base: Path, paths: Paths, tmp_path: Path, kind: str) -> None:
    quantised = shutil.copytree(tiny_base, tmp_path / "quantised")
    config = json.loads((quantised / "config.json").read_text(encoding="utf-8"))
    config["quantization_config"] = {"quant_method": kind, "load_in_4bit": True}
    (quantised / "config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(ModelError, match=f"is quantised already \\({kind}\\): merging would round") as fault:
        run(quantised, paths)
    assert "name the base in 16 bits" in fault.value.next_step
    assert not paths.out.exists()


def test_without_the_quantiser_it_says_what_to_install(
    tiny_base: Path, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quantise, "find_spec", lambda _name: None)
    with pytest.raises(MachineError, match="needs llm-compressor, which is not installed") as fault:
        run(tiny_base, paths, method="gptq")
    assert "make quantize" in fault.value.next_step
    assert not paths.out.exists()


def test_a_group_that_does_not_divide_a_layer_names_those_that_do(
    tiny_base: Path, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quantise, "find_spec", lambda _name: object())  # asked before anything of it is imported
    with pytest.raises(
        ModelError, match=r"convert\.group_size 1024 does not divide the \d+ inputs of a layer"
    ) as fault:
        run(tiny_base, paths, method="awq", group_size=1024)
    assert fault.value.next_step.startswith("set it to ")


def test_an_unknown_variant_is_told_those_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).parents[3])
    monkeypatch.setattr("sys.argv", ["convert", "tiny", "a", "b", "c", "d", "e"])
    with pytest.raises(SettingsError, match="no variant 'tiny'; there is none"):
        main()
