"""What a bundle says: the card, the bill of materials and the provenance, as rendered; the same bytes each time."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import signed_release as project
from jsonschema import Draft7Validator
from referencing import Registry, Resource
from signed_release import OUT

from tunegate.core.files import file_digests

SCHEMAS = Path(__file__).parents[2] / "schemas" / "cyclonedx-1.6.json"


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    project.start()
    project.measure(1)
    project.run()
    return tmp_path / OUT


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["README.md", "bom.cdx.json", "provenance.json"])
def test_as_rendered(bundle: Path, name: str, golden: Callable[[str, str], None]) -> None:
    golden(f"release/{name}", (bundle / name).read_text(encoding="utf-8"))


def test_the_same_inputs_give_the_same_bytes(bundle: Path) -> None:
    before = file_digests(bundle)
    project.run()
    assert file_digests(bundle) == before


def test_the_bill_of_materials_keeps_the_official_schema(bundle: Path) -> None:
    schemas = read(SCHEMAS)  # of the package cyclonedx-python-lib 11.12, Apache-2.0
    registry: Registry[Any] = Registry().with_resources(
        (f"http://cyclonedx.org/schema/{name}.SNAPSHOT.schema.json", Resource.from_contents(schema))
        for name, schema in schemas.items()
    )
    validator = Draft7Validator(schemas["bom-1.6"], registry=registry)
    assert [error.message for error in validator.iter_errors(read(bundle / "bom.cdx.json"))] == []
    broken = read(bundle / "bom.cdx.json") | {"components": [{"type": "model"}]}
    assert list(validator.iter_errors(broken))


def test_the_provenance_names_every_file_of_the_adapter_and_of_the_evidence(bundle: Path) -> None:
    statement, here = read(bundle / "provenance.json"), file_digests(bundle)
    subjects = {one["name"]: one["digest"]["sha256"] for one in statement["subject"]}
    assert subjects == {name: digest for name, digest in here.items() if name.startswith("adapter/")}
    materials = statement["predicate"]["buildDefinition"]["resolvedDependencies"]
    scores = {one["name"]: one["digest"]["sha256"] for one in materials if "sha256" in one.get("digest", {})}
    assert scores == {name: digest for name, digest in here.items() if name.startswith("scores/")}
