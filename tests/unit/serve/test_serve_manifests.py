"""Compose file and Kubernetes manifests: valid by their schemas, and no more than they need."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator
from serve_cases import CLUSTER, FULL, OWN, PARAMS, ROOT, WANTS, params

from tunegate.core.settings import Params
from tunegate.serve.compose import compose
from tunegate.serve.kubernetes import kubernetes
from tunegate.serve.plan import Wanted, wanted, whole
from tunegate.serve.render import whole_configs

ALONE = wanted([FULL], [])


@pytest.mark.parametrize(("host", "said", "allowed"),
                         [("127.0.0.1", None, True), ("0.0.0.0", None, False), ("0.0.0.0", True, True),  # noqa: S104
                          ("127.0.0.1", False, False)])  # fmt: skip
def test_only_this_machine_may_change_adapters_unless_told(host: str, said: bool | None, allowed: bool) -> None:  # noqa: FBT001
    variables = yaml.safe_load(compose(WANTS, params(host=host, runtime_updates=said)))["services"]["vllm"][
        "environment"
    ]
    assert ("VLLM_ALLOW_RUNTIME_LORA_UPDATING" in variables) is allowed
    assert variables["VLLM_PLUGINS"] == ""  # no resolver that loads what a request names


@pytest.mark.parametrize("wants", [WANTS, OWN, ALONE])
@pytest.mark.parametrize("settings", [PARAMS, CLUSTER])
def test_compose_is_valid_by_the_compose_specification(settings: Params, wants: list[Wanted], tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text(compose(wants, settings), encoding="utf-8")
    words = ["-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(tmp_path / "compose.yaml")]
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


KINDS = {"ConfigMap": "core", "Service": "core", "Deployment": "apps"}
SCHEMA = json.loads((ROOT / "tests" / "schemas" / "kubernetes-1.37.json").read_text(encoding="utf-8"))


def kubernetes_faults(document: dict[str, Any]) -> list[str]:
    kind = document["kind"]
    schema = {**SCHEMA, "$ref": f"#/$defs/io.k8s.api.{KINDS[kind]}.v1.{kind}"}
    return [f"{kind}: {fault.message}" for fault in Draft7Validator(schema).iter_errors(document)]


@pytest.mark.parametrize("settings", [params(repository="https://git.example.com/a.git"), CLUSTER])
def test_manifests_are_valid_by_kubernetes_own_schema(settings: Params) -> None:
    documents = list(yaml.safe_load_all(kubernetes(WANTS, settings, 2.5)))
    assert [document["kind"] for document in documents] == ["ConfigMap", "Deployment", "Service"]
    assert [fault for document in documents for fault in kubernetes_faults(document)] == []
    documents[1]["spec"]["template"]["spec"]["containers"][0]["readynessProbe"] = {}
    assert kubernetes_faults(documents[1])  # the schema does see a misspelt key


def memory(documents: list[dict[str, Any]]) -> list[str]:
    """What each Deployment's server asks for."""
    pods = [document["spec"]["template"]["spec"] for document in documents if document["kind"] == "Deployment"]
    return [pod["containers"][0]["resources"]["requests"]["memory"] for pod in pods]


def test_a_full_fine_tune_and_a_variant_have_a_deployment_and_a_service_of_their_own() -> None:
    documents = list(yaml.safe_load_all(kubernetes(OWN, CLUSTER, 8)))
    assert [fault for document in documents for fault in kubernetes_faults(document)] == []
    names = [document["metadata"]["name"] for document in documents if document["kind"] == "Service"]
    assert names == ["tunegate-vllm", "tunegate-vllm-triage-v2-0-0", "tunegate-vllm-triage-int8-v1-0-0"]
    selectors = [document["spec"]["selector"] for document in documents if document["kind"] == "Service"]
    assert len({json.dumps(selector) for selector in selectors}) == 3  # no Service sends requests to another's pods
    pods = [document["spec"]["template"]["spec"] for document in documents if document["kind"] == "Deployment"]
    assert [pod["initContainers"][0]["args"][4:] for pod in pods] == [
        ["reply@v1.0.0"], ["triage@v2.0.0"], ["triage-int8@v1.0.0"],
    ]  # fmt: skip
    assert memory(documents) == ["12Gi", "12Gi", "12Gi"]  # all three in 16 bits


def test_a_variant_in_16_bits_gets_half_the_room_of_a_base_in_32() -> None:
    settings = params(repository="https://git.example.com/support.git")
    assert settings.base.dtype == "float32"
    found = memory(list(yaml.safe_load_all(kubernetes(OWN, settings, 8))))
    assert found == ["13Gi", "13Gi", "8Gi"]  # 1.2 times the weights, 1 GiB for the cache, 2 for Python


def test_a_container_of_each_on_the_port_that_its_file_names() -> None:
    services = yaml.safe_load(compose(OWN, PARAMS))["services"]
    files = whole_configs(whole(OWN), PARAMS)
    assert list(services) == ["vllm", "triage-v2.0.0", "triage-int8-v1.0.0"]
    for name in ("triage-v2.0.0", "triage-int8-v1.0.0"):
        port = yaml.safe_load(files[f"vllm-{name}.yaml"])["port"]
        assert services[name]["command"][:2] == ["--config", f"serving/vllm-{name}.yaml"]
        assert services[name]["ports"] == [f"127.0.0.1:{port}:{port}"]
        assert "VLLM_ALLOW_RUNTIME_LORA_UPDATING" not in services[name]["environment"]
    assert list(yaml.safe_load(compose(ALONE, PARAMS))["services"]) == ["triage-v2.0.0"]


def test_a_pod_fetches_exactly_the_rendered_versions() -> None:
    settings = params(repository="https://git.example.com/a.git")
    deployment = list(yaml.safe_load_all(kubernetes(WANTS, settings, 2.5)))[1]
    arguments = deployment["spec"]["template"]["spec"]["initContainers"][0]["args"]
    assert arguments[-4:] == ["reply@v1.0.0", "triage@v1.9.0", "triage@v1.8.0", "triage@v1.10.0"]
    container = deployment["spec"]["template"]["spec"]["containers"][0]
    assert "VLLM_ALLOW_RUNTIME_LORA_UPDATING" not in {entry["name"] for entry in container["env"]}
