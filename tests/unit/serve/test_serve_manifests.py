"""Compose file and Kubernetes manifests: valid by their schemas, and no more than they need."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator
from serve_cases import CLUSTER, PARAMS, ROOT, WANTS, params

from tunegate.core.settings import Params
from tunegate.serve.compose import compose
from tunegate.serve.kubernetes import kubernetes


@pytest.mark.parametrize(("host", "said", "allowed"),
                         [("127.0.0.1", None, True), ("0.0.0.0", None, False), ("0.0.0.0", True, True),  # noqa: S104
                          ("127.0.0.1", False, False)])  # fmt: skip
def test_only_this_machine_may_change_adapters_unless_told(host: str, said: bool | None, allowed: bool) -> None:  # noqa: FBT001
    variables = yaml.safe_load(compose(params(host=host, runtime_updates=said)))["services"]["vllm"]["environment"]
    assert ("VLLM_ALLOW_RUNTIME_LORA_UPDATING" in variables) is allowed
    assert variables["VLLM_PLUGINS"] == ""  # no resolver that loads what a request names


@pytest.mark.parametrize("settings", [PARAMS, CLUSTER])
def test_compose_is_valid_by_the_compose_specification(settings: Params, tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text(compose(settings), encoding="utf-8")
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


def test_a_pod_fetches_exactly_the_rendered_versions() -> None:
    settings = params(repository="https://git.example.com/a.git")
    deployment = list(yaml.safe_load_all(kubernetes(WANTS, settings, 2.5)))[1]
    arguments = deployment["spec"]["template"]["spec"]["initContainers"][0]["args"]
    assert arguments[-4:] == ["reply@v1.0.0", "triage@v1.9.0", "triage@v1.8.0", "triage@v1.10.0"]
    container = deployment["spec"]["template"]["spec"]["containers"][0]
    assert "VLLM_ALLOW_RUNTIME_LORA_UPDATING" not in {entry["name"] for entry in container["env"]}
