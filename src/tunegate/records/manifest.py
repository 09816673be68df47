"""The bundle's manifest: what is released, from what it was made, and the digest of every file."""

from collections.abc import Mapping
from typing import Literal

from pydantic import JsonValue

from tunegate.records.base import Record

SUMS = "SHA256SUMS"


class VariantOf(Record):
    """A variant: the adapter it was made of (`key`, and the digest of its folder), the form in words, the number format
    that a server has to run it in; sizes in bytes of the weights that a server loads, before (adapter and base) and
    after; the adapter's own scores.
    """

    key: str
    made_of: str
    form: str
    dtype: str
    bytes_before: int
    bytes_after: int
    scores: dict[str, float]


class Manifest(Record):
    """One release, without time, commit or version: a pure function of its inputs.

    Digests are SHA-256: of files (`files`, by path in the bundle), of folders (`adapter`, `data`; see
    core.files.digest_tree) and of what decides the base's outputs (`base_digest`); `template` of the chat template and
    `answer_schema` of the schema that answers keep: the contract with clients (None: made before they were recorded).
    `files` names all files of the bundle but the manifest itself and SHA256SUMS; `general` the tasks that the policy is
    about. A variant says in `variant` of which adapter it was made and how.
    """

    schema_version: Literal[1] = 1
    key: str
    method: Literal["lora", "full"]
    rank: int | None
    base: str
    base_revision: str | None
    base_digest: str
    adapter: str
    data: str
    template: str | None = None
    answer_schema: str | None = None
    outcome: str
    scores: dict[str, float]
    baseline_scores: dict[str, float]
    policy: dict[str, JsonValue]
    general: tuple[str, ...] = ()
    variant: VariantOf | None = None
    files: dict[str, str]


def sums(files: Mapping[str, str]) -> str:
    """SHA256SUMS: SHA-256 by path, as `sha256sum -c` reads it (https://www.gnu.org/software/coreutils/sha256sum)."""
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(files.items()))


def identity_facts(manifest: Manifest) -> dict[str, str]:
    """What a tag says of the things that a version number is about."""
    return {
        "base-digest": manifest.base_digest,
        "template": manifest.template or "none",
        "schema": manifest.answer_schema or "none",
        "data": manifest.data,
        "adapter": manifest.adapter,
    }


def variant_facts(variant: VariantOf | None) -> dict[str, str]:
    """What a tag says of a variant; nothing of an adapter."""
    return {"variant-of": variant.key, "form": variant.form, "dtype": variant.dtype} if variant else {}


def facts_of(manifest: Manifest, bundle: str, data_hash: str) -> dict[str, str]:
    """What the annotation says of a bundle, one `name: value` line each (records.released reads them)."""
    return {
        "verdict": manifest.outcome,
        "base": manifest.base,
        "method": manifest.method,
        "rank": str(manifest.rank or "none"),
        **variant_facts(manifest.variant),
        **identity_facts(manifest),
        "data-hash": data_hash or "none",
        "bundle": bundle,
        **{f"score-{name.replace('_', '-')}": str(score) for name, score in manifest.scores.items()},
    }
