"""The bundle's manifest: what is released, from what it was made, and the digest of every file."""

from typing import Literal

from pydantic import JsonValue

from tunegate.records.base import Record


class Manifest(Record):
    """One release, without time, commit or version: a pure function of its inputs.

    Digests are SHA-256: of files (`files`, by path in the bundle), of folders (`adapter`, `data`; see
    core.files.digest_tree) and of what decides the base's outputs (`base_digest`); `template` of the chat template and
    `answer_schema` of the schema that answers keep: the contract with clients (None: made before they were recorded).
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
    files: dict[str, str]
