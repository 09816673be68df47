"""`tunegate check` names all that the settings name and the repository has not."""

import json
import shutil
from pathlib import Path

import pytest
import yaml
from factories import write_params

from tunegate.core.errors import SettingsError
from tunegate.core.params import load_params
from tunegate.gate.project import check_project

ROOT = Path(__file__).parents[3]


def test_this_repository_has_what_it_names() -> None:
    check_project(ROOT, load_params(ROOT / "params.yaml"))


def test_everything_that_is_not_there_at_once(tmp_path: Path) -> None:
    content = json.loads(write_params(tmp_path / "params.yaml").read_text(encoding="utf-8"))
    content["release_signers"] = ["nobody.pub"]
    content["adapters"]["triage"]["evaluate"]["answer_schema"] = "schema.json"
    content["adapters"]["reply"] = content["adapters"]["triage"]
    (tmp_path / "params.yaml").write_text(json.dumps(content), encoding="utf-8")
    (tmp_path / "datasets" / "triage").mkdir(parents=True)
    artifacts = {"triage": {"path": "build/release/triage"}}
    (tmp_path / "dvc.yaml").write_text(yaml.safe_dump({"artifacts": artifacts}), encoding="utf-8")
    with pytest.raises(SettingsError) as raised:
        check_project(tmp_path, load_params(tmp_path / "params.yaml"))
    _, *lines = raised.value.message.splitlines()
    assert lines == [
        "  base.model: base: no such folder; a hub id needs base.revision (its 40-digit commit)",
        "  adapters.triage.evaluate.answer_schema: datasets/triage/schema.json: no such file",
        "  adapters.reply: datasets/reply: no such folder",
        "  adapters.reply: dvc.yaml, artifacts: add `reply: {path: build/release/reply, type: model}`",
        f"  release_signers: {tmp_path}/nobody.pub: No such file or directory",
    ]


def test_before_the_data_is_there_it_is_not_asked_for(tmp_path: Path) -> None:
    write_params(tmp_path / "params.yaml")
    shutil.copytree(ROOT / "examples" / "support" / "base", tmp_path / "base")
    check_project(tmp_path, load_params(tmp_path / "params.yaml"))
    (tmp_path / "base" / "config.json").unlink()
    with pytest.raises(SettingsError, match=r"base\.model: base: no config\.json in it"):
        check_project(tmp_path, load_params(tmp_path / "params.yaml"))


def test_a_slip_of_the_pen_in_a_metrics_name(tmp_path: Path) -> None:
    """A name that no module has is a field of the answer; the schema knows its fields."""
    content = json.loads(write_params(tmp_path / "params.yaml").read_text(encoding="utf-8"))
    evaluate = content["adapters"]["triage"]["evaluate"]
    evaluate |= {"metrics": ["exact_match", "schema_valid", "intent", "rouge_l", "exact_mach"]}
    shutil.copytree(ROOT / "examples" / "support" / "base", tmp_path / "base")
    shutil.copytree(ROOT / "evals" / "metrics", tmp_path / "evals" / "metrics")
    (tmp_path / "datasets" / "triage").mkdir(parents=True)
    schema = '{"properties": {"intent": {}, "product": {}}}'
    (tmp_path / "datasets" / "triage" / "answer.json").write_text(schema, encoding="utf-8")

    def check() -> None:
        (tmp_path / "params.yaml").write_text(json.dumps(content), encoding="utf-8")
        check_project(tmp_path, load_params(tmp_path / "params.yaml"))

    check()  # without a schema a name may be any field's
    evaluate["answer_schema"] = "answer.json"
    with pytest.raises(SettingsError) as raised:
        check()
    assert "1 fault(s)" in raised.value.message
    assert "adapters.triage.evaluate.metrics: exact_mach: no metric and no field of the schema" in raised.value.message
    evaluate["metrics"].remove("exact_mach")
    check()


def test_a_headline_that_is_not_measured(tmp_path: Path) -> None:
    content = json.loads(write_params(tmp_path / "params.yaml").read_text(encoding="utf-8"))
    content["adapters"]["triage"]["release"]["headline"] = ["bleu"]
    (tmp_path / "params.yaml").write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(SettingsError, match=r"add bleu to evaluate\.metrics"):
        load_params(tmp_path / "params.yaml")
