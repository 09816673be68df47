"""What a bundle was made from, as an in-toto statement, and what it is made of, as a CycloneDX ML-BOM.

Both are pure functions of the bundle's inputs: no time, no commit. The commit is in the tag and in what is signed.
Formats: https://github.com/in-toto/attestation (Statement v1), https://slsa.dev/spec/v1.0/provenance, and
https://cyclonedx.org/docs/1.6/json (modelCard). Digests of folders are those of core.files.digest_tree, under the name
`tunegateTree`, since no registered name fits.
"""

from collections.abc import Mapping
from typing import Any

from tunegate.core.settings import Release
from tunegate.records.manifest import Manifest

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://slsa.dev/provenance/v1"
BUILD_TYPE = "urn:tunegate:dvc-pipeline:v1"
TREE = "tunegateTree"
Json = dict[str, Any]


def provenance(manifest: Manifest, training: Json, evidence: Mapping[str, str], adapter: Mapping[str, str]) -> Json:
    """The statement: its subjects are the files of the adapter.

    `training` is the training record; `evidence` and `adapter` are the SHA-256 of the score files and of the adapter's
    files, by their path in the bundle.
    """
    folders = {"base": manifest.base_digest, "data": manifest.data}
    settings = {"train": training.get("settings", {})}
    if manifest.variant:
        folders |= {f"adapter of {manifest.variant.key}": manifest.variant.made_of}
        settings = training.get("settings", {})  # of both steps, by name
    return {
        "_type": STATEMENT,
        "subject": [{"name": name, "digest": {"sha256": digest}} for name, digest in sorted(adapter.items())],
        "predicateType": PREDICATE,
        "predicate": {
            "buildDefinition": {
                "buildType": BUILD_TYPE,
                "externalParameters": {
                    "key": manifest.key,
                    "base": {"model": manifest.base, "revision": manifest.base_revision},
                    **settings,
                    "gate": manifest.policy,
                },
                "internalParameters": {"hardware": training.get("hardware", {})},
                "resolvedDependencies": [
                    *({"name": name, "digest": {TREE: digest}} for name, digest in folders.items()),
                    *({"name": name, "digest": {"sha256": digest}} for name, digest in sorted(evidence.items())),
                    *({"uri": _purl(name, version)} for name, version in _environment(training)),
                ],
            },
            "runDetails": {"builder": {"id": "urn:tunegate:stage:train"}},
        },
    }


def bom(manifest: Manifest, release: Release, training: Json) -> Json:
    """The bill of materials: the adapter with its model card, its base, its data, and the libraries that made it."""
    libraries = [
        {"type": "library", "bom-ref": _purl(name, version), "name": name, "version": version,
         "purl": _purl(name, version)}
        for name, version in _libraries(training)
    ]  # fmt: skip
    base: Json = {"type": "machine-learning-model", "bom-ref": "base", "name": manifest.base,
                  "properties": [_property("digest", manifest.base_digest)]}  # fmt: skip
    if manifest.base_revision:
        base["version"] = manifest.base_revision
    data = {"type": "data", "bom-ref": "data", "name": f"{manifest.key}, clean rows",
            "properties": [_property("digest", manifest.data)]}  # fmt: skip
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": _model(manifest, release)},
        "components": [base, data, *libraries],
        "dependencies": [{"ref": "model", "dependsOn": ["base", "data", *(str(one["bom-ref"]) for one in libraries)]}],
    }


def _model(manifest: Manifest, release: Release) -> Json:
    metrics = [{"type": name, "value": f"{score:.4f}", "slice": "test"} for name, score in manifest.scores.items()]
    return {
        "type": "machine-learning-model",
        "bom-ref": "model",
        "name": manifest.key,
        "description": release.description,
        "licenses": [{"license": {"name": release.license}}],
        "modelCard": {
            "modelParameters": {
                "task": "text-generation",
                "approach": {"type": "supervised"},
                "datasets": [{"ref": "data"}],
            },
            "quantitativeAnalysis": {"performanceMetrics": metrics},
            "considerations": {"useCases": [release.intended_use]},
        },
        "properties": [
            _property("digest", manifest.adapter),
            _property("method", manifest.method),
            _property("verdict", manifest.outcome),
        ],
    }


def _property(name: str, value: str) -> Json:
    return {"name": f"tunegate:{name}", "value": value}


def _environment(training: Json) -> list[tuple[str, str]]:
    """All packages that were installed where it was trained; records of older versions name only the libraries."""
    found = training.get("environment") or dict(_libraries(training))
    return sorted((str(name), str(version)) for name, version in found.items())


def _libraries(training: Json) -> list[tuple[str, str]]:
    found = training.get("libraries", {})
    return sorted((str(name), str(version)) for name, version in found.items() if name != "python")


def _purl(name: str, version: str) -> str:
    return f"pkg:pypi/{name.lower().replace('_', '-')}@{version.replace('+', '%2B')}"
