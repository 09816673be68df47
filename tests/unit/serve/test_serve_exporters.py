"""Other serving systems get the same versions, names and weights in their own formats."""

from collections.abc import Callable

import pytest
import yaml
from serve_cases import CLUSTER, OWN, PARAMS, VERSIONS, WANTS, staged

from tunegate.cli.serve import SYSTEMS
from tunegate.serve.exporters import EXPORTERS
from tunegate.serve.plan import served, wanted, whole


@pytest.mark.parametrize("name", SYSTEMS)
def test_the_files_are_as_reviewed(golden: Callable[[str, str], None], name: str) -> None:
    for path, text in EXPORTERS[name](WANTS, CLUSTER).items():
        golden(f"serving/{name}/{path}", text)


@pytest.mark.parametrize("name", ["kserve", "tgi", "triton"])
def test_whole_models_get_servers_of_their_own(golden: Callable[[str, str], None], name: str) -> None:
    """Beside the adapters' server, each in its own number format."""
    files = EXPORTERS[name](OWN, CLUSTER)
    golden(f"serving/{name}/own.txt", "".join(f"## {path}\n{text}" for path, text in files.items()))
    for version in whole(OWN):
        assert version.facts["adapter"][:12] in "".join(files.values())


@pytest.mark.parametrize("name", SYSTEMS)
def test_whole_models_alone_need_no_adapter(name: str) -> None:
    wants = [want for want in OWN if want.key != "reply"]
    assert "lora" not in "".join(EXPORTERS[name](wants, CLUSTER).values()).lower()


def test_kserve_serves_as_evaluated() -> None:
    """A shell splits the words: JSON in quotes would not survive it."""
    for document in yaml.safe_load_all(EXPORTERS["kserve"](OWN, CLUSTER)["llminferenceservice.yaml"]):
        (main,) = document["spec"]["template"]["containers"]
        (words,) = (one["value"] for one in main["env"] if one["name"] == "VLLM_ADDITIONAL_ARGS")
        assert "--override-generation-config.temperature=0" in words
        assert "--tensor-parallel-size=2" in words
        assert not set(words) & set("{}\"'$")


def test_every_system_on_the_command_line_has_an_exporter() -> None:
    assert tuple(EXPORTERS) == SYSTEMS


@pytest.mark.parametrize("name", [name for name in SYSTEMS if name != "llm-d"])
def test_every_version_is_named_with_the_path_that_carries_its_digest(name: str) -> None:
    text = "".join(EXPORTERS[name](WANTS, PARAMS).values())
    for version in served(WANTS):
        assert version.name in text
        assert f"{version.name}-{version.facts['adapter'][:12]}" in text


def test_llm_d_gives_weights_to_all_targets_or_to_none() -> None:
    documents = list(yaml.safe_load_all(EXPORTERS["llm-d"](WANTS, PARAMS)["inferencemodelrewrites.yaml"]))
    reply, triage = (document["spec"]["rules"][0]["targets"] for document in documents)
    assert reply == [{"modelRewrite": "reply-v1.0.0"}]
    assert [target["weight"] for target in triage] == [95, 5]


def test_an_adapter_with_a_canary_alone_gets_no_rewrite() -> None:
    wants = wanted(VERSIONS[1:], staged("canary 1.10.0"))
    assert "InferenceModelRewrite" not in EXPORTERS["llm-d"](wants, PARAMS)["inferencemodelrewrites.yaml"]


def test_a_hub_base_is_pinned_by_its_revision() -> None:
    base = PARAMS.base.model_copy(update={"model": "org/model", "revision": "a" * 40})
    hub = PARAMS.model_copy(update={"base": base})
    assert f"hf://org/model:{'a' * 40}" in EXPORTERS["kserve"](WANTS, hub)["llminferenceservice.yaml"]
    assert f"REVISION={'a' * 40}" in EXPORTERS["tgi"](WANTS, hub)["tgi.env"]
