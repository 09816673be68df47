"""`tunegate gate schema`: the published JSON Schema of verdict.json, generated from the record that is written."""

from pathlib import Path

from tunegate.core.files import dump_json, write_text
from tunegate.records.verdict import Verdict

IDENTIFIER = "https://json-schema.org/draft/2020-12/schema"


def schema_text() -> str:
    """The schema as JSON text."""
    return dump_json({"$schema": IDENTIFIER, **Verdict.model_json_schema(mode="serialization")}, indent=2) + "\n"


def write_schema(out: Path) -> None:
    """Write the schema to `out`."""
    write_text(out, schema_text())
