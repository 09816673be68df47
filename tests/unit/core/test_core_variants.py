"""Variants in params.yaml: an adapter's settings in another form, and every fault told with its line."""

from pathlib import Path

import factories
import pytest
import yaml

from tunegate.core.errors import SettingsError
from tunegate.core.params import adapter_of, load_params
from tunegate.core.settings import Params


def params(tmp_path: Path, variants: object, **gate: object) -> Params:
    path = factories.write_params(tmp_path / "params.yaml")
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    content["variants"] = variants
    content["adapters"]["triage"]["gate"].update(gate)
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return load_params(path)


def test_a_variant_is_held_to_what_its_adapter_is_held_to(tmp_path: Path) -> None:
    waiver = {"gate": "floor/schema_valid", "reason": "known and accepted", "by": "Ada", "expires": "2026-12-31"}
    other = {"version": "1.0.0", "scores": "a" * 64}
    found = params(tmp_path, {"small": {"of": "triage"}}, waivers=[waiver], released=other, human={})
    small, triage = adapter_of(found, "small"), adapter_of(found, "triage")
    assert list(found.releases) == ["triage", "small"]
    assert (small.gate.gains, small.gate.floors, small.gate.forgetting) == (
        triage.gate.gains,
        triage.gate.floors,
        triage.gate.forgetting,
    )
    assert (small.evaluate, small.release) == (triage.evaluate, triage.release)
    assert (small.gate.waivers, small.gate.released, small.gate.human) == ((), None, None)
    assert (small.gate.task, triage.gate.task) == ("triage", "")


def test_the_base_is_run_in_the_variants_number_format(tmp_path: Path) -> None:
    found = params(tmp_path, {"small": {"of": "triage", "convert": {"dtype": "float16"}}})
    assert (found.base_of("small").dtype, found.base_of("triage").dtype) == ("float16", "float32")
    assert found.base_of("small").model == found.base.model


def test_an_adapters_policy_is_written_as_it_was_before_there_were_variants(tmp_path: Path) -> None:
    found = params(tmp_path, {"small": {"of": "triage", "max_drop": 0.02}})
    assert "parent" not in adapter_of(found, "triage").gate.model_dump(mode="json")
    assert adapter_of(found, "small").gate.model_dump(mode="json")["parent"] == {"key": "triage", "max_drop": 0.02}


@pytest.mark.parametrize(
    ("variants", "said"),
    [
        ({"small": {"of": "tirage"}}, "variants.small.of: no adapter 'tirage'; there are: triage"),
        ({"triage": {"of": "triage"}}, "variants.triage: an adapter has this key"),
        ({"small": {"of": "triage", "convert": {"method": "awq", "scheme": "W8A8"}}}, "take gptq for W8A8"),
        ({"small": {"of": "triage", "convert": {"method": "gguf"}}}, "variants.small.convert.method"),
        ({"small": {"of": "triage", "bits": 4}}, "variants.small.bits: unknown key"),
        ({"Small": {"of": "triage"}}, "must match ^[a-z][a-z0-9-]*$"),
        ({"small": {"convert": {}}}, "variants.small.of: missing"),
    ],
)
def test_a_fault_is_named(tmp_path: Path, variants: object, said: str) -> None:
    with pytest.raises(SettingsError) as fault:
        params(tmp_path, variants)
    assert said in fault.value.message


def test_a_parent_is_not_set_by_hand(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"adapters\.triage\.gate\.parent is set from `variants`"):
        params(tmp_path, {}, parent={"key": "triage", "max_drop": 0.5})
