"""The rendered files: which versions, which names, and what vLLM accepts."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from serve_cases import CLUSTER, FULL, OWN, PARAMS, ROOT, SMALL, STAGES, VERSIONS, WANTS, params, staged, version

from tunegate.core.errors import ModelError, ReleaseRefused, SettingsError
from tunegate.core.params import parse_params
from tunegate.records.stages import Assignment
from tunegate.serve.base import base_gib, memory_gib, on_one_base
from tunegate.serve.compose import compose
from tunegate.serve.kubernetes import kubernetes
from tunegate.serve.plan import Wanted, folder, served, wanted, whole
from tunegate.serve.render import config, max_rank, whole_configs
from tunegate.serve.routes import routes
from tunegate.vllm.settings import RANKS


def names(wants: list[Wanted]) -> list[str]:
    return [v.name for v in served(wants)]


def test_without_stages_the_newest_and_the_one_before_are_served() -> None:
    assert names(wanted(VERSIONS, [])) == ["reply-v1.0.0", "triage-v1.10.0", "triage-v1.9.0"]


def test_with_stages_production_the_one_before_and_the_canary_are_served() -> None:
    triage = wanted(VERSIONS, STAGES)[1]
    assert triage == Wanted("triage", prod=VERSIONS[2], previous=VERSIONS[3], canary=VERSIONS[1])


def test_adapters_without_stages_stay_as_they_were_beside_one_with_stages() -> None:
    assert names(wanted(VERSIONS, STAGES))[0] == "reply-v1.0.0"


def test_a_rollback_is_an_assignment_and_ends_the_canary() -> None:
    """1.9.0, canary 1.10.0, then prod; back to 1.9.0: 1.10.0 stays loaded but is no canary."""
    stages = staged("prod 1.9.0", "canary 1.10.0", "prod 1.10.0", "prod 1.9.0")
    triage = wanted(VERSIONS, stages)[1]
    assert (triage.prod, triage.previous, triage.canary) == (VERSIONS[2], VERSIONS[1], None)
    assert "triage-v1.10.0" in names([triage])


def test_assigning_one_version_twice_keeps_the_distinct_one_before() -> None:
    triage = wanted(VERSIONS, staged("prod 1.8.0", "prod 1.9.0", "prod 1.9.0"))[1]
    assert triage.previous == VERSIONS[3]


def test_a_canary_alone_has_no_stable_name() -> None:
    triage = wanted(VERSIONS, staged("canary 1.10.0"))[1]
    assert (triage.prod, triage.canary) == (None, VERSIONS[1])
    assert "triage" not in yaml.safe_load(routes([triage], PARAMS))["routes"]


def test_a_stage_at_a_commit_without_release_is_refused() -> None:
    with pytest.raises(ReleaseRefused, match=r"triage#prod#1: no released version"):
        wanted(VERSIONS, [Assignment("triage", "prod", "", 1, "d" * 40)])


@given(st.lists(st.tuples(st.sampled_from(["prod", "canary"]), st.sampled_from(["1.8.0", "1.9.0", "1.10.0"]))))
def test_the_two_newest_production_versions_are_always_served(history: list[tuple[str, str]]) -> None:
    stages = staged(*(f"{stage} {number}" for stage, number in history))
    triage = next(want for want in wanted(VERSIONS, stages) if want.key == "triage")
    newest = list(dict.fromkeys(number for stage, number in reversed(history) if stage == "prod"))[:2]
    assert {v.version for v in triage.versions} >= set(newest)
    assert len(triage.versions) <= 3
    if triage.prod and newest:
        assert triage.prod.version == newest[0]


def test_a_full_fine_tune_gets_a_server_of_its_own_and_the_routes_know_it() -> None:
    wants = on_one_base(wanted([FULL, VERSIONS[1]], staged("prod 1.10.0", "canary 2.0.0")), PARAMS)
    assert names(wants) == ["triage-v1.10.0"]
    files = whole_configs(whole(wants), PARAMS)
    content = yaml.safe_load(files["vllm-triage-v2.0.0.yaml"])
    assert (content["served-model-name"], content["port"]) == ("triage-v2.0.0", 8001)
    assert content["model"] == folder(FULL).as_posix()
    production, canary = yaml.safe_load(routes(wants, PARAMS))["routes"]["triage"]["targets"]
    assert canary["server"] == "serving/vllm-triage-v2.0.0.yaml"
    assert "server" not in production


def test_a_variant_is_served_in_the_number_format_it_was_measured_in() -> None:
    files = whole_configs(whole(wanted([SMALL, FULL], [])), PARAMS)
    assert yaml.safe_load(files["vllm-triage-int8-v1.0.0.yaml"])["dtype"] == "bfloat16"
    assert yaml.safe_load(files["vllm-triage-v2.0.0.yaml"])["dtype"] == PARAMS.base.dtype


def test_full_fine_tunes_alone_have_no_server_of_adapters() -> None:
    wants = wanted([FULL], [])
    assert (served(wants), whole(wants)) == ([], [FULL])
    with pytest.raises(ReleaseRefused, match="only full fine-tunes"):
        config(served(wants), PARAMS)


def test_bytes_that_differ_never_come_to_lie_in_one_path() -> None:
    one, other = version("triage", "1.0.0"), version("triage", "1.0.0")
    changed = other._replace(facts={**other.facts, "adapter": "b" * 64})
    assert folder(one) != folder(changed)
    assert one.name == changed.name


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("vllm.yaml", config(served(WANTS), PARAMS)),
        ("routes.yaml", routes(WANTS, PARAMS)),
        ("compose-cpu.yaml", compose(WANTS, PARAMS)),
        ("compose-gpu.yaml", compose(WANTS, CLUSTER)),
        ("kubernetes-cpu.yaml", kubernetes(WANTS, params(repository="https://git.example.com/support.git"), 0.01)),
        ("kubernetes-gpu.yaml", kubernetes(WANTS, CLUSTER, 15.2)),
        ("compose-own.yaml", compose(OWN, PARAMS)),
        ("kubernetes-own.yaml", kubernetes(OWN, CLUSTER, 15.2)),
    ],
)
def test_the_file_is_as_reviewed(golden: Callable[[str, str], None], name: str, text: str) -> None:
    golden(f"serving/{name}", text)


def test_the_file_holds_what_vllm_needs() -> None:
    content = yaml.safe_load(config(served(wanted(VERSIONS, [])), PARAMS))
    assert len(content["lora-modules"]) == 3
    assert content["max-cpu-loras"] == 6  # three an adapter: a canary finds room without a restart
    assert content["max-lora-rank"] == 32  # the next rank that vLLM accepts above 24
    assert json.loads(content["lora-modules"][1])["path"].startswith("serving/adapters/triage-v1.10.0-")


def test_slots_of_gpu_memory_are_bounded_by_the_setting() -> None:
    content = yaml.safe_load(config(VERSIONS, params(max_loras=4)))
    assert (content["max-loras"], content["max-cpu-loras"]) == (4, 6)


@given(st.integers(1, 512))
def test_the_rank_is_the_smallest_legal_one(rank: int) -> None:
    allowed = max_rank([version("triage", "1.0.0", rank=rank)])
    assert allowed in RANKS
    assert allowed >= rank
    assert not any(rank <= smaller < allowed for smaller in RANKS)


def test_a_rank_beyond_vllm_is_refused() -> None:
    with pytest.raises(ReleaseRefused, match="rank 1024"):
        config([version("triage", "1.0.0", rank=1024)], PARAMS)


def test_a_rank_beyond_vllm_is_a_fault_of_params_yaml_before_anything_is_trained() -> None:
    text = (ROOT / "params.yaml").read_text(encoding="utf-8").replace("rank: 16", "rank: 513", 1)
    with pytest.raises(SettingsError, match=r"adapters\.triage\.train: rank 513: vLLM serves adapters up to rank 512"):
        parse_params(text, "params.yaml")


def test_a_server_too_short_for_an_answer_is_a_fault_of_params_yaml() -> None:
    text = (ROOT / "params.yaml").read_text(encoding="utf-8").replace("max_model_len: 1024", "max_model_len: 64")
    with pytest.raises(SettingsError, match=r"serve\.max_model_len leaves no room for a prompt: triage"):
        parse_params(text, "params.yaml")


def test_float32_adapters_on_a_gpu_are_a_fault_of_params_yaml_before_anything_is_trained() -> None:
    """VLLM's LoRA kernels on a GPU assert 16 bits: seen on an H100 (decision 0030)."""
    text = (ROOT / "params.yaml").read_text(encoding="utf-8")
    on_gpu = text.replace("  port: 8000", "  device: gpu\n  port: 8000")
    with pytest.raises(SettingsError) as caught:
        parse_params(on_gpu.replace("max_model_len: 1024", "max_model_len: 64"), "params.yaml")
    assert "base.dtype float32 with serve.device gpu (triage, reply): on a GPU vLLM serves LoRA" in caught.value.message
    assert "serve.max_model_len leaves no room" in caught.value.message
    assert ", got {" not in caught.value.message
    assert parse_params(on_gpu.replace("dtype: float32", "dtype: bfloat16"), "params.yaml").serve.device == "gpu"
    whole = on_gpu.replace("method: lora ", "method: full ").replace("method: lora\n", "method: full\n")
    assert parse_params(whole, "params.yaml").base.dtype == "float32"


@pytest.mark.parametrize("weight", [1, 50, 99])
def test_weights_of_a_route_sum_to_a_hundred(weight: int) -> None:
    content = yaml.safe_load(routes(WANTS, params(canary_weight=weight)))["routes"]
    assert [sum(target["weight"] for target in route["targets"]) for route in content.values()] == [100, 100]
    assert content["triage"]["rollback"] == "triage-v1.8.0"


def test_a_version_of_another_base_is_refused_and_an_old_one_left_out() -> None:
    new, old = version("triage", "2.0.0", base="n" * 64), version("triage", "1.0.0", base="o" * 64)
    assert on_one_base([Wanted("triage", new, old)], PARAMS) == [Wanted("triage", new)]
    with pytest.raises(ReleaseRefused, match=r"another base .*: triage@v1\.0\.0"):
        on_one_base([Wanted("triage", new, None, old)], PARAMS)


def test_the_example_is_weighed_by_its_files() -> None:
    gib = base_gib(ROOT, PARAMS)
    assert gib == pytest.approx((ROOT / PARAMS.base.model / "model.safetensors").stat().st_size / 2**30, rel=0.01)
    assert memory_gib(15.2, CLUSTER) == 20
    assert memory_gib(15.2, params(kv_gib=8)) == 29


def test_a_file_that_is_no_safetensors_is_named(tmp_path: Path) -> None:
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "model.safetensors").write_bytes(b"\xff" * 64)
    other = PARAMS.model_copy(update={"base": PARAMS.base.model_copy(update={"model": "base"})})
    with pytest.raises(ModelError, match=r"model\.safetensors: not a safetensors file"):
        base_gib(tmp_path, other)


def test_a_hub_id_has_no_size_unless_it_is_given() -> None:
    hub = PARAMS.model_copy(update={"base": PARAMS.base.model_copy(update={"model": "org/m", "revision": "a" * 40})})
    assert base_gib(ROOT, hub) is None
    assert yaml.safe_load(compose(WANTS, hub))["services"]["vllm"]["volumes"][1].startswith("hub:")
