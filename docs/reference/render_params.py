"""Write docs/reference/params.md from the settings' own schema: `python docs/reference/render_params.py`."""

import json
from pathlib import Path
from typing import Any

from tunegate.core.settings import Params

HEAD = """# params.yaml

Every key, from the schema that checks the file (`tunegate check`). Unknown keys are errors. What moving a key costs
stands beside it in `params.yaml`. An example of the section `synth`, key by key: docs/synthetic-data.md.
"""


def rows(schema: dict[str, Any], definitions: dict[str, Any], path: str) -> list[str]:
    """A section's own keys as one table, then the sections in it."""
    plain, nested = [], []
    for name, field in schema.get("properties", {}).items():
        inner, mark = section(field, definitions)
        if inner:
            where = f"{path}{name}{mark}"
            nested += [f"\n## `{where}`\n\n{inner['description']}\n", *rows(inner, definitions, f"{where}.")]
        else:
            default = "required" if name in schema.get("required", []) else f"`{json.dumps(field.get('default'))}`"
            plain.append(f"| `{path}{name}` | {kind(field)} | {default} |")
    return [*(["| key | type | default |", "|---|---|---|", *plain] if plain else []), *nested]


def section(field: dict[str, Any], definitions: dict[str, Any]) -> tuple[dict[str, Any] | None, str]:
    """The nested section of a field, if it has one, and the mark of a list or a map of it."""
    for choice in [field, *field.get("anyOf", []), *field.get("allOf", [])]:
        for mark, part in (("", choice), ("[]", choice.get("items", {})), (".KEY", _values(choice))):
            if "$ref" in part:
                return definitions[part["$ref"].rsplit("/", 1)[1]], mark
    return None, ""


def _values(choice: dict[str, Any]) -> dict[str, Any]:
    patterns: dict[str, Any] = choice.get("patternProperties", {})
    more = choice.get("additionalProperties")
    return next(iter(patterns.values()), more if isinstance(more, dict) else {})


def kind(field: dict[str, Any]) -> str:
    """The type in words, with its limits."""
    if "anyOf" in field:
        return " or ".join(kind(choice) for choice in field["anyOf"])
    if "enum" in field:
        return " or ".join(f"`{value}`" for value in field["enum"])
    if field.get("type") == "array":
        return f"list of {kind(field.get('items', {}))}"
    words = {"minimum": ">=", "exclusiveMinimum": ">", "maximum": "<=", "exclusiveMaximum": "<", "pattern": "matches"}
    limits = [f"{sign} `{field[name]}`" for name, sign in words.items() if name in field]
    return ", ".join([str(field.get("format") or field.get("type", "any")), *limits])


def page() -> str:
    """The whole page."""
    schema = Params.model_json_schema()
    return "\n".join([HEAD, *rows(schema, schema["$defs"], "")]) + "\n"


if __name__ == "__main__":
    (Path(__file__).parent / "params.md").write_text(page(), encoding="utf-8")
