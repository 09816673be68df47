"""docs/synthetic-data.md is as the code says."""

import re
from pathlib import Path

import yaml

from tunegate.core.data_settings import Synth

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "synthetic-data.md").read_text(encoding="utf-8")


def test_the_example_of_the_settings_is_valid_and_names_every_key() -> None:
    block = PAGE[PAGE.index("    adapters:\n") : PAGE.index("The key is read")]
    content = yaml.safe_load(re.sub(r"(?m)^( +)# (?=\w+: )", r"\1", block))
    section = content["adapters"]["triage"]["synth"]
    assert set(section) == set(Synth.model_fields)
    assert Synth.model_validate(section).max_cost == 5.0
    commented = yaml.safe_load(block)["adapters"]["triage"]["synth"]
    required = {name for name, field in Synth.model_fields.items() if field.is_required()}
    assert set(commented) == required
    shown = {name: value for name, value in section.items() if name in {"rows", "seeds", "variations", "max_tokens"}}
    assert shown == {name: Synth.model_fields[name].default for name in shown}


def test_every_code_is_explained() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "src" / "tunegate" / "synth").glob("*.py")]
    codes = {code for source in sources for code in re.findall(r'Unusable\(\s*"(\w+)"', source)}
    assert len(codes) >= 14
    table = PAGE[PAGE.index("| code | what |") : PAGE.index("## A row's origin")]
    assert set(re.findall(r"`(\w+)`(?=[,`| ][^\n]*\|)", table)) >= codes
